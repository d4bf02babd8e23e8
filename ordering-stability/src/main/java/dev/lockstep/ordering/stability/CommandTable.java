package dev.lockstep.ordering.stability;

import dev.lockstep.core.OrderTable;
import dev.lockstep.ordering.stability.CommandState.Attempt;
import dev.lockstep.ordering.stability.CommandState.Proposal;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/// One member's table of requests, candidate ids and unique ids, as one would draw it on a board:
/// the last that were executed, then all that are not, with what each waits for.
final class CommandTable {

    private static final List<String> COLUMNS = List.of("request", "CUID", "UID", "state");
    private static final String NONE = "-";

    private final Setup setup;
    private final Commands commands;
    private final Floor floor;
    private final Candidates candidates;
    private final Peers peers;
    private final Stability stability;
    private final Turns turns;

    CommandTable(
            Setup setup,
            Commands commands,
            Floor floor,
            Candidates candidates,
            Peers peers,
            Stability stability,
            Turns turns) {
        this.setup = setup;
        this.commands = commands;
        this.floor = floor;
        this.candidates = candidates;
        this.peers = peers;
        this.stability = stability;
        this.turns = turns;
    }

    OrderTable read() {
        List<List<String>> rows = new ArrayList<>();
        for (Commands.Finished done : commands.latest()) {
            String end = done.isEmpty() ? ", with nothing in it" : "";
            rows.add(
                    List.of(
                            done.id().toString(),
                            number(done.vote().candidate()),
                            number(done.vote().decided()),
                            "executed at " + done.position() + end));
        }
        List<CommandState> pending = commands.pending();
        pending.sort(
                Comparator.comparingLong(CommandTable::place).thenComparing(state -> state.id));
        for (CommandState state : pending) {
            rows.add(row(state, state.isDecided() ? decided(state) : open(state)));
        }
        return new OrderTable(COLUMNS, rows);
    }

    /// Where it comes as far as this member knows; those with a name only last.
    private static long place(CommandState state) {
        long known = Math.max(state.vote.decided(), state.vote.candidate());
        return known == 0 ? Long.MAX_VALUE : known;
    }

    private static List<String> row(CommandState state, String words) {
        Command command = state.command;
        String request = state.id + (command != null && command.sign() != null ? " (end)" : "");
        return List.of(request, number(state.vote.candidate()), number(uid(state)), words);
    }

    private static long uid(CommandState state) {
        return state.isDeciding ? 0 : state.vote.decided();
    }

    private static String number(long id) {
        return id == 0 ? NONE : Long.toString(id);
    }

    private String decided(CommandState state) {
        if (state.vote.decided() > stability.through()) {
            return "waits for " + String.join(" and ", missing(state.vote.decided()));
        }
        return state.command == null ? "stable, waits for the request itself" : "stable";
    }

    /// Who has not passed a unique id: as many would have to as make a majority.
    private List<String> missing(long uid) {
        List<String> missing = new ArrayList<>();
        for (int rank = 0; rank < setup.size(); rank++) {
            boolean isOwn = rank == setup.rank();
            long told = isOwn ? floor.announced() : peers.known(rank);
            long passed = isOwn ? candidates.stableThrough(told) : peers.stableThrough(rank);
            if (told < uid) {
                missing.add("the floor of " + setup.idAt(rank) + " (" + told + ")");
            } else if (passed < uid) {
                Mark lower = isOwn ? candidates.lowestOpen() : peers.lowestListed(rank);
                String named = lower == null ? "a lower CUID" : lower.id().toString();
                missing.add(named + " (CUID " + (passed + 1) + " at " + setup.idAt(rank) + ")");
            }
        }
        return missing;
    }

    private String open(CommandState state) {
        Command command = state.command;
        Attempt attempt = state.attempt;
        Proposal proposal = state.proposal;
        if (command == null) {
            return "known by its CUID elsewhere, waits for the request itself";
        }
        if (state.isDeciding) {
            return "decided, waits for the disk";
        }
        if (attempt != null && attempt.timestamp != 0) {
            return "accepted by %d of %d at ballot %d"
                    .formatted(
                            Long.bitCount(attempt.accepted), setup.acceptQuorum(), attempt.ballot);
        }
        if (attempt != null) {
            return "recovered at ballot %d: %d of %d have answered"
                    .formatted(attempt.ballot, answers(attempt), setup.recoveryQuorum());
        }
        if (proposal != null) {
            return "waits for the CUID of " + String.join(", ", unanswered(command, proposal));
        }
        if (state.vote.candidate() == 0 && turns.leastAfter(command) < 0) {
            return "waits for the request before it";
        }
        return "waits for the UID from " + state.id.origin();
    }

    private static int answers(Attempt attempt) {
        int count = 0;
        for (Vote vote : attempt.votes) {
            count += vote == null ? 0 : 1;
        }
        return count;
    }

    private List<String> unanswered(Command command, Proposal proposal) {
        List<String> names = new ArrayList<>();
        for (int rank = 0; rank < setup.size(); rank++) {
            if (command.isFast(rank) && proposal.candidates[rank] == 0) {
                names.add(setup.idAt(rank).toString());
            }
        }
        return names;
    }
}

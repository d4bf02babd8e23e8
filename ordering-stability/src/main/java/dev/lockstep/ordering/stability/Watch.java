package dev.lockstep.ordering.stability;

import dev.lockstep.core.Effect;
import dev.lockstep.ordering.stability.CommandState.Attempt;
import dev.lockstep.ordering.stability.StabilityMessage.Body;
import dev.lockstep.ordering.stability.StabilityMessage.Fetch;
import dev.lockstep.ordering.stability.StabilityMessage.Payload;

import java.util.ArrayList;
import java.util.List;

/// Liveness: repeats what was lost, asks for what is known by name only, and has commands recovered
/// that nobody finishes. Safety depends on nothing here.
final class Watch {

    /// So often the patience doubles at most.
    private static final int MOST_DOUBLINGS = 10;

    /// So many names in one question.
    private static final int MOST_FETCHED = 256;

    /// For so many recovery timeouts a command is left to each member that is to finish it first.
    private static final long PATIENCE = 8;

    private final Setup setup;
    private final Turn turn;
    private final Commands commands;
    private final Ledger ledger;
    private final Peers peers;
    private final Proposals proposals;
    private final Recovery recovery;
    private final Acceptor acceptor;
    private final Post post;
    private final Turns turns;

    /// Since when it is known that others are further; `Long.MAX_VALUE` if they are not.
    private long behindSince = Long.MAX_VALUE;

    private long positionThen;

    Watch(
            Setup setup,
            Turn turn,
            Commands commands,
            Ledger ledger,
            Peers peers,
            Proposals proposals,
            Recovery recovery,
            Acceptor acceptor,
            Post post,
            Turns turns) {
        this.setup = setup;
        this.turn = turn;
        this.commands = commands;
        this.ledger = ledger;
        this.peers = peers;
        this.proposals = proposals;
        this.recovery = recovery;
        this.acceptor = acceptor;
        this.post = post;
        this.turns = turns;
    }

    void tick() {
        List<CommandId> nameless = new ArrayList<>();
        List<CommandId> unheard = new ArrayList<>();
        long retry = setup.options().timing().retryNanos();
        for (CommandState state : commands.pending()) {
            if (turn.monotonicNanos() - state.since < retry || state.isDeciding) {
                continue;
            }
            Command command = state.command;
            if (command == null) {
                ask(state, nameless);
            } else if (!state.isDecided()) {
                push(state, command, unheard);
            }
        }
        if (!nameless.isEmpty() && setup.rules().asksForCommands()) {
            post.broadcast(new Fetch(nameless, true), 0);
        }
        if (!unheard.isEmpty()) {
            post.broadcast(new Fetch(unheard, false), 0);
        }
        catchUp();
        post.heartbeat();
    }

    /// Has a command asked about with others; if there are too many, the next time.
    private void ask(CommandState state, List<CommandId> asked) {
        if (asked.size() < MOST_FETCHED) {
            state.since = turn.monotonicNanos();
            asked.add(state.id);
        }
    }

    /// @param unheard takes what is asked about
    private void push(CommandState state, Command command, List<CommandId> unheard) {
        long now = turn.monotonicNanos();
        Attempt attempt = state.attempt;
        boolean isTime = now >= state.patientUntil && !turns.isBehind(command);
        if (isTime && isResponsible(state)) {
            state.since = now;
            recovery.goOn(state, command);
        } else if (attempt != null && attempt.timestamp != 0 && !state.isRefused()) {
            recovery.resend(state, command, attempt);
        } else if (state.proposal != null && state.voteSequence <= turn.durable()) {
            state.since = now;
            proposals.sendAgain(state, command);
        } else if (state.proposal == null) {
            // It may be decided without this member having heard, also when this member has begun
            // to recover it and somebody else is now the one to go on.
            ask(state, unheard);
        }
    }

    /// The origin finishes its command while it lives, else the first that does; those behind them
    /// in that line as well, each when it has waited for long. Whoever is first may reach some
    /// members only, and be too few, while those that it reaches see it live.
    private boolean isResponsible(CommandState state) {
        int origin = setup.rankOf(state.id);
        if (origin == setup.rank()) {
            return true;
        }
        if (!setup.rules().finishesForOthers()) {
            return false;
        }
        int ahead = 0;
        long leftSince = setup.rules().leftSince(state.knownSince, peers.enoughSince());
        for (int rank = 0; rank < setup.size(); rank++) {
            boolean isAhead = rank == origin || rank < setup.rank();
            if (isAhead && peers.isLive(rank)) {
                ahead++;
                leftSince = Math.max(leftSince, peers.liveSince(rank));
            }
        }
        return ahead == 0 || stepsIn(state, ahead, leftSince);
    }

    /// Without enough others there is nothing to gain: two that take turns would fill their disks
    /// with ballots. With each ballot that came to nothing the patience doubles: whoever is first
    /// may only be slow, and is never done if others begin higher ones again and again.
    private boolean stepsIn(CommandState state, int ahead, long leftSince) {
        if (leftSince == Long.MAX_VALUE) {
            return false;
        }
        if (state.leftSince != leftSince) {
            state.leftSince = leftSince;
            state.begunBefore = state.begun;
        }
        int failed = state.begun - state.begunBefore - (state.hasBallot() ? 1 : 0);
        long patience = ahead * PATIENCE * setup.options().timing().recoveryNanos();
        patience = setup.rules().patience(patience, Math.clamp(failed, 0, MOST_DOUBLINGS));
        return setup.rules().stepsIn(turn.monotonicNanos() - leftSince, patience);
    }

    /// A member is gone: what waits for its candidate need not wait long.
    void onLost(int rank) {
        for (CommandState state : commands.pending()) {
            Command command = state.command;
            boolean isStuck =
                    command != null
                            && !state.isDecided()
                            && !state.isDeciding
                            && command.isFast(rank);
            if (isStuck) {
                long soon = turn.monotonicNanos() + setup.options().timing().heartbeatNanos();
                state.patientUntil = Math.min(state.patientUntil, soon);
                state.since =
                        Math.min(
                                state.since,
                                turn.monotonicNanos() - setup.options().timing().retryNanos());
            }
        }
    }

    void onFetch(int from, Fetch fetch) {
        for (CommandId id : fetch.ids()) {
            if (setup.rankOf(id) < 0) {
                continue;
            }
            Body ending = acceptor.ending(id, fetch.lacksPayload());
            CommandState state = commands.find(id);
            if (ending != null) {
                post.send(from, ending);
            } else if (fetch.lacksPayload() && state != null && state.command != null) {
                post.send(from, new Payload(state.command));
            }
        }
    }

    /// Others have delivered more, and have done so for a while: asks the host for history.
    private void catchUp() {
        if (peers.furthest() <= ledger.delivered() || ledger.delivered() != positionThen) {
            positionThen = ledger.delivered();
            behindSince = Long.MAX_VALUE;
        }
        if (peers.furthest() > ledger.delivered()) {
            long now = turn.monotonicNanos();
            if (behindSince == Long.MAX_VALUE) {
                behindSince = now;
            } else if (now - behindSince >= setup.options().timing().recoveryNanos()) {
                behindSince = now;
                turn.emit(new Effect.NeedHistory<>(ledger.delivered() + 1));
            }
        }
    }
}

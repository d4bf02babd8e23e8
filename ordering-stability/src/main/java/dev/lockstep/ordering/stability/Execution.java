package dev.lockstep.ordering.stability;

import dev.lockstep.core.Batch;
import dev.lockstep.core.HistoryEntry;
import dev.lockstep.core.Invariant;

import org.jspecify.annotations.Nullable;

import java.util.List;
import java.util.TreeSet;

/// Decided commands and their execution: the smallest stable one is next.
final class Execution {

    private final Setup setup;
    private final Turn turn;
    private final Commands commands;
    private final Ledger ledger;
    private final Floor floor;
    private final Candidates candidates;
    private final Peers peers;
    private final Stability stability;
    private final Waypoints waypoints;
    private final Proposals proposals;

    /// Decided and not executed.
    private final TreeSet<Mark> decided = new TreeSet<>();

    /// The last position that is durable here.
    private long durablePosition;

    Execution(
            Setup setup,
            Turn turn,
            Commands commands,
            Ledger ledger,
            Floor floor,
            Candidates candidates,
            Peers peers,
            Stability stability,
            Waypoints waypoints,
            Proposals proposals) {
        this.setup = setup;
        this.turn = turn;
        this.commands = commands;
        this.ledger = ledger;
        this.floor = floor;
        this.candidates = candidates;
        this.peers = peers;
        this.stability = stability;
        this.waypoints = waypoints;
        this.proposals = proposals;
    }

    /// A command's unique id is known; writes it down unless it is.
    void decide(CommandState state, long timestamp) {
        long before = state.vote.decided();
        Invariant.check(
                before == 0 || before == timestamp,
                "a command has one unique id",
                before,
                timestamp);
        if (state.isExecuted() || decided.contains(new Mark(timestamp, state.id))) {
            return;
        }
        Invariant.check(
                timestamp > 0 && !ledger.done().contains(state.id),
                "what is decided is not executed yet",
                timestamp);
        boolean isNew = before == 0;
        state.vote = state.vote.withDecided(timestamp);
        if (isNew || (state.command != null && state.commandSequence == 0)) {
            commands.save(state);
        }
        state.proposal = null;
        state.attempt = null;
        state.since = turn.monotonicNanos();
        decided.add(state.mark());
        onDecided(state);
    }

    private void onDecided(CommandState state) {
        long timestamp = state.vote.decided();
        commands.note(timestamp);
        floor.want(timestamp);
        peers.onDecided(state.id);
        if (state.vote.candidate() != 0) {
            candidates.onDecided(new Mark(state.vote.candidate(), state.id));
        }
    }

    /// Executes what is stable.
    void advance() {
        if (decided.isEmpty() || ledger.hasEnded()) {
            return;
        }
        long stable = stability.through();
        while (!decided.isEmpty() && !ledger.hasEnded()) {
            Mark next = decided.getFirst();
            CommandState state = commands.find(next.id());
            if (next.timestamp() > stable || state == null || state.command == null) {
                return;
            }
            execute(state, state.command, ledger.substitute(state.command));
            long position = state.position;
            turn.afterSync(() -> onDurable(state, position));
        }
    }

    private void execute(CommandState state, Command command, @Nullable Batch empty) {
        Mark mark = state.mark();
        decided.remove(mark);
        if (state.commandSequence == 0) {
            commands.save(state);
        }
        turn.persist(new StabilityRecord.Executed(ledger.delivered() + 1, mark, empty));
        ledger.append(command, mark, empty);
        onExecuted(state, empty == null ? command.batch() : null);
    }

    private void onExecuted(CommandState state, @Nullable Batch batch) {
        commands.onExecuted(state, ledger.delivered(), batch == null);
        waypoints.note(ledger.delivered(), state.commandSequence);
        proposals.onExecuted(state, batch);
    }

    private void onDurable(CommandState state, long position) {
        durablePosition = Math.max(durablePosition, position);
        if (state.vote.candidate() != 0) {
            candidates.settle(new Mark(state.vote.candidate(), state.id), position);
        }
        commands.onSettled(state);
    }

    /// Takes delivered history from another member.
    void onHistory(List<HistoryEntry> entries) {
        for (HistoryEntry entry : entries) {
            Anchor anchor = ledger.next(entry);
            if (anchor == null) {
                if (entry.position() <= ledger.delivered()) {
                    continue;
                }
                return;
            }
            long sequence = turn.persist(new StabilityRecord.Learnt(entry));
            CommandState state = learn(entry, anchor, sequence);
            long position = state.position;
            turn.afterSync(() -> onDurable(state, position));
        }
    }

    private CommandState learn(HistoryEntry entry, Anchor anchor, long sequence) {
        Mark mark = anchor.mark();
        CommandState state = commands.obtain(mark.id());
        long before = state.vote.decided();
        Invariant.check(
                before == 0 || before == mark.timestamp(),
                "a command has one unique id",
                before,
                mark.timestamp());
        // A decision of this member's own that is on its way to the disk is the same one.
        state.isDeciding = false;
        state.vote = state.vote.withDecided(mark.timestamp());
        onDecided(state);
        decided.remove(mark);
        if (state.commandSequence == 0 || sequence < state.commandSequence) {
            state.commandSequence = sequence;
        }
        ledger.append(entry, anchor);
        onExecuted(state, entry.batch());
        return state;
    }

    // --- from the journal ---

    void onReplayed(long sequence, StabilityRecord.Learnt record) {
        Anchor anchor = ledger.next(record.entry());
        if (anchor != null) {
            CommandState state = learn(record.entry(), anchor, sequence);
            onDurable(state, state.position);
        }
    }

    /// A vote was replayed.
    void onReplayed(CommandId id, Vote vote) {
        if (vote.candidate() != 0) {
            Mark candidate = new Mark(vote.candidate(), id);
            candidates.add(candidate);
            if (ledger.done().contains(id)) {
                candidates.settle(candidate, ledger.delivered());
            }
        }
    }

    void onReplayed(StabilityRecord.Executed record) {
        if (record.position() <= ledger.delivered()) {
            return;
        }
        CommandState state = commands.obtain(record.mark().id());
        state.vote = state.vote.withDecided(record.mark().timestamp());
        Command command = state.command;
        if (record.position() > ledger.delivered() + 1 || command == null) {
            // Behind a snapshot that is lost. Either the host says so at a later record, or another
            // member has what is between.
            return;
        }
        ledger.append(command, record.mark(), record.empty());
        onExecuted(state, record.empty() == null ? command.batch() : null);
        onDurable(state, state.position);
    }

    /// There are no more records: what they say of undecided commands counts again.
    void recover() {
        for (CommandState state : commands.pending()) {
            if (ledger.done().contains(state.id)) {
                // Executed before the position that this member began with.
                candidates.settle(new Mark(state.vote.candidate(), state.id), ledger.delivered());
                commands.drop(state);
            } else if (setup.isAlone() && state.command == null) {
                // Who has the command itself is lost, and the command with them.
                candidates.settle(new Mark(state.vote.candidate(), state.id), ledger.delivered());
                commands.drop(state);
            } else if (state.vote.decided() != 0) {
                decided.add(state.mark());
                onDecided(state);
            }
        }
        durablePosition = ledger.delivered();
        candidates.recover(ledger.delivered());
    }

    /// The last position that a crash does not take from this member.
    long durablePosition() {
        return durablePosition;
    }

    /// True if everything decided with a unique id at or below is executed.
    boolean isExecutedThrough(long timestamp) {
        return ledger.lastTimestamp() > timestamp
                || decided.isEmpty()
                || decided.getFirst().timestamp() > timestamp;
    }

    /// The highest timestamp at or below the floor for which others may wait.
    long dueAt(long announced) {
        Mark highest = null;
        for (Mark mark : decided) {
            if (mark.timestamp() > announced) {
                break;
            }
            highest = mark;
        }
        long due = highest == null ? 0 : highest.timestamp();
        return ledger.lastTimestamp() <= announced ? Math.max(due, ledger.lastTimestamp()) : due;
    }

    /// The lowest timestamp above the floor that is waited for; 0 if none is.
    long nextAbove(long timestamp) {
        for (Mark mark : decided) {
            if (mark.timestamp() > timestamp) {
                return mark.timestamp();
            }
        }
        return 0;
    }

    /// How many commands are decided and not executed.
    int waiting() {
        return decided.size();
    }
}

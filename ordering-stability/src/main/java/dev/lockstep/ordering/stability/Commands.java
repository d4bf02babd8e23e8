package dev.lockstep.ordering.stability;

import dev.lockstep.core.Holdings;
import dev.lockstep.core.ReplicaId;

import org.jspecify.annotations.Nullable;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.TreeMap;

/// The commands that this member knows of: those not executed yet, and the last of those that are.
final class Commands {

    /// What was executed, without the command, which may be large.
    record Finished(CommandId id, Vote vote, long position, boolean isEmpty) {}

    /// So many executed commands are shown to people.
    private static final int LATEST = 8;

    private final Setup setup;
    private final Turn turn;

    /// Not executed.
    private final TreeMap<CommandId, CommandState> pending = new TreeMap<>();

    /// Executed and kept for members behind.
    private final TreeMap<CommandId, CommandState> executed = new TreeMap<>();

    /// The same in the order of execution, durably executed ones only.
    private final ArrayDeque<CommandState> window = new ArrayDeque<>();

    private long windowBytes;

    /// The last few executed, for people.
    private final ArrayDeque<Finished> latest = new ArrayDeque<>();

    /// The highest timestamp of any candidate, value accepted or unique id that this member knows
    /// of.
    private long highest;

    Commands(Setup setup, Turn turn) {
        this.setup = setup;
        this.turn = turn;
    }

    @Nullable CommandState find(CommandId id) {
        CommandState state = pending.get(id);
        return state != null ? state : executed.get(id);
    }

    /// The state of a command that is not executed; begins to remember it if need be.
    CommandState obtain(CommandId id) {
        CommandState state = find(id);
        if (state == null) {
            state = new CommandState(id, turn.monotonicNanos());
            state.patientUntil = state.since + setup.options().timing().recoveryNanos();
            pending.put(id, state);
        }
        return state;
    }

    /// The command itself has come.
    void learn(CommandState state, Command command) {
        if (state.command == null) {
            state.command = command;
        }
    }

    /// Writes down what has changed; returns the record's sequence.
    long save(CommandState state) {
        Command command = state.command;
        if (command != null && state.commandSequence == 0) {
            return saveWhole(state, command);
        }
        state.voteSequence = turn.persist(new StabilityRecord.Voted(state.id, state.vote));
        return state.voteSequence;
    }

    /// Writes everything down, again if need be.
    long saveWhole(CommandState state) {
        Command command = state.command;
        return command == null ? save(state) : saveWhole(state, command);
    }

    private long saveWhole(CommandState state, Command command) {
        state.commandSequence = turn.persist(new StabilityRecord.Known(command, state.vote));
        state.voteSequence = state.commandSequence;
        return state.commandSequence;
    }

    void onReplayed(long sequence, StabilityRecord.Known record) {
        CommandState state = obtain(record.command().id());
        state.command = record.command();
        state.commandSequence = sequence;
        onReplayed(state, sequence, record.vote());
    }

    void onReplayed(long sequence, StabilityRecord.Voted record) {
        onReplayed(obtain(record.id()), sequence, record.vote());
    }

    private void onReplayed(CommandState state, long sequence, Vote vote) {
        state.vote = vote;
        state.voteSequence = sequence;
        note(vote.highest());
    }

    /// A timestamp was heard of that reads may have to wait for.
    void note(long timestamp) {
        highest = Math.max(highest, timestamp);
    }

    long highest() {
        return highest;
    }

    /// It took its position.
    ///
    /// @param isEmpty true if an empty batch is delivered in its place
    void onExecuted(CommandState state, long position, boolean isEmpty) {
        state.position = position;
        state.proposal = null;
        state.attempt = null;
        pending.remove(state.id);
        executed.put(state.id, state);
        latest.addLast(new Finished(state.id, state.vote, position, isEmpty));
        if (latest.size() > LATEST) {
            latest.removeFirst();
        }
    }

    /// The last few executed, in their order.
    List<Finished> latest() {
        return List.copyOf(latest);
    }

    /// Its position is durable: it may be forgotten when its turn comes.
    void onSettled(CommandState state) {
        if (state.command == null) {
            executed.remove(state.id);
            return;
        }
        window.addLast(state);
        windowBytes += state.command.cost();
        while (windowBytes > setup.options().bounds().windowBytes()) {
            CommandState oldest = window.removeFirst();
            Command command = oldest.command;
            windowBytes -= command == null ? 0 : command.cost();
            executed.remove(oldest.id);
        }
    }

    void tellHoldings(Holdings to) {
        to.held(
                "bytes of executed commands kept for slow members",
                windowBytes,
                setup.options().bounds().windowBytes());
    }

    /// It was executed, and nothing more is known of it.
    void drop(CommandState state) {
        pending.remove(state.id);
    }

    /// Those that are not executed, by name. A copy: they may be executed meanwhile.
    List<CommandState> pending() {
        return new ArrayList<>(pending.values());
    }

    /// Those of one coordinator, by number.
    Collection<CommandState> pendingOf(ReplicaId origin) {
        CommandId first = new CommandId(origin, 1);
        CommandId last = new CommandId(origin, Long.MAX_VALUE);
        return pending.subMap(first, true, last, true).values();
    }

    boolean hasPending() {
        return !pending.isEmpty();
    }

    int pendingCount() {
        return pending.size();
    }
}

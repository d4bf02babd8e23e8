package dev.lockstep.ordering.stability;

import dev.lockstep.core.Batch;
import dev.lockstep.ordering.stability.CommandState.Attempt;

import org.jspecify.annotations.Nullable;

import java.util.ArrayList;
import java.util.List;
import java.util.TreeSet;

/// Whose turn it is among the batches of one coordinator: a batch counts only after its predecessor
/// ([Ledger]), so a proposal whose predecessor this member has not heard of is not answered yet.
///
/// Without this, one lost proposal costs a position for every batch behind it: they get lower ids,
/// come to execution first, do not count, and are proposed anew.
///
/// Recoveries go in the same order where they may choose. Safety depends on nothing here: waiting
/// ends with a recovery, and what a recovery is free to choose may be larger than all candidates.
final class Turns {

    private final Commands commands;
    private final Ledger ledger;

    /// Proposals that came too early, for when their turn comes.
    private final TreeSet<CommandId> early = new TreeSet<>();

    Turns(Commands commands, Ledger ledger) {
        this.commands = commands;
        this.ledger = ledger;
    }

    /// What an id is at least so that the command comes after its predecessor, as far as this
    /// member knows; 0 if anything will do, -1 if the predecessor has no id here.
    long leastAfter(Command command) {
        if (command.after() == 0 || command.batch() == null || ledger.isInTurn(command)) {
            return 0;
        }
        CommandState predecessor = predecessor(command);
        long id = predecessor == null ? 0 : idOf(predecessor);
        if (predecessor == null || id == 0) {
            return -1;
        }
        return predecessor.id.compareTo(command.id()) < 0 ? id : id + 1;
    }

    /// The best that this member knows of where it will come.
    private static long idOf(CommandState state) {
        Attempt attempt = state.attempt;
        if (state.vote.decided() != 0) {
            return state.vote.decided();
        }
        return attempt != null && attempt.timestamp != 0
                ? attempt.timestamp
                : state.vote.candidate();
    }

    /// True if a recovery of the command had better begin after that of its predecessor.
    boolean isBehind(Command command) {
        CommandState predecessor = open(command);
        return predecessor != null && predecessor.attempt == null;
    }

    /// True if a recovery of the command's predecessor is about to choose. It chooses less.
    boolean isBesides(Command command) {
        CommandState predecessor = open(command);
        Attempt attempt = predecessor == null ? null : predecessor.attempt;
        return attempt != null && attempt.timestamp == 0;
    }

    /// The command's predecessor, if it is here and not decided.
    private @Nullable CommandState open(Command command) {
        if (command.after() == 0 || ledger.isInTurn(command)) {
            return null;
        }
        CommandState predecessor = predecessor(command);
        return predecessor == null || predecessor.vote.decided() != 0 ? null : predecessor;
    }

    private @Nullable CommandState predecessor(Command command) {
        Batch batch = command.batch();
        for (CommandState state : commands.pendingOf(command.id().origin())) {
            Batch other = state.command == null ? null : state.command.batch();
            boolean isPredecessor =
                    batch != null
                            && other != null
                            && other.id().sequence() == command.after()
                            && other.id().boot() == batch.id().boot();
            if (isPredecessor) {
                return state;
            }
        }
        return null;
    }

    /// A proposal waits for its turn.
    void hold(CommandId id) {
        early.add(id);
    }

    /// Takes those out whose turn has come, or for which there is nothing to wait any more.
    List<CommandState> release() {
        if (early.isEmpty()) {
            return List.of();
        }
        List<CommandState> released = new ArrayList<>();
        for (CommandId id : List.copyOf(early)) {
            CommandState state = commands.find(id);
            Command command = state == null ? null : state.command;
            boolean isOver =
                    state == null
                            || state.isExecuted()
                            || state.vote.decided() != 0
                            || state.vote.candidate() != 0;
            if (state == null || command == null || isOver) {
                early.remove(id);
            } else if (leastAfter(command) >= 0) {
                early.remove(id);
                released.add(state);
            }
        }
        return released;
    }
}

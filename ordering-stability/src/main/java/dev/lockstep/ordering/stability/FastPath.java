package dev.lockstep.ordering.stability;

import dev.lockstep.core.Invariant;
import dev.lockstep.ordering.stability.CommandState.Proposal;

/// The coordinator's decision at ballot 0: the largest candidate of the fast quorum, if enough of
/// its members made it that a recovery finds it again; else the slow path.
final class FastPath {

    private final Setup setup;
    private final Turn turn;
    private final Commands commands;
    private final Execution execution;
    private final Recovery recovery;
    private final Peers peers;
    private final Post post;

    FastPath(
            Setup setup,
            Turn turn,
            Commands commands,
            Execution execution,
            Recovery recovery,
            Peers peers,
            Post post) {
        this.setup = setup;
        this.turn = turn;
        this.commands = commands;
        this.execution = execution;
        this.recovery = recovery;
        this.peers = peers;
        this.post = post;
    }

    /// This member's own candidates that have become durable count.
    void onDurable() {
        for (CommandState state : commands.pending()) {
            Proposal proposal = state.proposal;
            if (proposal != null
                    && proposal.candidates[setup.rank()] == 0
                    && state.voteSequence <= turn.durable()) {
                onAck(setup.rank(), state, state.vote.candidate());
            }
        }
    }

    void onAck(int rank, StabilityMessage.ProposeAck ack) {
        CommandState state = commands.find(ack.id());
        if (state == null) {
            return;
        }
        state.holders |= 1L << rank;
        Proposal proposal = state.proposal;
        if (proposal != null && proposal.candidates[rank] == 0) {
            peers.onRoundTrip(rank, turn.monotonicNanos() - proposal.sentNanos);
        }
        onAck(rank, state, ack.candidate());
    }

    private void onAck(int rank, CommandState state, long candidate) {
        Proposal proposal = state.proposal;
        Command command = state.command;
        boolean isOpen =
                state.attempt == null
                        && !state.isDeciding
                        && state.vote.decided() == 0
                        && state.vote.ballot() == 0;
        if (proposal == null || command == null || !isOpen || !command.isFast(rank)) {
            return;
        }
        proposal.candidates[rank] = candidate;
        long largest = 0;
        for (int each = 0; each < setup.size(); each++) {
            if (command.isFast(each)) {
                if (proposal.candidates[each] == 0) {
                    return;
                }
                largest = Math.max(largest, proposal.candidates[each]);
            }
        }
        int holders = 0;
        for (int each = 0; each < setup.size(); each++) {
            holders += command.isFast(each) && proposal.candidates[each] == largest ? 1 : 0;
        }
        if (holders >= setup.rules().fastHolders(setup.tolerated())) {
            decide(state, largest);
        } else {
            state.proposal = null;
            recovery.propose(state, setup.rank() + 1L, largest);
        }
    }

    /// Nothing of the decision is disclosed before it is durable: a coordinator that forgot it
    /// would take part in a recovery that decides otherwise.
    private void decide(CommandState state, long timestamp) {
        Invariant.check(state.vote.ballot() == 0, "ballot 0 decides before any other is promised");
        state.proposal = null;
        state.isDeciding = true;
        state.vote = state.vote.withDecided(timestamp);
        commands.save(state);
        if (setup.rules().disclosesAfterSync()) {
            turn.afterSync(() -> disclose(state, timestamp));
        } else {
            disclose(state, timestamp);
        }
    }

    private void disclose(CommandState state, long timestamp) {
        if (!state.isDeciding) {
            // History has told it meanwhile.
            return;
        }
        state.isDeciding = false;
        execution.decide(state, timestamp);
        tell(setup, post, state, timestamp);
    }

    /// Tells all others of a decision, with the command where they may lack it.
    static void tell(Setup setup, Post post, CommandState state, long timestamp) {
        Command command = state.command;
        for (int rank = 0; rank < setup.size(); rank++) {
            boolean has = (state.holders & 1L << rank) != 0;
            post.send(rank, new StabilityMessage.Commit(state.id, timestamp, has ? null : command));
        }
    }
}

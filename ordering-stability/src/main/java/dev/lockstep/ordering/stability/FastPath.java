package dev.lockstep.ordering.stability;

import dev.lockstep.core.Invariant;
import dev.lockstep.ordering.stability.CommandState.Proposal;

/// The coordinator's decision at ballot 0: the largest candidate of the fast quorum, if enough of
/// its members made it that a recovery finds it again; else the slow path.
///
/// A decision is written down before anybody hears of it, because a recovery that its coordinator
/// takes part in without remembering would choose the largest candidate of those it asks. If every
/// member has made a candidate, none is larger than the decision and f + 1 made one as large, then
/// that is the decision, whomever it asks: it is told at once and written down meanwhile. For that,
/// a proposal goes to all members ([StabilityOptions#proposesToAll()]).
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
        if (proposal == null || command == null || state.attempt != null || isOver(state)) {
            return;
        }
        proposal.candidates[rank] = candidate;
        if (state.isDeciding) {
            if (isEvident(proposal, state.vote.decided())) {
                disclose(state, state.vote.decided());
            }
            return;
        }
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
            decide(state, proposal, largest);
        } else {
            state.proposal = null;
            recovery.propose(state, setup.rank() + 1L, largest);
        }
    }

    /// True if ballot 0 has nothing to decide any more.
    private static boolean isOver(CommandState state) {
        return state.vote.ballot() != 0 || (state.vote.decided() != 0 && !state.isDeciding);
    }

    /// True if the candidates show the decision without a record of it: every member has made one,
    /// none is larger, and so many are as large that any recovery meets one of them.
    private boolean isEvident(Proposal proposal, long timestamp) {
        int made = 0;
        int holders = 0;
        long largest = 0;
        for (long candidate : proposal.candidates) {
            made += candidate == 0 ? 0 : 1;
            holders += candidate == timestamp ? 1 : 0;
            largest = Math.max(largest, candidate);
        }
        return setup.rules().isEvidentWith(made, setup.size())
                && setup.rules().isEvidentBelow(timestamp, largest)
                && holders >= setup.rules().evidentHolders(setup.tolerated());
    }

    /// Nothing of the decision is disclosed before it is durable, unless it is evident: a
    /// coordinator that forgot it would take part in a recovery that decides otherwise.
    private void decide(CommandState state, Proposal proposal, long timestamp) {
        Invariant.check(state.vote.ballot() == 0, "ballot 0 decides before any other is promised");
        state.isDeciding = true;
        state.vote = state.vote.withDecided(timestamp);
        commands.save(state);
        if (!setup.rules().disclosesAfterSync() || isEvident(proposal, timestamp)) {
            disclose(state, timestamp);
        } else {
            turn.afterSync(() -> disclose(state, timestamp));
        }
    }

    private void disclose(CommandState state, long timestamp) {
        if (!state.isDeciding) {
            // All members have shown it, or history has told it meanwhile.
            return;
        }
        state.isDeciding = false;
        execution.decide(state, timestamp);
        tell(state, timestamp);
    }

    private void tell(CommandState state, long timestamp) {
        long proposedTo = 0;
        if (setup.options().proposesToAll()) {
            for (int rank = 0; rank < setup.size(); rank++) {
                proposedTo |= peers.isLive(rank) ? 1L << rank : 0;
            }
        }
        tell(setup, post, state, timestamp, proposedTo);
    }

    /// Tells all others of a decision, with the command where they may lack it.
    ///
    /// @param sentTo by rank, one bit each: who has the command unless it was lost
    static void tell(Setup setup, Post post, CommandState state, long timestamp, long sentTo) {
        Command command = state.command;
        for (int rank = 0; rank < setup.size(); rank++) {
            boolean has = ((state.holders | sentTo) & 1L << rank) != 0;
            post.send(rank, new StabilityMessage.Commit(state.id, timestamp, has ? null : command));
        }
    }
}

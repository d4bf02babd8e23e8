package dev.lockstep.ordering.stability;

import dev.lockstep.core.Batch;
import dev.lockstep.core.Effect;
import dev.lockstep.core.StopSign;
import dev.lockstep.ordering.stability.CommandState.Proposal;

import org.jspecify.annotations.Nullable;

import java.util.ArrayList;
import java.util.List;

/// What this member was asked to order, and the proposing of it.
///
/// A batch is kept until it is delivered. Its command may come to execution out of turn and not
/// count ([Ledger]): then it is proposed anew, in a command of a higher number.
final class Proposals {

    private static final class Own {
        final Batch batch;

        /// What it is proposed as; null if it waits.
        @Nullable CommandId command;

        Own(Batch batch) {
            this.batch = batch;
        }
    }

    private final Setup setup;
    private final Turn turn;
    private final Commands commands;
    private final Ledger ledger;
    private final Floor floor;
    private final Candidates candidates;
    private final Peers peers;
    private final Post post;
    private final AgreedClock clock;

    /// Submitted and not delivered, in their order.
    private final List<Own> own = new ArrayList<>();

    /// Their payloads.
    private long pendingBytes;

    /// The next command's number.
    private long next = 1;

    /// The record of the last proposal.
    private long lastSequence;

    /// The stop sign this member was asked to order, and what it is proposed as.
    private @Nullable StopSign sign;

    private boolean isSignProposed;

    Proposals(
            Setup setup,
            Turn turn,
            Commands commands,
            Ledger ledger,
            Floor floor,
            Candidates candidates,
            Peers peers,
            Post post,
            AgreedClock clock) {
        this.setup = setup;
        this.turn = turn;
        this.commands = commands;
        this.ledger = ledger;
        this.floor = floor;
        this.candidates = candidates;
        this.peers = peers;
        this.post = post;
        this.clock = clock;
    }

    /// Takes a batch on, or refuses it if there are too many bytes under way.
    void submit(Batch batch) {
        long limit = setup.options().bounds().pendingBytes();
        if (pendingBytes + cost(batch) > limit && !own.isEmpty()) {
            String reason =
                    pendingBytes
                            + " bytes wait to be ordered, at most "
                            + limit
                            + " may: try again later";
            turn.emit(new Effect.Refused<>(batch.id(), reason));
            if (setup.rules().dropsRefused()) {
                return;
            }
        }
        own.add(new Own(batch));
        pendingBytes += cost(batch);
    }

    private static long cost(Batch batch) {
        return (long) Batch.HEADER_BYTES + batch.payload().size();
    }

    void want(StopSign wanted) {
        if (!isSignProposed) {
            sign = wanted;
        }
    }

    /// The journal is read: numbers go on where they ended.
    void recover() {
        long aboveExecuted = ledger.done().highest(setup.rank()) + 1;
        long aboveWritten = aboveExecuted;
        for (CommandState state : commands.pendingOf(setup.self())) {
            aboveWritten = Math.max(aboveWritten, state.id.number() + 1);
            boolean isAtBallot0 = state.vote.ballot() == 0 && state.vote.decided() == 0;
            if (isAtBallot0 && setup.rules().proposesOnAfterRestart()) {
                state.proposal = new Proposal(setup.size(), turn.monotonicNanos());
            }
        }
        next = setup.rules().nextNumber(aboveExecuted, aboveWritten);
    }

    /// Proposes what waits, as far as there is room.
    void flush() {
        StopSign wanted = sign;
        if (wanted != null && !isSignProposed && hasRoom()) {
            isSignProposed = true;
            var _ = propose(null, wanted, 0, 0);
        }
        long after = 0;
        long comesAfter = 0;
        for (Own each : own) {
            if (each.command == null) {
                if (!hasRoom()) {
                    return;
                }
                each.command = propose(each.batch, null, after, comesAfter);
            }
            after = each.batch.id().sequence();
            CommandState state = commands.find(each.command);
            comesAfter = state == null ? 0 : state.vote.decided();
        }
    }

    /// False while a batch handed in now would only wait, or share the disk with the one before:
    /// the next had better be larger.
    boolean wantsBatch() {
        return hasRoom() && lastSequence <= turn.durable();
    }

    /// True if a batch that comes now is proposed now.
    private boolean hasRoom() {
        long most = setup.options().bounds().inFlight();
        return next <= ledger.done().frontier(setup.rank()) + most;
    }

    /// @param after the batch before its own, 0 for none
    /// @param comesAfter what that is decided as, 0 if it is not
    private CommandId propose(
            @Nullable Batch batch, @Nullable StopSign wanted, long after, long comesAfter) {
        CommandState state = commands.obtain(new CommandId(setup.self(), next++));
        long quorum = peers.fastQuorum();
        long wish = setup.clock().least(turn.now(), peers.leadNanos(quorum));
        long least = Math.max(wish, comesAfter);
        long candidate = floor.next(least);
        Command command =
                new Command(state.id, batch, wanted, after, clock.stamp(), quorum, candidate);
        state.command = command;
        state.vote = state.vote.withCandidate(candidate, false);
        state.proposal = new Proposal(setup.size(), turn.monotonicNanos());
        commands.note(candidate);
        long sequence = commands.save(state);
        lastSequence = sequence;
        floor.onWritten(candidate, sequence);
        candidates.add(new Mark(candidate, state.id));
        long to = setup.options().proposesToAll() ? -1 : quorum;
        send(state, command, to, setup.rules().proposeAfter(sequence));
        return state.id;
    }

    /// Proposes again to those of the fast quorum who have not answered.
    void sendAgain(CommandState state, Command command) {
        send(state, command, command.fastQuorum(), 0);
    }

    /// @param to by rank, one bit each
    private void send(CommandState state, Command command, long to, long afterSequence) {
        Proposal proposal = state.proposal;
        for (int rank = 0; rank < setup.size(); rank++) {
            boolean isOpen = proposal != null && proposal.candidates[rank] == 0;
            if (isOpen && (to & 1L << rank) != 0) {
                post.send(rank, new StabilityMessage.Propose(command), afterSequence);
            }
        }
    }

    /// A command was executed.
    ///
    /// @param batch what was delivered; null if the command did not count
    void onExecuted(CommandState state, @Nullable Batch batch) {
        if (batch != null && batch.id().origin().equals(setup.self())) {
            for (int i = 0; i < own.size(); i++) {
                if (own.get(i).batch.id().equals(batch.id())) {
                    pendingBytes -= cost(own.remove(i).batch);
                    return;
                }
            }
        }
        if (state.id.origin().equals(setup.self())) {
            for (Own each : own) {
                if (state.id.equals(each.command)) {
                    each.command = null;
                }
            }
        }
    }

    /// How many batches are submitted and not delivered.
    int size() {
        return own.size();
    }
}

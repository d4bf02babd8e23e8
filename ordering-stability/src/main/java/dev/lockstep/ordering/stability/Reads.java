package dev.lockstep.ordering.stability;

import dev.lockstep.core.Effect;

import java.util.ArrayDeque;

/// Linearizable reads: a bound that no command acknowledged before can lie above, asked of so many
/// members that each decision has left a trace with one of them; then all through the bound is
/// executed here.
final class Reads {

    /// So many rounds may be under way.
    private static final int MOST_ROUNDS = 16;

    private static final class Round {
        final long number;

        /// Barriers up to here are answered.
        final long barrier;

        long sentNanos;

        /// By rank, one bit each: who answered.
        long answered;

        /// The highest timestamp that any of them knows of.
        long bound;

        boolean isBounded;

        Round(long number, long barrier, long sentNanos) {
            this.number = number;
            this.barrier = barrier;
            this.sentNanos = sentNanos;
        }
    }

    private final Setup setup;
    private final Turn turn;
    private final Commands commands;
    private final Ledger ledger;
    private final Floor floor;
    private final Stability stability;
    private final Execution execution;
    private final Post post;

    /// Tells this process's rounds from those of another.
    private final long boot;

    private final ArrayDeque<Round> rounds = new ArrayDeque<>();
    private long lastRound;

    /// The last barrier that is in no round; 0 for none.
    private long waiting;

    Reads(
            Setup setup,
            Turn turn,
            Commands commands,
            Ledger ledger,
            Floor floor,
            Stability stability,
            Execution execution,
            Post post) {
        this.setup = setup;
        this.turn = turn;
        this.commands = commands;
        this.ledger = ledger;
        this.floor = floor;
        this.stability = stability;
        this.execution = execution;
        this.post = post;
        this.boot = setup.random().nextLong();
    }

    void onRequested(long barrier) {
        waiting = Math.max(waiting, barrier);
    }

    /// Begins a round for those that wait for one, and answers those that can be.
    void flush() {
        if (waiting != 0 && rounds.size() < MOST_ROUNDS) {
            Round round = new Round(++lastRound, waiting, turn.monotonicNanos());
            waiting = 0;
            rounds.addLast(round);
            post.broadcast(new StabilityMessage.ReadBound(round.number, boot), 0);
            onAnswer(setup.rank(), round, commands.highest());
        }
        answer();
    }

    void onAsked(int rank, StabilityMessage.ReadBound ask) {
        post.send(
                rank,
                new StabilityMessage.ReadBoundAck(ask.round(), ask.boot(), commands.highest()));
    }

    void onAnswer(int rank, StabilityMessage.ReadBoundAck ack) {
        for (Round round : rounds) {
            if (ack.boot() == boot && round.number == ack.round()) {
                onAnswer(rank, round, setup.rules().heard(ack.highest()));
            }
        }
    }

    private void onAnswer(int rank, Round round, long highest) {
        if (round.isBounded) {
            return;
        }
        round.answered |= 1L << rank;
        round.bound = Math.max(round.bound, highest);
        int quorum = setup.rules().readQuorum(setup.recoveryQuorum(), setup.majority());
        if (Long.bitCount(round.answered) >= quorum) {
            round.isBounded = true;
            // Others are asked to pass it by the headers that they get.
            floor.bump(round.bound);
        }
    }

    private void answer() {
        long barrier = 0;
        if (rounds.isEmpty()) {
            return;
        }
        long stable = stability.through();
        while (!rounds.isEmpty()) {
            Round first = rounds.getFirst();
            boolean isExecuted =
                    first.isBounded
                            && execution.isExecutedThrough(first.bound)
                            && (stable >= first.bound || ledger.lastTimestamp() > first.bound);
            if (!isExecuted) {
                break;
            }
            barrier = first.barrier;
            rounds.removeFirst();
        }
        if (barrier != 0) {
            turn.emit(new Effect.Readable<>(barrier, ledger.delivered()));
        }
    }

    /// Asks again those who have not answered.
    void retry() {
        for (Round round : rounds) {
            boolean isOld =
                    turn.monotonicNanos() - round.sentNanos
                            >= setup.options().timing().retryNanos();
            if (!round.isBounded && isOld) {
                round.sentNanos = turn.monotonicNanos();
                for (int rank = 0; rank < setup.size(); rank++) {
                    if ((round.answered & 1L << rank) == 0) {
                        post.send(rank, new StabilityMessage.ReadBound(round.number, boot));
                    }
                }
            }
        }
    }

    boolean isWaiting() {
        return waiting != 0 || !rounds.isEmpty();
    }

    int size() {
        return rounds.size();
    }
}

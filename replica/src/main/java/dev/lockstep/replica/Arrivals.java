package dev.lockstep.replica;

import dev.lockstep.core.Authenticity;
import dev.lockstep.core.Now;
import dev.lockstep.core.ProtocolMessage;
import dev.lockstep.core.ReplicaId;

import org.jspecify.annotations.Nullable;

import java.util.ArrayDeque;

/// Messages between their arrival and the protocol, while their signatures are checked. They are
/// handed in as they came: none overtakes another.
final class Arrivals<M extends ProtocolMessage> {

    /// More do not wait: what comes then is lost, as on any network.
    static final int MOST = 8_192;

    /// Takes what is genuine, and hears of what is not.
    interface Target<M> {
        void onGenuine(Now now, ReplicaId from, M message);

        void onForged(ReplicaId from);
    }

    private enum State {
        WAITING,
        GENUINE,
        FORGED
    }

    private static final class Arrival<M> {
        private final ReplicaId from;
        private final M message;
        private final long atNanos;
        private State state = State.WAITING;

        Arrival(ReplicaId from, M message, long atNanos) {
            this.from = from;
            this.message = message;
            this.atNanos = atNanos;
        }
    }

    private final Authenticity<M> authenticity;
    private final PendingChecks checks;
    private final Target<M> target;
    private final ArrayDeque<Arrival<M>> queue = new ArrayDeque<>();

    Arrivals(Authenticity<M> authenticity, PendingChecks checks, Target<M> target) {
        this.authenticity = authenticity;
        this.checks = checks;
        this.target = target;
    }

    /// A message has come; it is handed in now, or when its turn has come.
    void add(Now now, ReplicaId from, M message) {
        if (queue.size() >= MOST) {
            return;
        }
        Arrival<M> arrival = new Arrival<>(from, message, now.monotonicNanos());
        queue.addLast(arrival);
        checks.check(
                now,
                () -> authenticity.isGenuine(from, message),
                (then, isGenuine) -> {
                    arrival.state = isGenuine ? State.GENUINE : State.FORGED;
                    handIn(then);
                });
    }

    private void handIn(Now now) {
        while (true) {
            @Nullable Arrival<M> first = queue.peekFirst();
            if (first == null || first.state == State.WAITING) {
                return;
            }
            queue.removeFirst();
            if (first.state == State.GENUINE) {
                target.onGenuine(now, first.from, first.message);
            } else {
                target.onForged(first.from);
            }
        }
    }

    /// When the oldest message that still waits came, monotonic; `Long.MAX_VALUE` if none does. No
    /// timer of this time or later fires before it is handed in.
    long oldestNanos() {
        Arrival<M> first = queue.peekFirst();
        return first == null ? Long.MAX_VALUE : first.atNanos;
    }
}

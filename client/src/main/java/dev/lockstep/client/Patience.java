package dev.lockstep.client;

/// How long to wait for one kind of answer before another replica is asked: twice as long each
/// time, up to eight times, until an answer comes.
final class Patience {

    private static final int MOST = 8;

    private final long firstNanos;
    private long nanos;

    /// Since when the answer that is awaited now is awaited.
    private long since;

    Patience(long firstNanos) {
        this.firstNanos = firstNanos;
        this.nanos = firstNanos;
    }

    /// The wait begins now: something was asked, or what comes next is awaited from now.
    void begin(long now) {
        since = now;
    }

    void onAnswer(long now) {
        since = now;
        nanos = firstNanos;
    }

    void onExhausted(long now) {
        since = now;
        nanos = Math.min(2 * nanos, MOST * firstNanos);
    }

    long until() {
        return since + nanos;
    }
}

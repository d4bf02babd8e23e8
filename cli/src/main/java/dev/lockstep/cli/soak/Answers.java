package dev.lockstep.cli.soak;

/// Counts what clients were told, and the longest time in which nobody was told anything.
///
/// Threading: any thread.
final class Answers {

    private long count;
    private long lastNanos;
    private long longestSilenceNanos;

    /// False between rounds, when nobody asks.
    private boolean isAsked;

    /// From now on silence counts.
    synchronized void begin() {
        isAsked = true;
        lastNanos = System.nanoTime();
        longestSilenceNanos = 0;
    }

    /// From now on it does not.
    synchronized void end() {
        noteSilence();
        isAsked = false;
    }

    synchronized void onAnswer() {
        noteSilence();
        lastNanos = System.nanoTime();
        count++;
    }

    synchronized long count() {
        return count;
    }

    /// Between the last [#begin] and [#end].
    synchronized long longestSilenceNanos() {
        return longestSilenceNanos;
    }

    private void noteSilence() {
        if (isAsked) {
            longestSilenceNanos = Math.max(longestSilenceNanos, System.nanoTime() - lastNanos);
        }
    }
}

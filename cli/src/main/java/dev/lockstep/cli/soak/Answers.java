package dev.lockstep.cli.soak;

/// Counts what clients were told, and the longest time in which nobody was told anything.
///
/// Threading: any thread.
final class Answers {

    private int count;
    private long lastNanos;
    private long longestSilenceNanos;

    /// From now on silence counts.
    synchronized void begin() {
        lastNanos = System.nanoTime();
    }

    synchronized void onAnswer() {
        noteSilence();
        lastNanos = System.nanoTime();
        count++;
    }

    synchronized int count() {
        return count;
    }

    /// The longest silence since the last call; the one that lasts is among them, and goes on.
    synchronized long takeLongestSilenceNanos() {
        noteSilence();
        long longest = longestSilenceNanos;
        longestSilenceNanos = 0;
        return longest;
    }

    private void noteSilence() {
        longestSilenceNanos = Math.max(longestSilenceNanos, System.nanoTime() - lastNanos);
    }
}

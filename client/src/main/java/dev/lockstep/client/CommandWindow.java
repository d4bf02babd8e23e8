package dev.lockstep.client;

import org.jspecify.annotations.Nullable;

import java.util.Arrays;

/// The commands of a session that have no outcome yet, in a ring indexed by sequence number.
///
/// Slots stay occupied until the cluster has answered the number, even when the caller has been
/// told already, because a gap would hold up everything behind it.
final class CommandWindow {

    /// What a slot's number is waiting for.
    enum State {
        /// No command has this number yet, or the cluster has answered it.
        FREE,
        /// To be sent as soon as there is an entry.
        WAITING,
        /// Sent to `sentTo`; an answer is expected.
        SENT,
        /// Answered OVERLOADED or the like; to be sent again after a pause.
        PAUSED
    }

    private static final byte[] NOTHING = new byte[0];

    private final int mask;
    final State[] state;
    final byte[][] command;

    /// Whom to tell; null once told.
    final @Nullable Completion[] completion;

    final long[] deadline;

    /// Where the last copy went; 0 if none was sent.
    final int[] sentTo;

    /// Copies that may have been admitted: sent, and not answered with "not admitted". While it is
    /// 0, the number is known not to have been used.
    final int[] copies;

    /// The number is to be used up without executing its command, of which the caller knows.
    final boolean[] skip;

    /// The lowest number without an answer from the cluster.
    private long base = 1;

    /// The next number to give out.
    private long next = 1;

    CommandWindow(int size) {
        mask = size - 1;
        state = new State[size];
        Arrays.fill(state, State.FREE);
        command = new byte[size][];
        Arrays.fill(command, NOTHING);
        completion = new Completion[size];
        deadline = new long[size];
        sentTo = new int[size];
        copies = new int[size];
        skip = new boolean[size];
    }

    long base() {
        return base;
    }

    long next() {
        return next;
    }

    boolean isFull() {
        return next - base > mask;
    }

    boolean isEmpty() {
        return next == base;
    }

    /// Where the ring keeps `sequence`.
    int slot(long sequence) {
        return (int) (sequence & mask);
    }

    /// True if `sequence` has been given out and not been answered.
    boolean isOpen(long sequence) {
        return sequence >= base && sequence < next && state[slot(sequence)] != State.FREE;
    }

    /// Gives the next number to a command; the window must not be full.
    void add(byte[] bytes, long deadlineNanos, Completion whenKnown) {
        int slot = slot(next);
        state[slot] = State.WAITING;
        command[slot] = bytes;
        completion[slot] = whenKnown;
        deadline[slot] = deadlineNanos;
        sentTo[slot] = 0;
        copies[slot] = 0;
        skip[slot] = false;
        next++;
    }

    /// The number will be used up without its command.
    void skip(int slot) {
        skip[slot] = true;
        command[slot] = NOTHING;
    }

    /// Takes the completion out: who is told once is not told again.
    @Nullable Completion takeCompletion(int slot) {
        Completion whenKnown = completion[slot];
        completion[slot] = null;
        return whenKnown;
    }

    /// The cluster has answered `sequence`: frees it and moves the base past everything answered.
    void close(long sequence) {
        int slot = slot(sequence);
        state[slot] = State.FREE;
        completion[slot] = null;
        command[slot] = NOTHING;
        while (base < next && state[slot(base)] == State.FREE) {
            base++;
        }
    }
}

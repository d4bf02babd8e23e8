package dev.lockstep.testkit.simulator;

/// Something that a [Diagram] can show. Lines are numbered from 0, replicas first, then clients.
sealed interface Happening {

    /// When, in simulated nanoseconds since the beginning.
    long atNanos();

    /// A message leaves.
    ///
    /// @param number tells it from all others
    record Sent(long atNanos, long number, int from, int to) implements Happening {}

    /// What a message is, as far as its sender says.
    ///
    /// @param kind messages of one kind look alike
    /// @param label a few words
    /// @param text all that there is to it
    record Named(long atNanos, long number, String kind, String label, String text)
            implements Happening {}

    /// A message arrives, perhaps not for the first time.
    record Arrived(long atNanos, long number) implements Happening {}

    /// A message, or a copy of it, will not arrive.
    record Lost(long atNanos, long number) implements Happening {}

    /// Something happens on one line.
    record Noted(long atNanos, int line, Sign sign, String text) implements Happening {}

    /// A process stands still.
    record Paused(long atNanos, int line, long untilNanos) implements Happening {}

    /// From now on nothing from one line reaches another.
    record Cut(long atNanos, int from, int to) implements Happening {}

    /// Everything reaches everyone again.
    record Mended(long atNanos) implements Happening {}

    /// What happens on one line.
    enum Sign {
        /// A process runs from here on.
        START,
        /// A process is no more; its machine goes on.
        KILLED,
        /// A process is no more, nor what its machine had in memory.
        POWER_LOST,
        /// A process has ended in good order.
        ENDED,
        /// A process begins to end in good order.
        LEAVES,
        /// A record is handed to the journal.
        PERSIST,
        /// What was written is on the disk.
        SYNC,
        /// A position is delivered, and executed.
        DELIVER,
        /// A replica holds itself for the best entry: it leads.
        LEADS,
        /// A replica that led holds another or nobody for the best entry.
        STEPS_DOWN,
        /// A fault of a disk or clock.
        FAULT,
        /// A connection has ended.
        DISCONNECT,
        /// A client begins an operation.
        INVOKE,
        /// A client learns what became of an operation.
        LEARN,
        /// A client goes away.
        GONE
    }
}

package dev.lockstep.services.redis;

/// How many requests of all connections may be under way whose replies may be large.
///
/// Nobody knows how large a reply will be before it has been made, and each may be as large as a
/// whole reply may be. So that a thousand requests, each of them small and none suspicious by
/// itself, do not make a thousand large replies at once, there is a window: it is halved by every
/// reply that was large and grows by one with every other, as TCP's does by loss and arrival.
///
/// A request counts for its weight, see [PortCommand#weight], and the window is divided by
/// [FairShare].
///
/// Threading: the loop's thread.
final class ValueWindow {

    /// A reply of so many bytes is large.
    static final int LARGE_BYTES = 1 << 20;

    /// Large replies never make a window smaller: the room for replies holds so many.
    static final int LEAST = 16;

    /// The most queries: enough for a hundred pipelines. What is too much is not kept, and asked
    /// again.
    static final int MOST_QUERIES = 2048;

    /// The most commands. Every replica remembers their replies until it hears that they have come,
    /// and takes no further command of this port once they are 64 MiB.
    static final int MOST_COMMANDS = 64;

    private static final int FIRST_QUERIES = 512;

    /// One each for so many connections that have none under way, beside the window.
    private static final int RESERVED_QUERIES = 64;

    private static final int RESERVED_COMMANDS = 16;

    private final int most;
    private final FairShare share;

    private ValueWindow(int first, int most, int reserved) {
        this.most = most;
        this.share = new FairShare(first, 1, reserved);
    }

    static ValueWindow ofQueries() {
        return new ValueWindow(FIRST_QUERIES, MOST_QUERIES, RESERVED_QUERIES);
    }

    static ValueWindow ofCommands() {
        return new ValueWindow(MOST_COMMANDS, MOST_COMMANDS, RESERVED_COMMANDS);
    }

    FairShare share() {
        return share;
    }

    /// A reply has come that its request counted for.
    void learn(boolean wasLarge) {
        long now = share.most();
        share.most(wasLarge ? Math.max(LEAST, now / 2) : Math.min(most, now + 1));
    }
}

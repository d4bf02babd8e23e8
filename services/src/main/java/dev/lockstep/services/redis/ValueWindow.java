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

    static final int FIRST = 512;

    /// Large replies never make it smaller: the room for replies holds so many.
    static final int LEAST = 16;

    /// Small replies never make it larger: enough for a hundred pipelines.
    static final int MOST = 2048;

    /// One each for so many connections that have none under way, beside the window.
    static final int RESERVED = 64;

    private final FairShare share = new FairShare(FIRST, 1, RESERVED);

    FairShare share() {
        return share;
    }

    /// A reply has come that its request counted for.
    void learn(boolean wasLarge) {
        long now = share.most();
        share.most(wasLarge ? Math.max(LEAST, now / 2) : Math.min(MOST, now + 1));
    }
}

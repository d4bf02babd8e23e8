package dev.lockstep.ordering.stability;

import dev.lockstep.core.OptionReader;

import java.util.SortedMap;

/// The options of stability ordering, as values. They must be equal on all members.
///
/// @param tolerated crashes that do not stop the cluster, if the number of members allows so many
/// @param proposesToAll a command is proposed to all members, so that a decision which all their
///     candidates show needs no write of its own before it is told
/// @param timing when messages are repeated and commands recovered
/// @param bounds how much may be under way or in memory
/// @param maxSkewNanos agreed time stays this close to the median of the members' clocks
record StabilityOptions(
        int tolerated, boolean proposesToAll, Timing timing, Bounds bounds, long maxSkewNanos) {

    /// As many as a minority of the members.
    static final int MINORITY = 15;

    /// @param heartbeatNanos a member is silent no longer than this
    /// @param retryNanos what was sent and has shown no effect is sent again after this
    /// @param recoveryNanos a command that makes no progress is recovered after this
    /// @param maxLeadNanos a timestamp that the clock does not reach in this time is taken for it
    record Timing(long heartbeatNanos, long retryNanos, long recoveryNanos, long maxLeadNanos) {}

    /// @param windowBytes executed commands kept in memory for slow members
    /// @param pendingBytes submitted and not yet delivered batches; more are refused
    /// @param inFlight own commands under way
    record Bounds(long windowBytes, long pendingBytes, int inFlight) {}

    /// What applies where nothing is said.
    static StabilityOptions parse(SortedMap<String, String> options) {
        OptionReader in = new OptionReader("stability ordering", options);
        int tolerated = in.number("tolerated", MINORITY, 1, MINORITY);
        boolean proposesToAll = in.flag("propose-to-all", true);
        Timing timing =
                new Timing(
                        in.duration("heartbeat-interval", "30ms"),
                        in.duration("retry-interval", "60ms"),
                        in.duration("recovery-timeout", "150ms"),
                        in.duration("clock.max-lead", "50ms"));
        Bounds bounds =
                new Bounds(
                        in.size("command-window", "64MiB"),
                        in.size("pending-limit", "256MiB"),
                        in.number("in-flight", 16, 1, Done.WINDOW));
        long maxSkew = in.duration("clock.max-skew", "1s");
        in.requireNoOthers();
        in.requireOrder(
                "heartbeat-interval",
                2 * timing.heartbeatNanos(),
                "half of recovery-timeout",
                timing.recoveryNanos());
        in.requireOrder(
                "retry-interval", timing.retryNanos(), "recovery-timeout", timing.recoveryNanos());
        return new StabilityOptions(tolerated, proposesToAll, timing, bounds, maxSkew);
    }
}

package dev.lockstep.ordering.stability;

import dev.lockstep.core.OptionReader;

import java.util.SortedMap;

/// The options of stability ordering under fail-stop faults. They must be equal on all members.
///
/// @param heartbeatNanos a member is silent no longer than this
/// @param retryNanos what was sent and has shown no effect is sent again after this
/// @param suspectNanos a member that is silent for so long is suspected
/// @param lostNanos so is one whose connection has ended and that is silent for so long
/// @param maxLeadNanos a unique id that the clock does not reach in this time is taken for reached
/// @param inFlight own commands under way
/// @param pendingBytes submitted and not yet delivered batches; more are refused
/// @param maxSkewNanos agreed time stays this close to the median of the members' clocks
record FailStopOptions(
        long heartbeatNanos,
        long retryNanos,
        long suspectNanos,
        long lostNanos,
        long maxLeadNanos,
        int inFlight,
        long pendingBytes,
        long maxSkewNanos) {

    static FailStopOptions parse(SortedMap<String, String> options) {
        OptionReader in = new OptionReader("stability ordering under fail-stop faults", options);
        FailStopOptions parsed =
                new FailStopOptions(
                        in.duration("heartbeat-interval", "30ms"),
                        in.duration("retry-interval", "60ms"),
                        in.duration("suspect-timeout", "1s"),
                        in.duration("lost-timeout", "200ms"),
                        in.duration("clock.max-lead", "50ms"),
                        in.number("in-flight", 16, 1, 1_024),
                        in.size("pending-limit", "256MiB"),
                        in.duration("clock.max-skew", "1s"));
        in.requireNoOthers();
        in.requireOrder(
                "heartbeat-interval",
                2 * parsed.heartbeatNanos(),
                "half of suspect-timeout",
                parsed.suspectNanos());
        in.requireOrder(
                "lost-timeout", parsed.lostNanos(), "suspect-timeout", parsed.suspectNanos());
        return parsed;
    }
}

package dev.lockstep.ordering.leader;

import dev.lockstep.core.OptionReader;
import dev.lockstep.core.ReplicaId;

import java.util.SortedMap;

/// The options of leader ordering, as values. They must be equal on all members.
///
/// @param timing when elections are held and messages repeated
/// @param reads how linearizable reads are confirmed
/// @param bounds how much may be under way or in memory
/// @param maxSkewNanos agreed time stays this close to the median of the members' clocks
/// @param priorities by member; a member without one has [#DEFAULT_PRIORITY], a higher one stands
///     for election earlier
record LeaderOptions(
        Timing timing,
        Reads reads,
        Bounds bounds,
        long maxSkewNanos,
        SortedMap<ReplicaId, Integer> priorities) {

    static final int DEFAULT_PRIORITY = 1;

    /// @param electionMinNanos the least election timeout
    /// @param electionMaxNanos the most that is drawn when the least applies
    /// @param electionCapNanos slow networks raise the least timeout to here at most
    /// @param electionRoundTrips the least timeout in measured round trips, if that is more
    /// @param heartbeatNanos a leader is silent no longer than this
    /// @param commitNoticeNanos a commit that no message carries is told after this time
    /// @param retryNanos forwarded batches and read requests are sent again after this time
    /// @param lostLeaderJitterNanos how much later each further follower stands when its connection
    ///     to the leader ended, so that not all stand at once
    record Timing(
            long electionMinNanos,
            long electionMaxNanos,
            long electionCapNanos,
            int electionRoundTrips,
            long heartbeatNanos,
            long commitNoticeNanos,
            long retryNanos,
            long lostLeaderJitterNanos) {}

    /// @param lease answer without a round while a majority's acknowledgements are young enough
    /// @param driftBoundNanos how much two monotonic clocks may drift apart in an election timeout
    record Reads(boolean lease, long driftBoundNanos) {}

    /// @param appendWindowBytes sent to a follower and not yet durable there
    /// @param appendFrameBytes the entries of one `Append`, unless a single one is larger
    /// @param forwardWindowBytes forwarded to the leader and not yet seen in its log
    /// @param logWindowBytes delivered entries kept in memory for slow followers
    /// @param pendingBytes submitted and not yet delivered batches; more are refused
    record Bounds(
            long appendWindowBytes,
            long appendFrameBytes,
            long forwardWindowBytes,
            long logWindowBytes,
            long pendingBytes) {}

    /// The priority of a member.
    int priorityOf(ReplicaId member) {
        return priorities.getOrDefault(member, DEFAULT_PRIORITY);
    }

    /// What applies where nothing is said.
    static LeaderOptions parse(SortedMap<String, String> options) {
        OptionReader in = new OptionReader("order leader", options);
        long electionMin = in.duration("election-timeout-min", "150ms");
        long electionMax = in.duration("election-timeout-max", "300ms");
        long electionCap = in.duration("election-timeout-cap", "5s");
        Timing timing =
                new Timing(
                        electionMin,
                        electionMax,
                        electionCap,
                        in.number("election-round-trips", 10, 1, 1000),
                        in.duration("heartbeat-interval", "30ms"),
                        in.duration("commit-notice-delay", "1ms"),
                        in.duration("retry-interval", "100ms"),
                        in.duration("lost-leader-jitter", "5ms"));
        Reads reads =
                new Reads(in.flag("reads.lease", false), in.duration("clock.drift-bound", "10ms"));
        Bounds bounds =
                new Bounds(
                        in.size("append-window", "8MiB"),
                        in.size("append-frame", "1MiB"),
                        in.size("forward-window", "8MiB"),
                        in.size("log-window", "64MiB"),
                        in.size("pending-limit", "256MiB"));
        long maxSkew = in.duration("clock.max-skew", "1s");
        SortedMap<ReplicaId, Integer> priorities = in.priorities("election-priorities");
        in.requireNoOthers();
        in.requireOrder("election-timeout-min", electionMin, "election-timeout-max", electionMax);
        in.requireOrder("election-timeout-max", electionMax, "election-timeout-cap", electionCap);
        in.requireOrder(
                "heartbeat-interval",
                2 * timing.heartbeatNanos(),
                "half of election-timeout-min",
                electionMin);
        if (reads.lease()) {
            in.requireOrder(
                    "clock.drift-bound",
                    reads.driftBoundNanos(),
                    "election-timeout-min",
                    electionMin);
        }
        return new LeaderOptions(timing, reads, bounds, maxSkew, priorities);
    }
}

package dev.lockstep.bench;

import java.util.Locale;

/// How much is asked of a cluster while something happens to it: a share of what it can do, which
/// is measured first, or a number a second that is given.
///
/// @param percent of what the cluster can do; 100 for as fast as answers come
/// @param perSecond requests a second, whatever the cluster can do; 0 for the share
record SteadyLoad(int percent, int perSecond) {

    private static final int ALL = 100;

    /// Sets the pace of a load.
    ///
    /// @return answers a second as fast as they come; 0 if nobody has to know
    long set(ClosedLoop load) {
        if (perSecond > 0) {
            load.pace(perSecond);
            return 0;
        }
        long capacity = LoadSecond.capacity(load);
        if (percent < ALL) {
            load.pace(Math.max(1, capacity * percent / ALL));
        }
        return capacity;
    }

    /// To end a sentence about a measurement with.
    String words(int inFlight) {
        if (perSecond > 0) {
            return String.format(Locale.ROOT, "with %,d requests a second", perSecond);
        }
        return percent == ALL
                ? "with " + inFlight + " requests in flight"
                : "under " + percent + "% of what the cluster can do";
    }

    /// About what the cluster can do, as [#set] found it; empty if it did not look.
    static String words(long capacity) {
        return capacity == 0
                ? ""
                : String.format(
                        Locale.ROOT,
                        "As fast as they come there are %,d answers a second.",
                        capacity);
    }
}

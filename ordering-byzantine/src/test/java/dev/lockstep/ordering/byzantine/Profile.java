package dev.lockstep.ordering.byzantine;

/// What runs of one row of the table are like.
///
/// @param isSynchronous setting B
/// @param members n
/// @param byzantine how many of them the adversary controls
/// @param crashes how many of the others may crash and restart; as many as there are members for
///     all, with power losses
/// @param slow how many of the others have links that are slower than the bound (B)
/// @param isDeltaBroken delays are not bounded until late in the run (B)
/// @param twins true if a Byzantine member is two processes with one key instead
/// @param stops true if the epoch is to end during the run
record Profile(
        String name,
        boolean isSynchronous,
        int members,
        int byzantine,
        int crashes,
        int slow,
        boolean isDeltaBroken,
        boolean twins,
        boolean stops) {

    static Profile partialSync(int members, int byzantine) {
        return new Profile(
                "A n=" + members + ", " + byzantine + " Byzantine",
                false,
                members,
                byzantine,
                0,
                0,
                false,
                false,
                false);
    }

    static Profile syncBound(int members, int byzantine) {
        return new Profile(
                "B n=" + members + ", " + byzantine + " Byzantine",
                true,
                members,
                byzantine,
                0,
                0,
                false,
                false,
                false);
    }

    Profile crashing(int replicas) {
        return new Profile(
                name + ", " + replicas + " crash",
                isSynchronous,
                members,
                byzantine,
                replicas,
                slow,
                isDeltaBroken,
                twins,
                stops);
    }

    Profile slow(int replicas) {
        return new Profile(
                name + ", " + replicas + " slow",
                isSynchronous,
                members,
                byzantine,
                crashes,
                replicas,
                isDeltaBroken,
                twins,
                stops);
    }

    Profile breakingDelta() {
        return new Profile(
                name + ", delta broken",
                isSynchronous,
                members,
                byzantine,
                crashes,
                slow,
                true,
                twins,
                stops);
    }

    Profile withTwins() {
        return new Profile(
                name + " as twins",
                isSynchronous,
                members,
                byzantine,
                crashes,
                slow,
                isDeltaBroken,
                true,
                stops);
    }

    Profile stopping() {
        return new Profile(
                name + ", epoch ends",
                isSynchronous,
                members,
                byzantine,
                crashes,
                slow,
                isDeltaBroken,
                twins,
                true);
    }

    /// True if every message between honest members arrives within the bound all the time.
    boolean isPrompt() {
        return isSynchronous && !isDeltaBroken && slow == 0 && crashes == 0;
    }
}

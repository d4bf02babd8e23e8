package dev.lockstep.ordering.byzantine;

import org.jspecify.annotations.Nullable;

/// What differs between the two settings (§0, table). Pure.
sealed interface CommitRule permits PartialSync, SyncBound {

    /// What stands for the setting in everything that is signed.
    int setting();

    /// How many of `members` may be faulty (t).
    int tolerated(int members);

    /// True if VOTE1 carries what the leader signed.
    boolean echoesHeaders();

    /// True if VOTE2 carries its lock.
    boolean attachesLock();

    /// True if a member gives a view up when t+1 others have, or the one that leads it.
    boolean joinsTimeouts();

    /// True if a member that starts again casts no vote in the view that it was in.
    boolean abstainsAfterRestart();

    /// How long a member votes for nothing after it has left a view; 0 if it enters the next at
    /// once.
    long quitWaitNanos();

    /// How long a new leader waits for the members' locks; 0 if it proposes at once.
    long leaderWaitNanos();

    /// True if the first block of a view is built on enough.
    ///
    /// @param timeouts what the view began with; null in view 0
    /// @param entryLock the voter's lock when it entered the view
    boolean isFirstBlockVotable(
            Certificate justify, @Nullable TimeoutCertificate timeouts, Certificate entryLock);

    /// The guard before VOTE2 of a block that the voter holds a lock for.
    boolean isSecondVoteReady(Guard guard);

    /// The first moment at which time alone makes a second vote ready; `Long.MAX_VALUE` if time
    /// does not matter.
    ///
    /// @param votedAt when the first vote had left; `Long.MAX_VALUE` if it has not
    long secondVoteAt(long votedAt);

    /// How long second votes are not made ready by time after the host saw the bound on delays
    /// broken.
    long distrustNanos();

    /// How long a view may go without a commit.
    ///
    /// @param fruitless how many views there were without one
    long viewTimeoutNanos(int fruitless);

    /// How long a view may go on without a commit after the connection to its leader broke.
    long lostLeaderNanos();

    /// How often what was lost is repeated.
    long repeatNanos();

    /// How often a missing block is asked for.
    long fetchNanos();
}

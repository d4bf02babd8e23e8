package dev.lockstep.ordering.byzantine;

import dev.lockstep.core.Credentials;
import dev.lockstep.core.Epoch;
import dev.lockstep.core.Membership;
import dev.lockstep.core.OrderingContext;
import dev.lockstep.core.ReplicaId;

/// What never changes for one member in one epoch.
///
/// @param rank its rank; -1 if it only observes
/// @param firstLeader the rank of the leader of view 0
record Setup(
        ReplicaId self,
        int rank,
        Membership members,
        Epoch epoch,
        int firstLeader,
        ByzantineOptions options,
        Credentials credentials,
        CommitRule commitRule,
        Rules rules) {

    static Setup of(OrderingContext context, Rules rules) {
        ByzantineOptions options = ByzantineOptions.ofMember(context.options());
        CommitRule commitRule =
                options.isSynchronous()
                        ? new SyncBound(options, rules)
                        : new PartialSync(options, rules);
        return new Setup(
                context.self(),
                context.isMember() ? context.members().indexOf(context.self()) : -1,
                context.members(),
                context.epoch(),
                Math.max(0, context.members().indexOf(context.firstLeader())),
                options,
                context.credentials(),
                commitRule,
                rules);
    }

    int size() {
        return members.size();
    }

    boolean isMember() {
        return rank >= 0;
    }

    /// t.
    int tolerated() {
        return commitRule.tolerated(size());
    }

    /// n-t: the size of every certificate.
    int quorum() {
        return rules.quorum(size() - tolerated());
    }

    /// True if whatever has a certificate of first votes is on the disk of an honest voter, though
    /// the proposer lost it in a power failure: so it is where n = 3t+1.
    boolean outlivesItsProposer() {
        return quorum() - 1 > tolerated();
    }

    int leaderOf(long view) {
        return (int) ((firstLeader + view) % size());
    }

    boolean leads(long view) {
        return leaderOf(view) == rank;
    }

    SignedBytes signedBytes() {
        return new SignedBytes(commitRule.setting(), credentials.cluster(), epoch);
    }
}

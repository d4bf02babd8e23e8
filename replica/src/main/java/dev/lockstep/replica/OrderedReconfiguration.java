package dev.lockstep.replica;

import dev.lockstep.core.FaultModel;
import dev.lockstep.core.Member;
import dev.lockstep.core.Membership;
import dev.lockstep.core.Now;
import dev.lockstep.core.OrderingProvider;
import dev.lockstep.core.OrderingProviders;
import dev.lockstep.core.Reign;
import dev.lockstep.core.ReplicaId;
import dev.lockstep.core.StopSign;
import dev.lockstep.core.authority.AuthorityView;

import org.jspecify.annotations.Nullable;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/// Judges what an operator wants of the next epoch, and has the stop sign ordered that makes it so;
/// puts a replica that has lost its disk back in its own place, unasked.
final class OrderedReconfiguration implements Reconfiguration {

    /// A newcomer is up to date if it lacks no more positions than this: some are always under way.
    static final long MOST_BEHIND = 256;

    /// A follower that said nothing for so long is gone.
    private static final long SILENCE_NANOS = 2_000_000_000L;

    /// So often is looked for replicas that have lost their disks.
    private static final long LOOK_NANOS = 100_000_000L;

    /// A stop sign that was asked for and did not come is asked for again after this.
    private static final long RETRY_NANOS = 1_000_000_000L;

    private final CurrentReign current;
    private final CurrentEngine engine;
    private final OrderingProviders providers;
    private final PeerTable table;
    private final HistoryIndex index;
    private final OrderOptions orderOptions;
    private final ReplicaRules rules;

    private long lookAt = Long.MIN_VALUE;

    OrderedReconfiguration(
            CurrentReign current,
            CurrentEngine engine,
            OrderingProviders providers,
            PeerTable table,
            HistoryIndex index,
            OrderOptions orderOptions,
            ReplicaRules rules) {
        this.orderOptions = orderOptions;
        this.rules = rules;
        this.current = current;
        this.engine = engine;
        this.providers = providers;
        this.table = table;
        this.index = index;
    }

    @Override
    public ChangeAnswer change(Now now, MemberChange change) {
        if (!current.isMember()) {
            return refusedForNow(
                    "replica "
                            + current.self()
                            + " is not a member; ask one of "
                            + current.members());
        }
        if (!engine.isPresent()) {
            return refusedForNow("an epoch is just ending; ask again in a moment");
        }
        return switch (change) {
            case MemberChange.Add add -> add(now, add.fresh());
            case MemberChange.Remove remove -> remove(now, remove.member());
            case MemberChange.Replace replace -> replace(now, replace.member(), replace.fresh());
            case MemberChange.Switch other -> switchTo(now, other.faults(), other.order());
        };
    }

    private ChangeAnswer add(Now now, Member fresh) {
        if (current.get().isMember(fresh)) {
            return new ChangeAnswer.Done();
        }
        if (current.members().contains(fresh.id())) {
            return refused(
                    "replica "
                            + fresh.id()
                            + " is a member in another life; to put this one in its place,"
                            + " replace it");
        }
        if (current.members().size() >= Membership.MAX_MEMBERS) {
            return refused(
                    "there are "
                            + current.members().size()
                            + " members, and there may be no more; remove one first");
        }
        List<Member> members = new ArrayList<>(current.members().members());
        members.add(fresh);
        return begin(now, members, fresh);
    }

    private ChangeAnswer remove(Now now, ReplicaId gone) {
        if (!current.members().contains(gone)) {
            return new ChangeAnswer.Done();
        }
        if (current.members().size() == 1) {
            return refused("replica " + gone + " is the last member; stop it to end the cluster");
        }
        return begin(now, without(gone), null);
    }

    private ChangeAnswer replace(Now now, ReplicaId gone, Member fresh) {
        if (current.get().isMember(fresh)) {
            return new ChangeAnswer.Done();
        }
        if (!current.members().contains(gone)) {
            return refused("replica " + gone + " is not a member; add replica " + fresh.id());
        }
        if (!fresh.id().equals(gone) && current.members().contains(fresh.id())) {
            return refused("replica " + fresh.id() + " is a member in another life");
        }
        List<Member> members = without(gone);
        members.add(fresh);
        return begin(now, members, fresh);
    }

    private List<Member> without(ReplicaId gone) {
        List<Member> members = new ArrayList<>(current.members().members());
        members.removeIf(member -> member.id().equals(gone));
        return members;
    }

    private ChangeAnswer switchTo(Now now, FaultModel faults, String order) {
        StopSign present = current.get().sign();
        if (present.faults() == faults && present.order().equals(order)) {
            return new ChangeAnswer.Done();
        }
        OrderingProvider<?, ?> provider = providers.find(faults, order);
        if (faults != present.faults()) {
            return refused(
                    "a cluster that runs does not go over to another fault model; the faults stay "
                            + written(present.faults())
                            + ": begin a new cluster for others");
        }
        if (provider == null) {
            return refused(
                    "there is no order "
                            + order
                            + " under faults: "
                            + written(faults)
                            + " in this build; the order is "
                            + present.order()
                            + " and stays so");
        }
        try {
            provider.checkOptions(orderOptions.of(provider));
        } catch (IllegalArgumentException e) {
            // Every replica would stop at the stop sign.
            return refused(
                    "order "
                            + order
                            + " does not take the bound that the replicas' clocks have, and the"
                            + " order stays "
                            + present.order()
                            + ": "
                            + e.getMessage());
        }
        return begin(now, current.members(), faults, order);
    }

    private ChangeAnswer begin(Now now, List<Member> members, @Nullable Member fresh) {
        if (fresh != null) {
            String why = notReady(now, fresh);
            if (why != null) {
                return refusedForNow(why);
            }
        }
        StopSign present = current.get().sign();
        return begin(now, new Membership(members), present.faults(), present.order());
    }

    /// Why a newcomer cannot be taken in yet; null if it can.
    private @Nullable String notReady(Now now, Member fresh) {
        LearnerStatus learner = table.learner(now.monotonicNanos(), fresh);
        if (learner == null || learner.agoNanos() > SILENCE_NANOS) {
            return "replica "
                    + fresh.id()
                    + " does not follow the cluster; start it, and see that it reaches replica "
                    + current.self();
        }
        long behind = index.deliveredThrough() - learner.position();
        if (behind > MOST_BEHIND) {
            return "replica "
                    + fresh.id()
                    + " is at position "
                    + learner.position()
                    + ", "
                    + behind
                    + " behind; wait until it has caught up";
        }
        return null;
    }

    private ChangeAnswer begin(Now now, Membership members, FaultModel faults, String order) {
        int ready = 0;
        StringBuilder absent = new StringBuilder();
        for (Member member : members.members()) {
            if (member.equals(current.member()) || table.isConnected(member)) {
                ready++;
            } else {
                absent.append(absent.isEmpty() ? "" : ", ").append(member.id());
            }
        }
        if (ready < members.majority()) {
            return refusedForNow(
                    "of the members that there would be, "
                            + members
                            + ", replica "
                            + current.self()
                            + " does not reach "
                            + absent
                            + ": there would be "
                            + ready
                            + ", and "
                            + members.majority()
                            + " are needed; start them first");
        }
        StopSign sign =
                new StopSign(
                        current.get().epoch().next(), members, faults, order, firstOf(members));
        engine.requestStop(now, sign);
        return new ChangeAnswer.Begun(sign.next());
    }

    /// Who leads first: who leads now, or the first that is there.
    private ReplicaId firstOf(Membership members) {
        ReplicaId entry = engine.status().preferredEntry();
        if (entry != null && members.contains(entry)) {
            return entry;
        }
        for (Member member : members.members()) {
            if (member.equals(current.member()) || table.isConnected(member)) {
                return member.id();
            }
        }
        return members.idAt(0);
    }

    /// A majority has begun it.
    @Override
    public boolean isSettled() {
        Reign reign = current.get();
        int begun = 0;
        for (Member member : reign.members().members()) {
            boolean isHere =
                    member.equals(current.member())
                            ? engine.isPresent()
                            : table.hasBegun(member, reign.epoch().value());
            begun += isHere ? 1 : 0;
        }
        return begun >= rules.settledWith(reign.members().majority());
    }

    /// The member at which requests are ordered soonest looks after replicas that are back in
    /// another life, because their disks were lost: they are replaced by themselves.
    @Override
    public void advance(Now now) {
        long nanos = now.monotonicNanos();
        if (nanos < lookAt || !isResponsible() || !table.hasReturned()) {
            return;
        }
        lookAt = nanos + LOOK_NANOS;
        for (LearnerStatus learner : table.learners(nanos)) {
            ReplicaId id = learner.member().id();
            if (!current.members().contains(id)) {
                continue;
            }
            if (replace(now, id, learner.member()) instanceof ChangeAnswer.Begun) {
                lookAt = nanos + RETRY_NANOS;
                return;
            }
        }
    }

    private boolean isResponsible() {
        return engine.isPresent()
                && current.isMember()
                && current.self().equals(engine.status().preferredEntry());
    }

    @Override
    public long nextDeadlineNanos() {
        return isResponsible() && table.hasReturned() ? lookAt : Long.MAX_VALUE;
    }

    // Of the configuration authority's way.

    @Override
    public void onBegun(Now now) {}

    @Override
    public void onSuspect(Now now, ReplicaId peer) {}

    @Override
    public void onSealed(Now now, StopSign next, long attempt) {}

    @Override
    public void onAuthority(Now now, AuthorityView view) {}

    private static String written(FaultModel faults) {
        return faults.name().toLowerCase(Locale.ROOT).replace('_', '-');
    }

    private static ChangeAnswer refused(String sentence) {
        return new ChangeAnswer.Refused(sentence, false);
    }

    private static ChangeAnswer refusedForNow(String sentence) {
        return new ChangeAnswer.Refused(sentence, true);
    }
}

package dev.lockstep.replica;

import dev.lockstep.core.Member;
import dev.lockstep.core.Now;
import dev.lockstep.core.Reign;
import dev.lockstep.core.ReplicaId;
import dev.lockstep.core.StopSign;
import dev.lockstep.core.Suspicion;
import dev.lockstep.core.authority.AuthorityView;
import dev.lockstep.core.wire.Bytes;

import org.jspecify.annotations.Nullable;

/// Has wishes that operators have signed ordered, and wants the stop sign of the one that was.
///
/// Since the wish is executed by all honest replicas, all of them want the same stop sign. A leader
/// that does not propose it is given up, as one is that leaves a request out.
final class SignedReconfiguration implements Reconfiguration {

    static final String SENTENCE =
            "the members of a cluster in which members may lie change as one of its operators"
                    + " signs: ask with 'lockstep member', where the key of an operator is";

    /// While a stop sign is wanted, the protocol is told so often that something waits.
    static final long WAITS_NANOS = 100_000_000L;

    /// A leader that has not had it ordered after so long leaves it out on purpose.
    static final long CENSORED_NANOS = 2_000_000_000L;

    /// Has a wish ordered.
    @FunctionalInterface
    interface Target {
        void order(Now now, Wish wish, Bytes body);
    }

    private final CurrentReign current;
    private final CurrentEngine engine;
    private final PeerTable table;
    private final OrderedWish wished;
    private final WishJudge judge;
    private final Quorum quorum;
    private final ReplicaRules rules;
    private final Target target;

    /// The epoch whose engine was told which stop sign this replica wants; 0 before.
    private long wantedIn;

    /// Since when whoever leads has had time for it, monotonic.
    private long wantedSince;

    /// Who led when that was last looked at; 0 if nobody is known.
    private int leader;

    private long tellAt = Long.MAX_VALUE;

    /// How many of so many members are enough for the epoch to go on without the others.
    @FunctionalInterface
    interface Quorum {
        int of(int members);
    }

    SignedReconfiguration(
            CurrentReign current,
            CurrentEngine engine,
            PeerTable table,
            OrderedWish wished,
            WishJudge judge,
            Quorum quorum,
            ReplicaRules rules,
            Target target) {
        this.current = current;
        this.engine = engine;
        this.table = table;
        this.wished = wished;
        this.judge = judge;
        this.quorum = quorum;
        this.rules = rules;
        this.target = target;
    }

    @Override
    public ChangeAnswer change(Now now, MemberChange change) {
        return new ChangeAnswer.Refused(SENTENCE, false);
    }

    @Override
    public ChangeAnswer wish(Now now, Wish wish) {
        StopSign sign = wish.sign();
        if (current.get().sign().equals(sign)) {
            return new ChangeAnswer.Done();
        }
        if (!current.isMember()) {
            return new ChangeAnswer.Refused(
                    "replica "
                            + current.self()
                            + " is not a member; ask those of "
                            + current.members(),
                    true);
        }
        if (!engine.isPresent()) {
            return new ChangeAnswer.Refused("an epoch is just ending; ask again in a moment", true);
        }
        String why = judge.whyNot(current.epoch(), wish);
        if (why != null) {
            return new ChangeAnswer.Refused(why, wish.endsEpoch() < current.epoch());
        }
        StopSign other = wished.endOf(current.epoch());
        if (other == null) {
            target.order(now, wish, wish.encode());
        } else if (!other.equals(sign)) {
            return new ChangeAnswer.Refused(
                    "another wish for epoch " + sign.next() + " was ordered; sign again after it",
                    true);
        }
        return new ChangeAnswer.Begun(sign.next());
    }

    /// So many have begun it that it goes on without the others.
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
        return begun >= rules.settledWith(quorum.of(reign.members().size()));
    }

    @Override
    public void advance(Now now) {
        StopSign sign = sign();
        if (sign == null) {
            tellAt = Long.MAX_VALUE;
            return;
        }
        long nanos = now.monotonicNanos();
        if (wantedIn != current.epoch()) {
            wantedIn = current.epoch();
            wantedSince = nanos;
            tellAt = nanos + WAITS_NANOS;
            engine.requestStop(now, sign);
            return;
        }
        ReplicaId entry = engine.status().preferredEntry();
        int leads = entry == null ? 0 : entry.value();
        if (leads != leader) {
            leader = leads;
            wantedSince = nanos;
        }
        if (nanos < tellAt) {
            return;
        }
        tellAt = nanos + WAITS_NANOS;
        if (nanos - wantedSince >= CENSORED_NANOS && leads != current.self().value()) {
            wantedSince = nanos;
            engine.suspected(now, Suspicion.CENSORSHIP);
        } else {
            engine.suspected(now, Suspicion.REQUESTS_WAIT);
        }
    }

    /// The one that this replica wants; null if it wants none, or has no part in it.
    private @Nullable StopSign sign() {
        return engine.isPresent() && current.isMember() ? wished.endOf(current.epoch()) : null;
    }

    @Override
    public long nextDeadlineNanos() {
        boolean isNews = sign() != null && wantedIn != current.epoch();
        return isNews ? 0 : tellAt;
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
}

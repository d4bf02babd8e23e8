package dev.lockstep.replica;

import dev.lockstep.core.ClusterId;
import dev.lockstep.core.Epoch;
import dev.lockstep.core.Member;
import dev.lockstep.core.Now;
import dev.lockstep.core.Reign;
import dev.lockstep.core.ReplicaId;
import dev.lockstep.core.StopSign;
import dev.lockstep.core.authority.AuthorityQuestion;
import dev.lockstep.core.authority.AuthorityView;
import dev.lockstep.core.port.AuthorityPort;

import org.jspecify.annotations.Nullable;

import java.util.function.Consumer;

/// The configuration authority says who the members are: tells it that this replica lives and what
/// its protocol finds out, and hands what it answers to the protocol.
///
/// A replica that neither hears all other members nor the authority may have been excluded, and so
/// may one that has just started. It could complete nothing, so it sends its clients away until the
/// authority answers: they find those that go on.
final class AuthorityReconfiguration implements Reconfiguration {

    /// So often the authority is told that this replica lives, and asked how things stand.
    static final long BEAT_NANOS = 100_000_000L;

    /// What was said and has shown no effect is said again after this.
    static final long REPEAT_NANOS = 50_000_000L;

    /// For so long after the authority's last answer a replica that misses members serves clients.
    static final long LEASE_NANOS = 1_000_000_000L;

    /// A member that was not missed for so long is there.
    private static final long MISSED_NANOS = 500_000_000L;

    private final CurrentReign current;
    private final CurrentEngine engine;
    private final PeerTable table;
    private final HistoryIndex index;
    private final HistoryFetch fetch;
    private final AuthorityPort port;
    private final Consumer<@Nullable String> sendAway;
    private final ClusterId cluster;
    private final StopSign first;

    private long beatAt = Long.MIN_VALUE;

    /// Who was last reported as suspect, and until when that is not repeated.
    private @Nullable ReplicaId suspected;

    private long suspectAgainAt = Long.MIN_VALUE;
    private long sealAgainAt = Long.MIN_VALUE;

    /// The last attempt that was reported to have come to its end.
    private long sealed;

    /// When a member was last missed, monotonic.
    private long missedNanos = Long.MIN_VALUE / 2;

    /// When the authority last answered, monotonic; the lease begins with the first look.
    private long answeredNanos = Long.MIN_VALUE;

    private boolean isFenced;

    /// What the authority said last; null before its first answer.
    private @Nullable AuthorityView view;

    /// @param first the epoch in which the cluster began
    /// @param sendAway admits no request while it was last given a reason
    AuthorityReconfiguration(
            ClusterId cluster,
            StopSign first,
            CurrentReign current,
            CurrentEngine engine,
            PeerTable table,
            HistoryIndex index,
            HistoryFetch fetch,
            AuthorityPort port,
            Consumer<@Nullable String> sendAway) {
        this.cluster = cluster;
        this.first = first;
        this.current = current;
        this.engine = engine;
        this.table = table;
        this.index = index;
        this.fetch = fetch;
        this.port = port;
        this.sendAway = sendAway;
    }

    @Override
    public ChangeAnswer change(Now now, MemberChange change) {
        return new ChangeAnswer.Refused(
                "under faults: fail-stop the configuration authority alone decides who the members"
                        + " are, and the order stays as it is: stop a replica to have it left out,"
                        + " start it to have it taken in again",
                false);
    }

    @Override
    public boolean isSettled() {
        Reign reign = current.get();
        for (Member member : reign.members().members()) {
            boolean isHere =
                    member.equals(current.member())
                            ? engine.isPresent()
                            : table.hasBegun(member, reign.epoch().value());
            if (!isHere) {
                return false;
            }
        }
        return true;
    }

    @Override
    public void onBegun(Now now) {
        beatAt = Long.MIN_VALUE;
        suspected = null;
    }

    @Override
    public void onSuspect(Now now, ReplicaId peer) {
        if (!peer.equals(current.self())) {
            missedNanos = now.monotonicNanos();
        }
        boolean isRepeated = peer.equals(suspected) && now.monotonicNanos() < suspectAgainAt;
        if (!isRepeated) {
            suspected = peer;
            suspectAgainAt = now.monotonicNanos() + REPEAT_NANOS;
            ask(new AuthorityQuestion.Suspicion(peer));
        }
    }

    @Override
    public void onSealed(Now now, StopSign next, long attempt) {
        if (attempt != sealed || now.monotonicNanos() >= sealAgainAt) {
            sealed = attempt;
            sealAgainAt = now.monotonicNanos() + REPEAT_NANOS;
            ask(new AuthorityQuestion.Sealed(next, attempt));
        }
    }

    @Override
    public void onAuthority(Now now, AuthorityView said) {
        answeredNanos = now.monotonicNanos();
        AuthorityView before = view;
        if (before != null && isOlder(said, before)) {
            return;
        }
        view = said;
        Epoch active = said.active().next();
        StopSign pending = said.pending();
        long epoch = current.epoch();
        if (!current.isMember()) {
            return;
        }
        if (active.value() == epoch && pending != null) {
            engine.wedged(now, pending, said.attempt());
        } else if (active.value() > epoch) {
            // Of an attempt that ended another epoch this one has no part.
            boolean isNext = active.value() == epoch + 1;
            engine.installed(now, said.active(), isNext ? said.activeAttempt() : -1);
        }
    }

    private static boolean isOlder(AuthorityView said, AuthorityView before) {
        int byEpoch = said.active().next().compareTo(before.active().next());
        return byEpoch < 0 || (byEpoch == 0 && said.attempt() < before.attempt());
    }

    @Override
    public void advance(Now now) {
        long nanos = now.monotonicNanos();
        if (answeredNanos == Long.MIN_VALUE) {
            answeredNanos = nanos;
        }
        fence(nanos);
        if (nanos >= beatAt) {
            beatAt = nanos + BEAT_NANOS;
            // Between two epochs it holds the end of the one before, and has not begun the next.
            if (engine.isPresent()) {
                ask(new AuthorityQuestion.Heartbeat(current.epoch(), isUpToDate(nanos)));
            }
        }
    }

    private void fence(long nanos) {
        boolean isAlone = nanos - missedNanos < MISSED_NANOS;
        boolean isUnheard = nanos - answeredNanos > LEASE_NANOS;
        boolean isToFence = view == null || (isUnheard && (isAlone || isFenced));
        if (isToFence != isFenced) {
            isFenced = isToFence;
            sendAway.accept(isFenced ? "replica " + current.self() + whyFenced() : null);
        }
    }

    private String whyFenced() {
        return view == null
                ? " has not heard from its configuration authority yet; ask another"
                : " hears neither all members nor the configuration authority, and may have been"
                        + " left out; ask another";
    }

    /// True if it follows the epoch that the authority has begun, and lacks little of it.
    private boolean isUpToDate(long nanos) {
        AuthorityView known = view;
        return known != null
                && !current.isMember()
                && known.active().next().value() == current.epoch()
                && fetch.isAtEnd(nanos, index.deliveredThrough());
    }

    private void ask(AuthorityQuestion.Word word) {
        port.ask(new AuthorityQuestion(cluster, first, current.member(), word));
    }

    @Override
    public long nextDeadlineNanos() {
        return beatAt;
    }
}

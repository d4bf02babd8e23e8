package dev.lockstep.ordering.stability;

import dev.lockstep.core.Member;
import dev.lockstep.core.Membership;
import dev.lockstep.core.ReplicaId;
import dev.lockstep.core.StopSign;

import org.jspecify.annotations.Nullable;

import java.util.ArrayList;
import java.util.List;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;

/// The configuration authority of a fail-stop cluster: who the members are, decided in one place.
///
/// A deterministic state machine, to be replicated itself; time is handed in. An epoch ends in
/// attempts: each names the members that go on, and takes the place of the one before. An attempt
/// counts when those members have told what they agreed on while it was the latest; only then has
/// the next epoch begun.
///
/// Safety asks nothing of the authority's judgement, only that it goes back on nothing: whoever it
/// leaves out, rightly or not, completes nothing any more, because every command needs every member
/// and those that go on have stopped.
final class Authority {

    /// What the authority says.
    ///
    /// @param active the epoch that has begun
    /// @param activeAttempt the attempt that ended the one before; 0 for the first epoch
    /// @param pending the epoch that the active one's members are to make begin; null if none
    /// @param attempt the number of the latest attempt, ever
    record View(StopSign active, long activeAttempt, @Nullable StopSign pending, long attempt) {}

    private final List<Member> roster;
    private final long silenceNanos;
    private final TreeMap<ReplicaId, Long> heard = new TreeMap<>();

    /// Members of the active epoch that hold everything before it: without one of them nothing goes
    /// on.
    private final TreeSet<ReplicaId> holders = new TreeSet<>();

    private View view;

    /// @param first the epoch in which the cluster begins; its members are those that may ever be
    /// @param silenceNanos who is not heard of for so long is held to be dead
    Authority(StopSign first, long silenceNanos) {
        this.roster = first.members().members();
        this.silenceNanos = silenceNanos;
        this.view = new View(first, 0, null, 0);
        for (Member member : roster) {
            heard.put(member.id(), 0L);
            holders.add(member.id());
        }
    }

    View view() {
        return view;
    }

    /// Members of the active epoch that hold everything before it.
    SortedSet<ReplicaId> holders() {
        return holders;
    }

    /// A replica lives.
    ///
    /// @param epoch in which it is: it holds everything before
    /// @param isUpToDate true if it follows that epoch without being its member, and wants in
    View heartbeat(ReplicaId from, long epoch, boolean isUpToDate, long nowNanos) {
        heard.put(from, nowNanos);
        boolean isPresent = epoch == view.active().next().value();
        if (isPresent && view.active().members().contains(from)) {
            holders.add(from);
        }
        dropSilent(nowNanos);
        if (isUpToDate
                && isPresent
                && view.pending() == null
                && !view.active().members().contains(from)
                && roster.stream().anyMatch(member -> member.id().equals(from))) {
            attempt(
                    member ->
                            view.active().members().contains(member.id())
                                    || member.id().equals(from));
        }
        return view;
    }

    /// A member suspects another, or says of itself that it has restarted.
    View suspect(ReplicaId by, ReplicaId peer, long nowNanos) {
        heard.put(by, nowNanos);
        dropSilent(nowNanos);
        Membership present = latest();
        if (!holders.contains(by) || !present.contains(by)) {
            return view;
        }
        if (by.equals(peer)) {
            if (view.pending() == null) {
                attempt(member -> present.contains(member.id()));
            }
        } else if (present.contains(peer)) {
            attempt(member -> present.contains(member.id()) && !member.id().equals(peer));
        }
        return view;
    }

    /// The members that go on hold what the epoch ends with.
    View sealed(StopSign next, long attempt) {
        StopSign pending = view.pending();
        if (pending != null && attempt == view.attempt() && pending.equals(next)) {
            holders.removeIf(id -> !pending.members().contains(id));
            view = new View(pending, attempt, null, attempt);
        }
        return view;
    }

    private Membership latest() {
        StopSign pending = view.pending();
        return pending == null ? view.active().members() : pending.members();
    }

    /// Leaves out who is silent, if somebody is left that holds everything. If an attempt was left
    /// to members that have died since, the others of the active epoch take over: nothing has come
    /// of it.
    private void dropSilent(long nowNanos) {
        boolean isLost = !isAnyLeft(latest(), nowNanos);
        Membership base = isLost ? view.active().members() : latest();
        boolean isChange =
                isLost
                        ? view.pending() != null
                        : base.members().stream()
                                .anyMatch(member -> isSilent(member.id(), nowNanos));
        if (isChange && isAnyLeft(base, nowNanos)) {
            attempt(member -> base.contains(member.id()) && !isSilent(member.id(), nowNanos));
        }
    }

    private boolean isAnyLeft(Membership among, long nowNanos) {
        return holders.stream().anyMatch(id -> among.contains(id) && !isSilent(id, nowNanos));
    }

    private boolean isSilent(ReplicaId id, long nowNanos) {
        return nowNanos - heard.getOrDefault(id, 0L) > silenceNanos;
    }

    private void attempt(java.util.function.Predicate<Member> stays) {
        List<Member> members = new ArrayList<>(roster);
        members.removeIf(stays.negate());
        StopSign active = view.active();
        StopSign next =
                new StopSign(
                        active.next().next(),
                        new Membership(members),
                        active.faults(),
                        active.order(),
                        members.getFirst().id());
        view = new View(active, view.activeAttempt(), next, view.attempt() + 1);
    }
}

package dev.lockstep.core.authority;

import dev.lockstep.core.Member;
import dev.lockstep.core.Membership;
import dev.lockstep.core.ReplicaId;
import dev.lockstep.core.StopSign;
import dev.lockstep.core.wire.BytesReader;
import dev.lockstep.core.wire.BytesWriter;

import java.util.ArrayList;
import java.util.List;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Predicate;

/// The configuration authority of one fail-stop cluster.
///
/// A deterministic state machine, to be replicated itself; time is handed in. An epoch ends in
/// attempts: each names the members that go on, and takes the place of the one before. An attempt
/// counts when those members have told what they agreed on while it was the latest; only then has
/// the next epoch begun.
///
/// Safety asks nothing of the authority's judgement, only that it goes back on nothing: whoever it
/// leaves out, rightly or not, completes nothing any more, because every command needs every member
/// and those that go on have stopped.
public final class Authority {

    private final long silenceNanos;

    /// By number: the replicas that may be members, each in the life that it was last taken in
    /// with.
    private final TreeMap<ReplicaId, Member> roster = new TreeMap<>();

    /// By number: when that life was last heard of.
    private final TreeMap<ReplicaId, Long> heard = new TreeMap<>();

    /// Members of the active epoch that hold everything before it: without one of them nothing goes
    /// on.
    private final TreeSet<ReplicaId> holders = new TreeSet<>();

    private AuthorityView view;

    /// @param first the epoch in which the cluster begins; its members are those that may ever be
    /// @param silenceNanos who is not heard of for so long is held to be dead
    public Authority(StopSign first, long silenceNanos, long nowNanos) {
        this(new AuthorityView(first, 0, null, 0), silenceNanos);
        for (Member member : first.members().members()) {
            roster.put(member.id(), member);
            heard.put(member.id(), nowNanos);
            holders.add(member.id());
        }
    }

    private Authority(AuthorityView view, long silenceNanos) {
        this.view = view;
        this.silenceNanos = silenceNanos;
    }

    /// How things stand.
    public AuthorityView view() {
        return view;
    }

    /// Members of the active epoch that hold everything before it, in the lives in which they do.
    public List<Member> holders() {
        return holders.stream().map(roster::get).toList();
    }

    /// Takes in what a replica says.
    ///
    /// @param nowNanos the time, on a clock that does not go back
    public AuthorityView answer(Member by, AuthorityQuestion.Word word, long nowNanos) {
        boolean isKnown = by.equals(roster.get(by.id()));
        switch (word) {
            case AuthorityQuestion.Heartbeat beat -> onHeartbeat(by, isKnown, beat, nowNanos);
            case AuthorityQuestion.Suspicion suspicion -> {
                if (isKnown) {
                    onSuspicion(by.id(), suspicion.peer(), nowNanos);
                }
            }
            case AuthorityQuestion.Sealed agreed -> {
                if (isKnown) {
                    onSealed(agreed);
                }
            }
        }
        return view;
    }

    private void onHeartbeat(
            Member by, boolean isKnown, AuthorityQuestion.Heartbeat beat, long nowNanos) {
        ReplicaId id = by.id();
        boolean isPresent = beat.epoch() == view.active().next().value();
        if (isKnown) {
            heard.put(id, nowNanos);
            if (isPresent && view.active().members().contains(id)) {
                holders.add(id);
            }
        }
        dropSilent(nowNanos);
        boolean isOut = !view.active().members().contains(id);
        if (beat.isUpToDate()
                && isPresent
                && isOut
                && view.pending() == null
                && roster.containsKey(id)) {
            // Perhaps in another life than before: what it held in that one counts for nothing.
            roster.put(id, by);
            heard.put(id, nowNanos);
            attempt(member -> view.active().members().contains(member.id()) || member.equals(by));
        }
    }

    private void onSuspicion(ReplicaId by, ReplicaId peer, long nowNanos) {
        heard.put(by, nowNanos);
        dropSilent(nowNanos);
        Membership present = latest();
        if (!holders.contains(by) || !present.contains(by)) {
            return;
        }
        if (by.equals(peer)) {
            if (view.pending() == null) {
                attempt(member -> present.contains(member.id()));
            }
        } else if (present.contains(peer)) {
            attempt(member -> present.contains(member.id()) && !member.id().equals(peer));
        }
    }

    private void onSealed(AuthorityQuestion.Sealed agreed) {
        StopSign pending = view.pending();
        if (pending != null
                && agreed.attempt() == view.attempt()
                && pending.equals(agreed.next())) {
            holders.removeIf(id -> !pending.members().contains(id));
            view = new AuthorityView(pending, agreed.attempt(), null, agreed.attempt());
        }
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

    private void attempt(Predicate<Member> stays) {
        List<Member> members = new ArrayList<>(roster.values());
        members.removeIf(stays.negate());
        StopSign active = view.active();
        StopSign next =
                new StopSign(
                        active.next().next(),
                        new Membership(members),
                        active.faults(),
                        active.order(),
                        members.getFirst().id());
        view = new AuthorityView(active, view.activeAttempt(), next, view.attempt() + 1);
    }

    /// Appends everything but the time of silence. Equal states give equal bytes.
    public void encode(BytesWriter out) {
        AuthorityCodec.encodeView(view, out);
        out.putInt(roster.size());
        for (Member member : roster.values()) {
            AuthorityCodec.encodeMember(member, out);
            out.putLong(heard.getOrDefault(member.id(), 0L));
            out.putByte(holders.contains(member.id()) ? 1 : 0);
        }
    }

    /// Reads what [#encode] wrote.
    ///
    /// @throws dev.lockstep.core.wire.MalformedException if it is none
    public static Authority decode(BytesReader in, long silenceNanos) {
        Authority authority = new Authority(AuthorityCodec.decodeView(in), silenceNanos);
        int count = in.getCount(Membership.MAX_MEMBERS, AuthorityCodec.MEMBER_BYTES, "members");
        for (int i = 0; i < count; i++) {
            Member member = AuthorityCodec.decodeMember(in);
            authority.roster.put(member.id(), member);
            authority.heard.put(member.id(), in.getLong());
            if (AuthorityCodec.decodeFlag(in)) {
                authority.holders.add(member.id());
            }
        }
        return authority;
    }
}

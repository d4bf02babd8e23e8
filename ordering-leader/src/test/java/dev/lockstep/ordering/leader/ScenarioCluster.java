package dev.lockstep.ordering.leader;

import dev.lockstep.core.Batch;
import dev.lockstep.core.BatchId;
import dev.lockstep.core.Incarnation;
import dev.lockstep.core.Input;
import dev.lockstep.core.Member;
import dev.lockstep.core.Membership;
import dev.lockstep.core.ReplicaId;
import dev.lockstep.core.wire.Bytes;
import dev.lockstep.ordering.leader.ScenarioNetwork.Letter;
import dev.lockstep.testkit.scenario.BadCommandException;

import org.jspecify.annotations.Nullable;

import java.util.ArrayList;
import java.util.List;
import java.util.SortedMap;

/// Bare protocol instances, a network and a clock that move only when told.
final class ScenarioCluster {

    /// No settling takes so many steps, unless something goes round in circles.
    private static final int MOST_STEPS = 20_000;

    final LeaderOrderingProvider provider;
    final Membership membership;
    final SortedMap<String, String> options;
    final ScenarioNetwork network = new ScenarioNetwork();
    private final List<ScenarioMember> members = new ArrayList<>();
    private long nowNanos = 1_000_000_000L;

    ScenarioCluster(Rules rules, int size, SortedMap<String, String> options) {
        this.provider = new LeaderOrderingProvider(rules);
        this.options = options;
        List<Member> list = new ArrayList<>();
        for (int number = 1; number <= size; number++) {
            list.add(new Member(new ReplicaId(number), new Incarnation(7, number)));
        }
        membership = new Membership(list);
        for (Member member : list) {
            members.add(new ScenarioMember(this, member.id()));
        }
    }

    List<ScenarioMember> members() {
        return members;
    }

    ScenarioMember member(ReplicaId id) {
        return members.get(rank(id));
    }

    int rank(ReplicaId id) {
        return membership.indexOf(id);
    }

    long nowNanos() {
        return nowNanos;
    }

    /// Time passes; no timer fires.
    void pass(long nanos) {
        nowNanos += nanos;
    }

    /// Writes a log as if it had come about: entries without content, all durable.
    void writeLog(ScenarioMember member, List<Long> terms, long term, @Nullable ReplicaId vote) {
        Mark last = new Mark(0, 0, Chain.START);
        member.journal.append(new LeaderRecord.Term(term, vote));
        for (long of : terms) {
            long index = last.index() + 1;
            Member author = membership.members().getFirst();
            BatchId name =
                    new BatchId(author.id(), author.incarnation(), BatchId.PROTOCOL_BOOT, index);
            Batch batch = Batch.of(name, 0, Bytes.EMPTY);
            long chain = Chain.next(last.chain(), of, index, LogEntry.Purpose.BATCH, batch, null);
            last = new Mark(index, of, chain);
            LogEntry entry = new LogEntry(last, index, batch, LogEntry.Purpose.BATCH, null);
            member.journal.append(new LeaderRecord.Entry(entry));
        }
        member.journal.sync();
    }

    ScenarioAccount deliver(Letter letter) {
        ScenarioMember receiver = member(letter.to());
        if (!receiver.isUp()) {
            throw new BadCommandException(letter.to() + " is down");
        }
        LeaderMessage message = letter.message();
        return receiver.step(
                "receives " + ScenarioWords.of(message) + " from " + letter.from(),
                new Input.Received<>(letter.from(), message));
    }

    /// What was under way to a member that went down.
    List<Letter> dropTo(ReplicaId id) {
        return network.takeAll(letter -> letter.to().equals(id));
    }

    /// Delivers and syncs until nothing is under way and everybody was told what is committed.
    List<ScenarioAccount> settle() {
        List<ScenarioAccount> accounts = new ArrayList<>();
        for (ScenarioAccount next = settleOnce(); next != null; next = settleOnce()) {
            accounts.add(next);
            if (accounts.size() > MOST_STEPS) {
                throw new IllegalStateException("it does not settle");
            }
        }
        return accounts;
    }

    private @Nullable ScenarioAccount settleOnce() {
        Letter letter = network.takeOldest();
        if (letter != null) {
            return deliver(letter);
        }
        for (ScenarioMember member : members) {
            if (member.isUp() && !member.journal.isDurable()) {
                return member.sync();
            }
        }
        for (ScenarioMember member : members) {
            if (member.isUp() && member.timerNanos(LeaderTimer.COMMIT_NOTICE) != Long.MAX_VALUE) {
                return member.fire(LeaderTimer.COMMIT_NOTICE);
            }
        }
        return null;
    }

    /// Time passes with everything as it should be: what is sent arrives, what is written is
    /// durable, and timers fire when they are due.
    List<ScenarioAccount> live(long nanos) {
        long until = nowNanos + nanos;
        List<ScenarioAccount> accounts = new ArrayList<>(settle());
        for (ScenarioAccount next = fireDue(until); next != null; next = fireDue(until)) {
            accounts.add(next);
            accounts.addAll(settle());
            if (accounts.size() > MOST_STEPS) {
                throw new IllegalStateException("too much happens in that time");
            }
        }
        nowNanos = Math.max(nowNanos, until);
        return accounts;
    }

    private @Nullable ScenarioAccount fireDue(long until) {
        ScenarioMember whose = null;
        LeaderTimer which = LeaderTimer.ELECTION;
        long at = until;
        for (ScenarioMember member : members) {
            for (LeaderTimer timer : LeaderTimer.values()) {
                if (member.timerNanos(timer) <= at
                        && (whose == null || member.timerNanos(timer) < at)) {
                    whose = member;
                    which = timer;
                    at = member.timerNanos(timer);
                }
            }
        }
        return whose == null ? null : whose.fire(which);
    }

    /// The timers whose time has come, in words.
    List<String> due() {
        List<String> due = new ArrayList<>();
        for (ScenarioMember member : members) {
            for (LeaderTimer timer : LeaderTimer.values()) {
                if (member.timerNanos(timer) <= nowNanos) {
                    due.add(ScenarioWords.timer(timer) + " of " + member.id);
                }
            }
        }
        return due;
    }
}

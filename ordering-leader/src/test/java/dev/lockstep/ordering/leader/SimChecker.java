package dev.lockstep.ordering.leader;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lockstep.core.Batch;
import dev.lockstep.core.BatchId;
import dev.lockstep.core.ReplicaId;

import java.util.ArrayList;
import java.util.List;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;

/// Sees all members at once and compares what they do with what the specification promises.
final class SimChecker {

    private final SimCluster cluster;

    /// What was delivered first at each position, by anyone, for ever.
    private final List<Batch> agreed = new ArrayList<>();

    private final List<Long> times = new ArrayList<>();
    private final SortedSet<BatchId> submitted = new TreeSet<>();
    private final SortedSet<BatchId> deliveredIds = new TreeSet<>();
    private final SortedMap<String, Long> lastOfOrigin = new TreeMap<>();
    private final SortedMap<Long, ReplicaId> leaders = new TreeMap<>();
    private final SortedMap<String, ReplicaId> votes = new TreeMap<>();

    /// Any state that a client may have seen: later reads must not return less.
    private long seenPosition;

    private long stoppedAt;

    SimChecker(SimCluster cluster) {
        this.cluster = cluster;
    }

    int length() {
        return agreed.size();
    }

    int terms() {
        return leaders.size();
    }

    long seenPosition() {
        return seenPosition;
    }

    Batch agreedAt(long position) {
        return agreed.get((int) position - 1);
    }

    long timeAt(long position) {
        return times.get((int) position - 1);
    }

    void onSubmitted(Batch batch) {
        submitted.add(batch.id());
    }

    void onDelivered(SimMember member, long position, Batch batch, long timeNanos) {
        assertThat(position).as("no gaps at " + member.id).isEqualTo(member.delivered + 1);
        assertThat(stoppedAt == 0 || position <= stoppedAt).as("nothing follows a stop").isTrue();
        if (position <= agreed.size()) {
            assertThat(batch).as("agreement at " + position).isEqualTo(agreedAt(position));
            assertThat(timeNanos).as("agreed time at " + position).isEqualTo(timeAt(position));
        } else {
            onFirstDelivered(position, batch, timeNanos);
        }
        if (batch.id().origin().equals(member.id)) {
            // Its clients are answered now.
            seenPosition = Math.max(seenPosition, position);
        }
    }

    private void onFirstDelivered(long position, Batch batch, long timeNanos) {
        assertThat(times.isEmpty() || times.getLast() <= timeNanos).as("time ascends").isTrue();
        agreed.add(batch);
        times.add(timeNanos);
        BatchId id = batch.id();
        if (id.boot() != BatchId.PROTOCOL_BOOT) {
            assertThat(submitted).as("validity").contains(id);
        }
        assertThat(deliveredIds.add(id)).as("delivered once: " + id).isTrue();
        Long before = lastOfOrigin.put(id.origin() + "/" + id.boot(), id.sequence());
        assertThat(before == null || before < id.sequence()).as("an origin's order").isTrue();
        long copies = 0;
        for (SimMember member : cluster.members) {
            copies += member.holdsDurably(position, id) ? 1 : 0;
        }
        assertThat(copies)
                .as("committed on a durable majority: " + position)
                .isGreaterThanOrEqualTo(cluster.membership.majority());
    }

    void onSent(SimMember from, LeaderMessage message) {
        if (message instanceof LeaderMessage.Append append) {
            ReplicaId known = leaders.putIfAbsent(append.term(), from.id);
            if (known == null) {
                onElected(from, append.term());
            } else {
                assertThat(from.id).as("one leader in term " + append.term()).isEqualTo(known);
            }
        }
    }

    /// Leader completeness: whatever was delivered anywhere is in the log of each later leader.
    private void onElected(SimMember leader, long term) {
        if (leaders.lastKey() != term) {
            return;
        }
        for (long position = 1; position <= agreed.size(); position++) {
            assertThat(leader.holds(position, agreedAt(position).id()))
                    .as("the leader of term " + term + " holds " + position)
                    .isTrue();
        }
    }

    void onVoteSent(SimMember voter, ReplicaId candidate, long term) {
        ReplicaId known = votes.putIfAbsent(voter.id + "/" + term, candidate);
        assertThat(known == null || known.equals(candidate))
                .as(voter.id + " votes once in term " + term)
                .isTrue();
    }

    /// A read that was asked for when clients had seen `floor` got the state at `position`.
    void onRead(long floor, long position) {
        assertThat(position)
                .as("a read returns what was acknowledged")
                .isGreaterThanOrEqualTo(floor);
        seenPosition = Math.max(seenPosition, position);
    }

    void onStopped(long position) {
        assertThat(stoppedAt == 0 || stoppedAt == position).as("one stop").isTrue();
        stoppedAt = position;
        assertThat((long) agreed.size()).as("the stop is the end").isEqualTo(position);
    }

    boolean hasStopped() {
        return stoppedAt != 0;
    }
}

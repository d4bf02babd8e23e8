package dev.lockstep.ordering.leader;

import dev.lockstep.core.Input;
import dev.lockstep.core.Now;
import dev.lockstep.core.Ordering;
import dev.lockstep.core.OrderingStatus;
import dev.lockstep.core.Outbox;

import java.util.SortedMap;
import java.util.TreeMap;

/// The part of a replica that is not a member of the epoch: it takes delivered history, checks it
/// against the chain, writes it down and delivers it. It says nothing and counts for nothing, so
/// that a newcomer is up to date before a stop sign makes it a member.
final class LeaderObserver implements Ordering<LeaderMessage, LeaderRecord> {

    private final Turn turn;
    private final Standing standing;
    private final Log log;
    private final Delivery delivery;
    private final Following following;
    private final Forgetting forgetting;
    private final OrderingStatus status = new OrderingStatus(null, false, this::details);

    LeaderObserver(Setup setup) {
        turn = new Turn(setup.rules());
        standing = new Standing(setup, turn);
        log = new Log();
        Forwarding forwarding = new Forwarding(setup, turn, standing, log);
        delivery = new Delivery(setup, turn, log, forwarding);
        following = new Following(setup, turn, standing, log, delivery, forwarding);
        forgetting = new Forgetting(turn, standing, log, delivery);
    }

    @Override
    public void step(
            Now now,
            Input<LeaderMessage, LeaderRecord> input,
            Outbox<LeaderMessage, LeaderRecord> out) {
        if (delivery.hasEnded()) {
            return;
        }
        turn.begin(now, out);
        switch (input) {
            case Input.Restored<LeaderMessage, LeaderRecord> restored ->
                    delivery.restore(
                            restored.position(),
                            restored.timeNanos(),
                            restored.anchor(),
                            restored.delivered());
            case Input.Replayed<LeaderMessage, LeaderRecord> replayed ->
                    onReplayed(replayed.sequence(), replayed.record());
            case Input.History<LeaderMessage, LeaderRecord> history ->
                    following.onHistory(history.entries());
            case Input.Durable<LeaderMessage, LeaderRecord> durable -> {
                log.onDurable(durable.sequence());
                delivery.onDurable();
                forgetting.onDurable(durable.sequence());
            }
            case Input.SnapshotDurable<LeaderMessage, LeaderRecord> snapshot ->
                    forgetting.onSnapshot(snapshot.position());
            default -> {
                // For members: nothing here is asked of an observer.
            }
        }
        turn.end();
    }

    private void onReplayed(long sequence, LeaderRecord record) {
        switch (record) {
            case LeaderRecord.Term term -> standing.onReplayed(term, sequence);
            case LeaderRecord.Entry entry -> following.onReplayed(entry, sequence);
            case LeaderRecord.Truncated truncated -> following.onReplayed(truncated);
            case LeaderRecord.Committed committed -> delivery.onRecorded(committed.index());
        }
    }

    @Override
    public OrderingStatus status() {
        return status;
    }

    private SortedMap<String, String> details() {
        SortedMap<String, String> details = new TreeMap<>();
        details.put("role", "observer");
        details.put("commit", Long.toString(delivery.commit()));
        details.put("committed", Long.toString(delivery.positionOf(delivery.commit())));
        details.put("last", Long.toString(log.lastIndex()));
        details.put("durable", Long.toString(log.durableIndex()));
        return details;
    }
}

package dev.lockstep.ordering.leader;

import dev.lockstep.core.Holdings;
import dev.lockstep.core.OrderTable;
import dev.lockstep.core.OrderingStatus;
import dev.lockstep.core.ReplicaId;

import java.util.Locale;
import java.util.Objects;
import java.util.SortedMap;
import java.util.TreeMap;

/// What people and admission want to know.
final class Overview implements OrderingStatus.Details {

    /// Batches that may be under way before admission had better fill the next one.
    private static final int MOST_UNDER_WAY = 2;

    private final Standing standing;
    private final Log log;
    private final Delivery delivery;
    private final Forwarding forwarding;
    private final Sequencer sequencer;
    private final Replication replication;
    private final ReadRounds rounds;
    private final LogTable table;

    /// The last status given, given again while it is true.
    private OrderingStatus status;

    Overview(
            Standing standing,
            Log log,
            Delivery delivery,
            Forwarding forwarding,
            Sequencer sequencer,
            Replication replication,
            ReadRounds rounds) {
        this.standing = standing;
        this.log = log;
        this.delivery = delivery;
        this.forwarding = forwarding;
        this.sequencer = sequencer;
        this.replication = replication;
        this.rounds = rounds;
        this.table = new LogTable(standing, log, delivery, replication);
        this.status = new OrderingStatus(null, false, this);
    }

    OrderingStatus status() {
        ReplicaId leader = standing.leader();
        boolean wantsBatch = wantsBatch();
        if (status.wantsBatch() != wantsBatch || !Objects.equals(status.preferredEntry(), leader)) {
            status = new OrderingStatus(leader, wantsBatch, this);
        }
        return status;
    }

    /// A leader wants a batch when its disk is idle and at most one batch is not yet committed; a
    /// follower, when at most one of its batches is on its way. Both let a lone request through at
    /// once, and let batches grow under load.
    private boolean wantsBatch() {
        if (standing.leader() == null || log.hasSign()) {
            return false;
        }
        if (!standing.isLeader()) {
            return forwarding.size() < MOST_UNDER_WAY;
        }
        return !sequencer.isHandingOver()
                && log.durableIndex() == log.lastIndex()
                && log.lastIndex() - delivery.commit() < MOST_UNDER_WAY;
    }

    @Override
    public void tellHoldings(Holdings to) {
        forwarding.tellHoldings(to);
        delivery.tellHoldings(to);
        sequencer.tellHoldings(to);
    }

    @Override
    public OrderTable table() {
        return table.read();
    }

    @Override
    public SortedMap<String, String> read() {
        SortedMap<String, String> details = new TreeMap<>();
        ReplicaId leader = standing.leader();
        details.put("role", standing.role().name().toLowerCase(Locale.ROOT).replace('_', '-'));
        details.put("term", Long.toString(standing.term()));
        details.put("leader", leader == null ? "none" : leader.toString());
        details.put("commit", Long.toString(delivery.commit()));
        details.put("committed", Long.toString(delivery.positionOf(delivery.commit())));
        details.put("last", Long.toString(log.lastIndex()));
        details.put("durable", Long.toString(log.durableIndex()));
        details.put("pending", Long.toString(forwarding.size()));
        rounds.describe(details);
        if (standing.isLeader()) {
            replication.describe(details);
        }
        return details;
    }
}

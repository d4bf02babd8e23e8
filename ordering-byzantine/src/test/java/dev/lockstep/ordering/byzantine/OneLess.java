package dev.lockstep.ordering.byzantine;

import dev.lockstep.core.Authenticity;
import dev.lockstep.core.FaultModel;
import dev.lockstep.core.HostPolicy;
import dev.lockstep.core.Ordering;
import dev.lockstep.core.OrderingContext;
import dev.lockstep.core.OrderingProvider;
import dev.lockstep.core.ProtocolCodec;
import dev.lockstep.core.wire.Bytes;

import java.util.Optional;
import java.util.SortedMap;

/// The protocol as it is, among hosts and clients that count one liar less than there may be.
record OneLess(ByzantineProvider whole)
        implements OrderingProvider<ByzantineMessage, ByzantineRecord> {

    @Override
    public int tolerated(int members, SortedMap<String, String> options) {
        return whole.tolerated(members, options) - 1;
    }

    @Override
    public String order() {
        return whole.order();
    }

    @Override
    public FaultModel faults() {
        return whole.faults();
    }

    @Override
    public int membersFor(int tolerated) {
        return whole.membersFor(tolerated);
    }

    @Override
    public long delayBoundNanos(SortedMap<String, String> options) {
        return whole.delayBoundNanos(options);
    }

    @Override
    public void checkOptions(SortedMap<String, String> options) {
        whole.checkOptions(options);
    }

    @Override
    public Ordering<ByzantineMessage, ByzantineRecord> create(OrderingContext context) {
        return whole.create(context);
    }

    @Override
    public Optional<Authenticity<ByzantineMessage>> authenticity(OrderingContext context) {
        return whole.authenticity(context);
    }

    @Override
    public ProtocolCodec<ByzantineMessage, ByzantineRecord> codec() {
        return whole.codec();
    }

    @Override
    public int compareReach(Bytes anchor, Bytes other) {
        return whole.compareReach(anchor, other);
    }

    @Override
    public Bytes withoutProof(Bytes anchor) {
        return whole.withoutProof(anchor);
    }

    @Override
    public HostPolicy policy() {
        return whole.policy();
    }
}

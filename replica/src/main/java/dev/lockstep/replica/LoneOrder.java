package dev.lockstep.replica;

import dev.lockstep.core.FaultModel;
import dev.lockstep.core.HostPolicy;
import dev.lockstep.core.Incarnation;
import dev.lockstep.core.Ordering;
import dev.lockstep.core.OrderingContext;
import dev.lockstep.core.OrderingProvider;
import dev.lockstep.core.ProtocolCodec;
import dev.lockstep.core.ProtocolMessage;
import dev.lockstep.core.ProtocolRecord;
import dev.lockstep.core.wire.Bytes;

import java.util.SortedMap;

/// An order in which one replica decides alone, whoever the members are: what it holds is then all
/// that there is. For a cluster whose other members are lost.
///
/// @param of whose protocol it is
/// @param life the replica's
record LoneOrder<M extends ProtocolMessage, R extends ProtocolRecord>(
        OrderingProvider<M, R> of, Incarnation life) implements OrderingProvider<M, R> {

    @Override
    public String order() {
        return of.order();
    }

    @Override
    public FaultModel faults() {
        return of.faults();
    }

    @Override
    public int membersFor(int tolerated) {
        return of.membersFor(tolerated);
    }

    @Override
    public void checkOptions(SortedMap<String, String> options) {
        of.checkOptions(options);
    }

    @Override
    public Ordering<M, R> create(OrderingContext context) {
        return of.createAlone(context, life);
    }

    @Override
    public ProtocolCodec<M, R> codec() {
        return of.codec();
    }

    @Override
    public HostPolicy policy() {
        return of.policy();
    }

    @Override
    public int compareReach(Bytes anchor, Bytes other) {
        return of.compareReach(anchor, other);
    }
}

package dev.lockstep.node;

import dev.lockstep.core.Accusation;
import dev.lockstep.core.Authenticity;
import dev.lockstep.core.ClusterId;
import dev.lockstep.core.Credentials;
import dev.lockstep.core.Epoch;
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

import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.Function;
import java.util.random.RandomGenerator;

/// An order whose instances at this node equivocate, where the order has a way to.
final class EquivocatingProvider<M extends ProtocolMessage, R extends ProtocolRecord>
        implements OrderingProvider<M, R> {

    /// What the protocol goes by; no configuration may have it.
    private static final String OPTION = "test.equivocates";

    private final OrderingProvider<M, R> honest;

    EquivocatingProvider(OrderingProvider<M, R> honest) {
        this.honest = honest;
    }

    @Override
    public Ordering<M, R> create(OrderingContext context) {
        SortedMap<String, String> options = new TreeMap<>(context.options());
        options.put(OPTION, "true");
        return honest.create(
                new OrderingContext(
                        context.self(),
                        context.epoch(),
                        context.members(),
                        context.firstLeader(),
                        context.random(),
                        options,
                        context.isMember(),
                        context.credentials()));
    }

    @Override
    public Ordering<M, R> createAlone(OrderingContext context, Incarnation life) {
        return honest.createAlone(context, life);
    }

    @Override
    public String order() {
        return honest.order();
    }

    @Override
    public FaultModel faults() {
        return honest.faults();
    }

    @Override
    public int membersFor(int tolerated) {
        return honest.membersFor(tolerated);
    }

    @Override
    public int tolerated(int members, SortedMap<String, String> options) {
        return honest.tolerated(members, options);
    }

    @Override
    public void checkOptions(SortedMap<String, String> options) {
        honest.checkOptions(options);
    }

    @Override
    public SortedMap<String, String> drawOptions(RandomGenerator random) {
        return honest.drawOptions(random);
    }

    @Override
    public Optional<Authenticity<M>> authenticity(OrderingContext context) {
        return honest.authenticity(context);
    }

    @Override
    public Optional<Accusation> judge(
            Bytes proof, ClusterId cluster, Function<Epoch, Credentials.Verifier> keys) {
        return honest.judge(proof, cluster, keys);
    }

    @Override
    public ProtocolCodec<M, R> codec() {
        return honest.codec();
    }

    @Override
    public int compareReach(Bytes anchor, Bytes other) {
        return honest.compareReach(anchor, other);
    }

    @Override
    public HostPolicy policy() {
        return honest.policy();
    }
}

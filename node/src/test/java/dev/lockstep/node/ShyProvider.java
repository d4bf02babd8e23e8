package dev.lockstep.node;

import dev.lockstep.core.FaultModel;
import dev.lockstep.core.HostPolicy;
import dev.lockstep.core.Input;
import dev.lockstep.core.Now;
import dev.lockstep.core.Ordering;
import dev.lockstep.core.OrderingContext;
import dev.lockstep.core.OrderingProvider;
import dev.lockstep.core.OrderingStatus;
import dev.lockstep.core.Outbox;
import dev.lockstep.core.ProtocolCodec;
import dev.lockstep.core.wire.Bytes;
import dev.lockstep.ordering.leader.LeaderMessage;
import dev.lockstep.ordering.leader.LeaderOrderingProvider;
import dev.lockstep.ordering.leader.LeaderRecord;

import java.util.SortedMap;

/// Leader ordering that does not say how it is once it has been told not to.
public final class ShyProvider implements OrderingProvider<LeaderMessage, LeaderRecord> {

    /// Its order in a configuration.
    static final String ORDER = "shy";

    /// True from when on nobody learns how it is.
    static volatile boolean isSilent;

    private final LeaderOrderingProvider leader = new LeaderOrderingProvider();

    /// For the service loader.
    public ShyProvider() {}

    @Override
    public String order() {
        return ORDER;
    }

    @Override
    public FaultModel faults() {
        return leader.faults();
    }

    @Override
    public int membersFor(int tolerated) {
        return leader.membersFor(tolerated);
    }

    @Override
    public void checkOptions(SortedMap<String, String> options) {
        leader.checkOptions(options);
    }

    @Override
    public Ordering<LeaderMessage, LeaderRecord> create(OrderingContext context) {
        return new Shy(leader.create(context));
    }

    @Override
    public ProtocolCodec<LeaderMessage, LeaderRecord> codec() {
        return leader.codec();
    }

    @Override
    public int compareReach(Bytes anchor, Bytes other) {
        return leader.compareReach(anchor, other);
    }

    @Override
    public HostPolicy policy() {
        return leader.policy();
    }

    private static final class Shy implements Ordering<LeaderMessage, LeaderRecord> {
        private final Ordering<LeaderMessage, LeaderRecord> open;

        Shy(Ordering<LeaderMessage, LeaderRecord> open) {
            this.open = open;
        }

        @Override
        public void step(
                Now now,
                Input<LeaderMessage, LeaderRecord> input,
                Outbox<LeaderMessage, LeaderRecord> out) {
            open.step(now, input, out);
        }

        @Override
        public OrderingStatus status() {
            if (isSilent) {
                throw new AssertionError("it does not say");
            }
            return open.status();
        }
    }
}

package dev.lockstep.ordering.stability;

import dev.lockstep.core.FaultModel;
import dev.lockstep.core.HostPolicy;
import dev.lockstep.core.Ordering;
import dev.lockstep.core.OrderingContext;
import dev.lockstep.core.OrderingProvider;
import dev.lockstep.core.ProtocolCodec;
import dev.lockstep.core.wire.Bytes;

import java.util.SortedMap;

/// Stability ordering under fail-stop faults, n = t+1, with a configuration authority ([Authority])
/// that says who the members are.
///
/// No [java.util.ServiceLoader] finds it yet: nothing connects a replica with an authority.
final class FailStopProvider implements OrderingProvider<FailStopMessage, FailStopRecord> {

    private static final FailStopCodec CODEC = new FailStopCodec();

    private final ClockSource clock;
    private final boolean asksAll;
    private final FailStopRules rules;

    /// @param asksAll true if the unique id is the largest of all members' candidates
    FailStopProvider(ClockSource clock, boolean asksAll, FailStopRules rules) {
        this.clock = clock;
        this.asksAll = asksAll;
        this.rules = rules;
    }

    @Override
    public String order() {
        return clock.order();
    }

    @Override
    public FaultModel faults() {
        return FaultModel.FAIL_STOP;
    }

    @Override
    public int membersFor(int tolerated) {
        return tolerated + 1;
    }

    @Override
    public void checkOptions(SortedMap<String, String> options) {
        var _ = FailStopOptions.parse(options);
    }

    @Override
    public Ordering<FailStopMessage, FailStopRecord> create(OrderingContext context) {
        return new FailStopOrdering(FailStopSetup.of(context, clock, rules), asksAll);
    }

    @Override
    public ProtocolCodec<FailStopMessage, FailStopRecord> codec() {
        return CODEC;
    }

    @Override
    public int compareReach(Bytes anchor, Bytes other) {
        return FailStopAnchor.compare(FailStopAnchor.decode(anchor), FailStopAnchor.decode(other));
    }

    @Override
    public HostPolicy policy() {
        return HostPolicy.CRASH;
    }
}

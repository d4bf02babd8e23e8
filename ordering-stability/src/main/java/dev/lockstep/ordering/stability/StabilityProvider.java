package dev.lockstep.ordering.stability;

import dev.lockstep.core.FaultModel;
import dev.lockstep.core.HostPolicy;
import dev.lockstep.core.Incarnation;
import dev.lockstep.core.Ordering;
import dev.lockstep.core.OrderingContext;
import dev.lockstep.core.OrderingProvider;
import dev.lockstep.core.ProtocolCodec;
import dev.lockstep.core.wire.Bytes;

import org.jspecify.annotations.Nullable;

import java.util.Comparator;
import java.util.SortedMap;
import java.util.random.RandomGenerator;

/// Stability ordering under crash faults, n = 2t+1; which clock it takes ids from makes three
/// orders of it.
public abstract sealed class StabilityProvider
        implements OrderingProvider<StabilityMessage, StabilityRecord>
        permits LogicalClockProvider, SynchronizedClockProvider, ReplicaIdsProvider {

    private static final StabilityCodec CODEC = new StabilityCodec();

    /// Who has no anchor of this order has nothing of the epoch.
    private static final Comparator<@Nullable Anchor> END =
            Comparator.nullsFirst(
                    Comparator.comparingLong(Anchor::epoch).thenComparing(Anchor::mark));

    private final ClockSource clock;
    private final Rules rules;

    StabilityProvider(ClockSource clock, Rules rules) {
        this.clock = clock;
        this.rules = rules;
    }

    @Override
    public String order() {
        return clock.order();
    }

    @Override
    public FaultModel faults() {
        return FaultModel.CRASH;
    }

    @Override
    public int membersFor(int tolerated) {
        return 2 * tolerated + 1;
    }

    @Override
    public void checkOptions(SortedMap<String, String> options) {
        var _ = StabilityOptions.parse(options);
    }

    @Override
    public SortedMap<String, String> drawOptions(RandomGenerator random) {
        return DrawnOptions.draw(random);
    }

    @Override
    public Ordering<StabilityMessage, StabilityRecord> create(OrderingContext context) {
        Setup setup = Setup.of(context, clock, rules);
        return setup.isMember() ? new StabilityOrdering(setup) : new StabilityObserver(setup);
    }

    @Override
    public Ordering<StabilityMessage, StabilityRecord> createAlone(
            OrderingContext context, Incarnation life) {
        Setup setup = Setup.of(context, clock, rules, true);
        return setup.isMember() ? new StabilityOrdering(setup) : new StabilityObserver(setup);
    }

    @Override
    public ProtocolCodec<StabilityMessage, StabilityRecord> codec() {
        return CODEC;
    }

    /// Executed prefixes of one order: the one that ends with the later mark is the longer.
    @Override
    public int compareReach(Bytes anchor, Bytes other) {
        return END.compare(Anchor.decode(anchor), Anchor.decode(other));
    }

    @Override
    public HostPolicy policy() {
        return HostPolicy.CRASH;
    }
}

package dev.lockstep.ordering.stability;

import dev.lockstep.core.FaultModel;
import dev.lockstep.core.HostPolicy;
import dev.lockstep.core.Ordering;
import dev.lockstep.core.OrderingContext;
import dev.lockstep.core.OrderingProvider;
import dev.lockstep.core.ProtocolCodec;
import dev.lockstep.core.wire.Bytes;

import java.util.SortedMap;
import java.util.TreeMap;
import java.util.random.RandomGenerator;

/// Stability ordering under fail-stop faults, n = t+1, with a configuration authority that says who
/// the members are; which clock it takes ids from makes three orders of it.
public abstract sealed class FailStopProvider
        implements OrderingProvider<FailStopMessage, FailStopRecord>
        permits FailStopLogicalClockProvider,
                FailStopSynchronizedClockProvider,
                FailStopReplicaIdsProvider {

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
    public SortedMap<String, String> drawOptions(RandomGenerator random) {
        SortedMap<String, String> options = new TreeMap<>();
        if (random.nextInt(3) == 0) {
            options.put("in-flight", Integer.toString(1 + random.nextInt(4)));
        }
        if (random.nextInt(4) == 0) {
            options.put("retry-interval", "5ms");
        }
        if (random.nextInt(4) == 0) {
            options.put("pending-limit", (200 + random.nextInt(2000)) + "B");
        }
        if (random.nextInt(4) == 0) {
            // Members are suspected that live.
            options.put("suspect-timeout", (60 + random.nextInt(60)) + "ms");
            options.put("lost-timeout", (1 + random.nextInt(60)) + "ms");
        }
        if (random.nextInt(3) == 0) {
            options.put("clock.max-lead", (1 + random.nextInt(200)) + "ms");
        }
        return options;
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
        return HostPolicy.FAIL_STOP;
    }
}

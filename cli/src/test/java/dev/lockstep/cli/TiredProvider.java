package dev.lockstep.cli;

import dev.lockstep.core.Effect;
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
import java.util.random.RandomGenerator;

/// Leader ordering whose members give up when they have done enough, from some epoch on.
final class TiredProvider implements OrderingProvider<LeaderMessage, LeaderRecord> {

    private static final int STEPS = 60;

    private final LeaderOrderingProvider leader = new LeaderOrderingProvider();
    private final long firstEpoch;

    /// Tired in every epoch.
    TiredProvider() {
        this(1);
    }

    TiredProvider(long firstEpoch) {
        this.firstEpoch = firstEpoch;
    }

    @Override
    public String order() {
        return "tired";
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
    public SortedMap<String, String> drawOptions(RandomGenerator random) {
        return leader.drawOptions(random);
    }

    @Override
    public Ordering<LeaderMessage, LeaderRecord> create(OrderingContext context) {
        Ordering<LeaderMessage, LeaderRecord> fresh = leader.create(context);
        return context.epoch().value() < firstEpoch ? fresh : new Tired(fresh);
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

    private static final class Tired implements Ordering<LeaderMessage, LeaderRecord> {
        private final Ordering<LeaderMessage, LeaderRecord> fresh;
        private int steps;

        Tired(Ordering<LeaderMessage, LeaderRecord> fresh) {
            this.fresh = fresh;
        }

        @Override
        public void step(
                Now now,
                Input<LeaderMessage, LeaderRecord> input,
                Outbox<LeaderMessage, LeaderRecord> out) {
            fresh.step(now, input, out);
            if (++steps == STEPS) {
                out.emit(new Effect.Halt<>("it is tired", Bytes.EMPTY));
            }
        }

        @Override
        public OrderingStatus status() {
            return fresh.status();
        }
    }
}

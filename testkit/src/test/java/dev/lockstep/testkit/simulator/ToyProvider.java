package dev.lockstep.testkit.simulator;

import dev.lockstep.core.FaultModel;
import dev.lockstep.core.HostPolicy;
import dev.lockstep.core.OrderingContext;
import dev.lockstep.core.OrderingProvider;
import dev.lockstep.core.wire.Bytes;

import java.util.SortedMap;

/// Makes toys, sound ones and others.
public record ToyProvider(ToyFault fault) implements OrderingProvider<ToyMessage, ToyRecord> {

    /// A sound one, found by its name as the product's protocols are.
    public ToyProvider() {
        this(ToyFault.NONE);
    }

    @Override
    public String order() {
        return "toy";
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
        if (!options.isEmpty()) {
            throw new IllegalArgumentException("the toy has no options: " + options.keySet());
        }
    }

    @Override
    public ToySequencer create(OrderingContext context) {
        return new ToySequencer(context, fault);
    }

    @Override
    public ToyCodec codec() {
        return new ToyCodec();
    }

    @Override
    public int compareReach(Bytes anchor, Bytes other) {
        return 0;
    }

    @Override
    public HostPolicy policy() {
        return HostPolicy.CRASH;
    }
}

package dev.lockstep.core;

import org.jspecify.annotations.Nullable;

/// The orders that a host can run, by name: those of the epochs that it may come to.
@FunctionalInterface
public interface OrderingProviders {

    /// The order of this name under this fault model; null if there is none.
    @Nullable OrderingProvider<?, ?> find(FaultModel faults, String order);

    /// Only this one.
    static OrderingProviders of(OrderingProvider<?, ?> provider) {
        return (faults, order) ->
                provider.faults() == faults && provider.order().equals(order) ? provider : null;
    }
}

package dev.lockstep.replica;

import dev.lockstep.core.OrderingProvider;

import java.util.Collections;
import java.util.SortedMap;
import java.util.TreeMap;

/// The options of each order that an epoch may have: those that a replica is started with are of
/// the order that it is started with. Another has its defaults, and the clocks' skew, which is the
/// cluster's.
final class OrderOptions {

    /// Every order has agreed time, and this bound for it.
    private static final String SKEW = "clock.max-skew";

    private final OrderingProvider<?, ?> own;
    private final SortedMap<String, String> options;

    /// @param own the order that the options are of
    OrderOptions(OrderingProvider<?, ?> own, SortedMap<String, String> options) {
        this.own = own;
        this.options = Collections.unmodifiableSortedMap(new TreeMap<>(options));
    }

    /// What an order is made with.
    SortedMap<String, String> of(OrderingProvider<?, ?> provider) {
        if (provider.faults() == own.faults() && provider.order().equals(own.order())) {
            return options;
        }
        SortedMap<String, String> others = new TreeMap<>();
        String skew = options.get(SKEW);
        if (skew != null) {
            others.put(SKEW, skew);
        }
        return others;
    }
}

package dev.lockstep.node;

import dev.lockstep.api.StateMachine;
import dev.lockstep.core.OrderingProvider;

import java.util.List;
import java.util.function.Supplier;

/// Everything that is decided before a node's thread starts.
///
/// @param gateways those that the member has ports for
/// @param store where the identity is, and the journal unless it is in memory
/// @param segmentBytes the size of the journal's segments
/// @param daemon whether the process may end while the node runs
record NodePlan(
        NodeConfig config,
        OrderingProvider<?, ?> provider,
        Supplier<? extends StateMachine> machine,
        List<GatewayService> gateways,
        StoreSource store,
        int segmentBytes,
        boolean daemon) {

    NodePlan {
        gateways = List.copyOf(gateways);
    }
}

/// One client's session with a cluster.
///
/// [ClientEngine] is a step machine without threads, clocks or sockets, so that the simulator runs
/// the product's own retry and failover; an adapter drives it on a network.
@NullMarked
package dev.lockstep.client;

import org.jspecify.annotations.NullMarked;

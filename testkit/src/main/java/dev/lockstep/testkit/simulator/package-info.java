/// A whole cluster in one thread, decided by one number.
///
/// The replicas are the product's own: replica, protocol, journal with its recovery, and the
/// clients' engine. Only what surrounds them is simulated: the network, the disks, the clocks, and
/// the moments at which processes die. The same seed gives the same run, event for event.
///
/// To run a service of one's own, see [SimulatedService].
///
/// Start with [SimulationRunner] to run seeds, and with [Simulation] to read what one run is. How
/// bad the world is stands in [Weather], what goes wrong when in [Nemesis], and what must hold
/// whatever happens in [Observer].
@NullMarked
package dev.lockstep.testkit.simulator;

import org.jspecify.annotations.NullMarked;

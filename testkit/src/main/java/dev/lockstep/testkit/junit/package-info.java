/// JUnit tests of services in simulated clusters.
///
/// [SimulatedTest] runs a test method once for every seed, each time with a cluster of its own.
/// This package needs JUnit Jupiter 5.13 or newer on the class path; the rest of `testkit` does
/// not.
@NullMarked
package dev.lockstep.testkit.junit;

import org.jspecify.annotations.NullMarked;

/// Histories of what clients did and saw, and the judge of whether they are linearizable.
///
/// Independent of everything else in Lockstep, so that the simulator, tests with real processes and
/// foreign systems are measured with the same ruler. Start with [LinearizabilityChecker], or with
/// [OnlineChecker] for runs that do not end.
@NullMarked
package dev.lockstep.testkit.history;

import org.jspecify.annotations.NullMarked;

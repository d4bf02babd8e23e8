/// Replicas with one rule broken, for tests that show that it is noticed.
@NullMarked
package dev.lockstep.replica;

import org.jspecify.annotations.NullMarked;

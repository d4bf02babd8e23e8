/// Hostile bytes for every decoder: what drives the targets, which stand in the packages of what
/// they decode. `docs/fuzzing.md` says how to use it.
@NullMarked
package dev.lockstep.fuzz;

import org.jspecify.annotations.NullMarked;

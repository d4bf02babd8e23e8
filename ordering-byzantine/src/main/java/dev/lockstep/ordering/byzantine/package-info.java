/// Byzantine ordering (specification follows with the engine).
@NullMarked
package dev.lockstep.ordering.byzantine;

import org.jspecify.annotations.NullMarked;

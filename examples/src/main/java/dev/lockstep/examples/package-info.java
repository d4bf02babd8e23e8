/// Small services that show how to use Lockstep.
@NullMarked
package dev.lockstep.examples;

import org.jspecify.annotations.NullMarked;

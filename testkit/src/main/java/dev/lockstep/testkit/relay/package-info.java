/// Networks for tests of real sockets: a way that takes as long as one between cities.
@NullMarked
package dev.lockstep.testkit.relay;

import org.jspecify.annotations.NullMarked;

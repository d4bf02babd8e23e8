/// Bytes: immutable slices, bounds-checked readers and writers, and what clients and replicas say
/// to each other.
///
/// Everything here is little-endian and laid out by hand; golden fixtures freeze the layouts.
@NullMarked
package dev.lockstep.core.wire;

import org.jspecify.annotations.NullMarked;

/// The durable log of a replica: segments, checksums, group commit, recovery.
@NullMarked
package dev.lockstep.journal;

import org.jspecify.annotations.NullMarked;

/// The durable log of a replica (segments, checksums, group commit, recovery) and its snapshots.
@NullMarked
package dev.lockstep.journal;

import org.jspecify.annotations.NullMarked;

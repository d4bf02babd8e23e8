/// The one host of every ordering protocol: admission, ordering, execution, replies, reads.
///
/// Start with [Replica].
@NullMarked
package dev.lockstep.replica;

import org.jspecify.annotations.NullMarked;

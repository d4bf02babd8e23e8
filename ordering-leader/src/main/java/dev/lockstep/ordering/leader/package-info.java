/// Leader ordering: Raft.
@NullMarked
package dev.lockstep.ordering.leader;

import org.jspecify.annotations.NullMarked;

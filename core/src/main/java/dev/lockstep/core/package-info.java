/// The vocabulary of Lockstep and the seam between ordering protocols and the replica that hosts
/// them.
///
/// Start with [Ordering]. A protocol is a deterministic step function over data: it takes an
/// [Input], changes its state and emits [Effect]s. It knows nothing of clients, sessions, state
/// machines, files or sockets; the host knows nothing of leaders, ids or views.
@NullMarked
package dev.lockstep.core;

import org.jspecify.annotations.NullMarked;

/// What the author of a service and the author of a client see of Lockstep.
///
/// A service is a [StateMachine]: a deterministic object that every replica runs. A client
/// reaches it through a [Client], which is one exactly-once session with the cluster.
@NullMarked
package dev.lockstep.api;

import org.jspecify.annotations.NullMarked;

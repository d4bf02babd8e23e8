/// One process: a replica with its journal, its sockets and its threads, as configured.
///
/// [dev.lockstep.node.Lockstep] is the way in for programs: a node for one's own `main`, or a whole
/// cluster inside one process. [dev.lockstep.node.GatewayService] is for those who serve another
/// protocol, such as Redis's, from inside a node.
@NullMarked
package dev.lockstep.node;

import org.jspecify.annotations.NullMarked;

/// The configuration authority of clusters under fail-stop faults as a service, `service:
/// authority` in cluster.yaml. A command is an [dev.lockstep.core.authority.AuthorityQuestion], its
/// reply an [dev.lockstep.core.authority.AuthorityAnswer].
@NullMarked
package dev.lockstep.services.authority;

import org.jspecify.annotations.NullMarked;

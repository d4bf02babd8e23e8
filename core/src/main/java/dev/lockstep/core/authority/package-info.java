/// The configuration authority of clusters under fail-stop faults: who the members are, decided in
/// one place outside.
///
/// [Authority] decides, as a deterministic state machine that is replicated itself. Replicas ask it
/// ([AuthorityQuestion]) and are told how things stand ([AuthorityView]); what is lost on the way
/// is asked again, and what arrives twice does no harm.
@NullMarked
package dev.lockstep.core.authority;

import org.jspecify.annotations.NullMarked;

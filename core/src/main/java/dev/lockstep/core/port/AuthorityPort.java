package dev.lockstep.core.port;

import dev.lockstep.core.authority.AuthorityQuestion;

/// The way to the configuration authority of a cluster under fail-stop faults. Never blocks; may
/// lose, repeat and reorder what is asked and what is answered.
@FunctionalInterface
public interface AuthorityPort {

    /// Asks. The driver hands the answer in with `Replica.onAuthority`, if one comes.
    void ask(AuthorityQuestion question);
}

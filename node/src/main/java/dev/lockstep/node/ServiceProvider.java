package dev.lockstep.node;

import dev.lockstep.api.StateMachine;

import java.util.SortedMap;

/// A bundled service that `service:` in cluster.yaml names, found with [java.util.ServiceLoader].
public interface ServiceProvider {

    /// The name in the configuration, such as `kv`.
    String name();

    /// A fresh state machine.
    ///
    /// @param options from `service-options:`
    /// @throws IllegalArgumentException with a sentence that names the option, what it was, and
    ///     what it may be
    StateMachine create(SortedMap<String, String> options);
}

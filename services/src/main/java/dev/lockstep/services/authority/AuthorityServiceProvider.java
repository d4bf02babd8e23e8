package dev.lockstep.services.authority;

import dev.lockstep.api.StateMachine;
import dev.lockstep.core.OptionReader;
import dev.lockstep.node.ServiceProvider;

import java.util.SortedMap;

/// `service: authority` in cluster.yaml.
public final class AuthorityServiceProvider implements ServiceProvider {

    /// For [java.util.ServiceLoader].
    public AuthorityServiceProvider() {}

    @Override
    public String name() {
        return "authority";
    }

    @Override
    public StateMachine create(SortedMap<String, String> options) {
        OptionReader in = new OptionReader("service authority", options);
        long silenceNanos = in.duration("silence-timeout", "2s");
        in.requireNoOthers();
        return new AuthorityMachine(silenceNanos);
    }
}

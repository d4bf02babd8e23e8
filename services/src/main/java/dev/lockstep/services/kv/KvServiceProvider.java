package dev.lockstep.services.kv;

import dev.lockstep.api.StateMachine;
import dev.lockstep.node.ServiceProvider;

import java.util.SortedMap;

/// `service: kv` in cluster.yaml.
public final class KvServiceProvider implements ServiceProvider {

    /// For [java.util.ServiceLoader].
    public KvServiceProvider() {}

    @Override
    public String name() {
        return "kv";
    }

    @Override
    public StateMachine create(SortedMap<String, String> options) {
        return new KvStateMachine(KvOptions.of(options));
    }
}

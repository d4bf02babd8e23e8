package dev.lockstep.examples;

import dev.lockstep.node.ConfigException;
import dev.lockstep.node.Lockstep;
import dev.lockstep.node.NodeConfig;

import java.nio.file.Path;

/// The counter as a member of a real cluster, from a `main` of one's own: `CounterNode cluster.yaml
/// 2` on the machine of replica 2, after `lockstep init --config cluster.yaml --id 2`.
public final class CounterNode {

    private CounterNode() {}

    public static void main(String[] arguments) throws InterruptedException {
        try {
            NodeConfig config =
                    NodeConfig.load(Path.of(arguments[0]), Integer.parseInt(arguments[1]));
            Lockstep.node(config, CounterMachine::new).awaitTermination();
        } catch (ConfigException e) {
            System.err.println(e.getMessage());
            System.exit(1);
        }
    }
}

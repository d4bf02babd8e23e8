package dev.lockstep.cli;

import dev.lockstep.core.ClusterId;
import dev.lockstep.fuzz.Target;
import dev.lockstep.node.ConfigException;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/// The member that cluster.yaml names first, for commands that only ask.
public final class ClusterFileTarget implements Target {

    /// The target; it has no state.
    public ClusterFileTarget() {}

    @Override
    public String name() {
        return "cluster-file";
    }

    @Override
    public boolean takes(byte[] input) {
        try {
            int first =
                    ClusterFile.firstMember(
                            Path.of("cluster.yaml"), new String(input, StandardCharsets.UTF_8));
            if (first < 0) {
                throw new AssertionError("the first member is " + first);
            }
            return true;
        } catch (ConfigException refused) {
            return false;
        }
    }

    @Override
    public Map<String, byte[]> seeds() {
        String text =
                ClusterFile.text(
                        new ClusterId(1, 2),
                        List.of(new MemberPorts(1, "127.0.0.1", 7101, 7001, 7201, 6379)),
                        ".lockstep/{id}");
        String members = text.substring(text.indexOf("\nmembers:") + 1);
        Map<String, byte[]> seeds = new LinkedHashMap<>();
        seeds.put("members", members.getBytes(StandardCharsets.UTF_8));
        seeds.put("block", "members:\n  - id: 7\n".getBytes(StandardCharsets.UTF_8));
        return seeds;
    }
}

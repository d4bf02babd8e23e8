package dev.lockstep.node;

import dev.lockstep.fuzz.Target;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.Map;

/// cluster.yaml, with what its values mean together.
public final class ConfigTarget implements Target {

    /// The target; it has no state.
    public ConfigTarget() {}

    @Override
    public String name() {
        return "config";
    }

    @Override
    public boolean takes(byte[] input) {
        try {
            NodeConfig config =
                    ConfigFile.parse("cluster.yaml", new String(input, StandardCharsets.UTF_8), 1);
            ConfigRules.check(config);
            return true;
        } catch (ConfigException refused) {
            if (String.valueOf(refused.getMessage()).isBlank()) {
                throw new AssertionError("refused without a word", refused);
            }
            return false;
        }
    }

    /// The parser's buffers and events, and a service loader that reads the class path.
    @Override
    public long mostAllocatedBytes(int inputBytes) {
        return (4L << 20) + (8L << 10) * inputBytes;
    }

    @Override
    public Map<String, byte[]> seeds() throws IOException {
        String member = "members:\n  - {id: 1, host: h, peer-port: 1, client-port: 2}\n";
        Map<String, byte[]> seeds = new LinkedHashMap<>();
        seeds.put("least", bytes(member));
        seeds.put(
                "block", bytes("members:\n- id: 1\n  host: h\n  peer-port: 1\n  client-port: 2\n"));
        seeds.put("quoted", bytes("data: \"a\\x41{id}\"\nclock: {max-skew: 2s}\n" + member));
        seeds.put("limits", bytes("limits:\n  batch-bytes: 64KiB\n  query-timeout: 5s\n" + member));
        try (InputStream in = NodeConfig.class.getResourceAsStream("cluster.yaml")) {
            String text = in == null ? "" : new String(in.readAllBytes(), StandardCharsets.UTF_8);
            seeds.put("shipped", bytes(text.replaceAll("(?m)^\\s*#.*\\R|\\s+#.*$|^\\R", "")));
        }
        return seeds;
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }
}

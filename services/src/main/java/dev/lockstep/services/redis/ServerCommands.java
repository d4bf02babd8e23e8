package dev.lockstep.services.redis;

import dev.lockstep.services.kv.CommandSpec;
import dev.lockstep.services.kv.CommandTable;
import dev.lockstep.services.kv.Glob;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;

/// The server: `INFO` and `CONFIG`.
final class ServerCommands {

    private static final List<String> CONFIG_HELP =
            List.of(
                    "CONFIG <subcommand> [<arg> [value] [opt] ...]. Subcommands are:",
                    "GET <pattern>",
                    "    Return parameters matching the glob-like <pattern> and their values.",
                    "SET <directive> <value>",
                    "    Set the configuration <directive> to <value>.",
                    "RESETSTAT",
                    "    Reset statistics reported by the INFO command.",
                    "REWRITE",
                    "    Rewrite the configuration file.",
                    "HELP",
                    "    Prints this help.");

    static final List<PortCommand> ALL =
            List.of(
                    PortCommand.shaped(CommandTable.INFO, ServerCommands::info),
                    PortCommand.container(
                            spec("config", -2, "2.0.0", "Commands about the configuration")
                                    .cost("Depends on the subcommand"),
                            null,
                            List.of(
                                    PortCommand.local(
                                            row("get", -3, "2.0.0", "Returns configured values")
                                                    .cost("O(N) for N patterns"),
                                            ServerCommands::configGet),
                                    PortCommand.local(
                                            row("set", -4, "2.0.0", "Sets configured values")
                                                    .cost("O(N) for N values")
                                                    .tips(
                                                            "request_policy:all_nodes",
                                                            "response_policy:all_succeeded"),
                                            ServerCommands::configSet),
                                    PortCommand.local(
                                            row(
                                                    "resetstat",
                                                    2,
                                                    "2.0.0",
                                                    "Sets the counters of INFO to zero"),
                                            (connection, words, out) -> {
                                                connection.port().statistics().reset();
                                                out.ok();
                                            }),
                                    PortCommand.local(
                                            row(
                                                    "rewrite",
                                                    2,
                                                    "2.8.0",
                                                    "Is refused: there is no file of Redis's"),
                                            (connection, words, out) ->
                                                    out.error(
                                                            "ERR The server is running without a config file")),
                                    PortCommand.local(
                                            spec("config|help", 2, "5.0.0", "Lists the subcommands")
                                                    .flags("loading", "stale"),
                                            (connection, words, out) ->
                                                    out.simples(CONFIG_HELP)))));

    /// What Redis itself cannot change while it runs, not even to what it is.
    private static final List<String> IMMUTABLE = List.of("databases");

    private static final List<String> ALL_SECTIONS = List.of("all", "default", "everything");

    private ServerCommands() {}

    private static CommandSpec spec(String name, int arity, String since, String summary) {
        return CommandSpec.of(name, arity, "server", since, summary);
    }

    private static CommandSpec row(String name, int arity, String since, String summary) {
        return spec("config|" + name, arity, since, summary)
                .flags("admin", "noscript", "loading", "stale");
    }

    private static void configGet(RedisConnection connection, Words words, RespOut out) {
        SortedMap<String, String> found = new TreeMap<>();
        for (var parameter : parameters(connection.port()).entrySet()) {
            byte[] name = parameter.getKey().getBytes(StandardCharsets.US_ASCII);
            for (int i = 2; i < words.count(); i++) {
                if (Glob.ignoringCase(words.text(i)).matches(name)) {
                    found.put(parameter.getKey(), parameter.getValue());
                }
            }
        }
        out.map(found.size());
        found.forEach((name, value) -> out.bulk(name).bulk(value));
    }

    /// Nothing can be changed here: the configuration is `cluster.yaml`. What a parameter has
    /// already, it may be set to, except where Redis refuses even that.
    private static void configSet(RedisConnection connection, Words words, RespOut out) {
        if (words.count() % 2 != 0) {
            out.error("ERR syntax error");
            return;
        }
        SortedMap<String, String> parameters = parameters(connection.port());
        List<String> seen = new ArrayList<>();
        for (int i = 2; i < words.count(); i += 2) {
            String name = words.text(i).toLowerCase(Locale.ROOT);
            if (!parameters.containsKey(name)) {
                out.error(
                        "ERR Unknown option or number of arguments for CONFIG SET - '%s'"
                                .formatted(words.printed(i, Integer.MAX_VALUE)));
                return;
            }
            if (IMMUTABLE.contains(name)) {
                out.error(cannotSet(words.text(i), "can't set immutable config"));
                return;
            }
            if (seen.contains(name)) {
                out.error(cannotSet(words.text(i), "duplicate parameter"));
                return;
            }
            seen.add(name);
        }
        for (int i = 2; i < words.count(); i += 2) {
            String name = words.text(i).toLowerCase(Locale.ROOT);
            if (!words.text(i + 1).equalsIgnoreCase(parameters.get(name))) {
                out.error(cannotSet(words.text(i), "can't set immutable config"));
                return;
            }
        }
        out.ok();
    }

    private static String cannotSet(String name, String why) {
        return "ERR CONFIG SET failed (possibly related to argument '%s') - %s"
                .formatted(name, why);
    }

    /// Redis's parameters that mean something here, for clients that look at them.
    private static SortedMap<String, String> parameters(RedisPort port) {
        return new TreeMap<>(
                Map.ofEntries(
                        Map.entry("appendonly", "yes"),
                        Map.entry("bind", port.context().address().getHostString()),
                        Map.entry("databases", "1"),
                        Map.entry("maxclients", Integer.toString(RedisPort.MOST_CONNECTIONS)),
                        Map.entry("maxmemory", "0"),
                        Map.entry("maxmemory-policy", "noeviction"),
                        Map.entry("proto-max-bulk-len", Integer.toString(port.maxRequestBytes())),
                        Map.entry("save", ""),
                        Map.entry("timeout", "0")));
    }

    /// The service answers with the number of keys, of those that expire, and the sections that
    /// were asked for.
    private static void info(RedisConnection connection, byte[] reply, int offset, RespOut out) {
        if (reply[offset] != '*') {
            out.raw(reply, offset, ServiceReplies.lineEnd(reply, offset) - offset);
            return;
        }
        int items = ServiceReplies.items(reply, offset);
        int at = ServiceReplies.lineEnd(reply, offset);
        long keys = ServiceReplies.integer(reply, at);
        at = ServiceReplies.lineEnd(reply, at);
        long expiring = ServiceReplies.integer(reply, at);
        at = ServiceReplies.lineEnd(reply, at);
        List<String> wanted = new ArrayList<>();
        for (int i = 2; i < items; i++) {
            int start = ServiceReplies.lineEnd(reply, at);
            int end = ServiceReplies.endOf(reply, at);
            wanted.add(
                    new String(reply, start, end - 2 - start, StandardCharsets.ISO_8859_1)
                            .toLowerCase(Locale.ROOT));
            at = end;
        }
        boolean all = wanted.isEmpty() || wanted.stream().anyMatch(ALL_SECTIONS::contains);
        StringBuilder text = new StringBuilder();
        sections(connection.port(), keys, expiring)
                .forEach(
                        section -> {
                            if (all || wanted.contains(section.name().toLowerCase(Locale.ROOT))) {
                                section.appendTo(text);
                            }
                        });
        out.verbatim(text.toString());
    }

    private static List<Section> sections(RedisPort port, long keys, long expiring) {
        PortStatistics statistics = port.statistics();
        Runtime runtime = Runtime.getRuntime();
        Section server =
                new Section("Server")
                        .put("redis_version", ConnectionCommands.REDIS_VERSION)
                        .put("redis_mode", "standalone")
                        .put("os", System.getProperty("os.name", ""))
                        .put("arch_bits", "64")
                        .put("process_id", Long.toString(ProcessHandle.current().pid()))
                        .put("tcp_port", Integer.toString(port.listeningPort()))
                        .put("uptime_in_seconds", Long.toString(statistics.uptimeSeconds()))
                        .put("uptime_in_days", Long.toString(statistics.uptimeSeconds() / 86_400));
        Section clients =
                new Section("Clients")
                        .put("connected_clients", Integer.toString(port.connectionCount()))
                        .put("maxclients", Integer.toString(RedisPort.MOST_CONNECTIONS))
                        .put("blocked_clients", "0");
        Section memory =
                new Section("Memory")
                        .put(
                                "used_memory",
                                Long.toString(runtime.totalMemory() - runtime.freeMemory()))
                        .put("maxmemory", "0")
                        .put("maxmemory_policy", "noeviction")
                        .put("mem_clients_normal", Long.toString(port.clientBytes()));
        Section stats =
                new Section("Stats")
                        .put(
                                "total_connections_received",
                                Long.toString(statistics.acceptedConnections()))
                        .put("total_commands_processed", Long.toString(statistics.commands()))
                        .put(
                                "rejected_connections",
                                Long.toString(statistics.rejectedConnections()));
        Section replication =
                new Section("Replication").put("role", "master").put("connected_slaves", "0");
        Section cluster = new Section("Cluster").put("cluster_enabled", "0");
        Section lockstep =
                new Section("Lockstep")
                        .put("queries_asked_again", Long.toString(port.room().askedAgainCount()));
        port.gateway().about().forEach(lockstep::put);
        Section keyspace = new Section("Keyspace");
        if (keys > 0) {
            keyspace.put("db0", "keys=%d,expires=%d,avg_ttl=0".formatted(keys, expiring));
        }
        return List.of(server, clients, memory, stats, replication, cluster, lockstep, keyspace);
    }

    /// A part of what `INFO` returns.
    private record Section(String name, StringBuilder lines) {

        Section(String name) {
            this(name, new StringBuilder());
        }

        Section put(String key, String value) {
            lines.append(key).append(':').append(value).append("\r\n");
            return this;
        }

        void appendTo(StringBuilder text) {
            text.append(text.isEmpty() ? "" : "\r\n")
                    .append("# ")
                    .append(name)
                    .append("\r\n")
                    .append(lines);
        }
    }
}

package dev.lockstep.node;

import dev.lockstep.client.LockstepClient;
import dev.lockstep.core.ClusterId;
import dev.lockstep.core.FaultModel;
import dev.lockstep.core.Incarnation;
import dev.lockstep.core.ReplicaId;
import dev.lockstep.net.keys.KeyStore;
import dev.lockstep.net.keys.SignatureProvider;
import dev.lockstep.replica.ReplicaLimits;
import dev.lockstep.replica.ReplicaOptions;
import dev.lockstep.replica.SnapshotOptions;

import org.jspecify.annotations.Nullable;

import java.io.IOException;
import java.nio.charset.MalformedInputException;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.SortedMap;
import java.util.TreeMap;

/// Turns cluster.yaml into values. What the values mean together is for [ConfigRules].
final class ConfigFile {

    private static final String DEFAULT_DATA = ".lockstep/{id}";
    private static final String GATEWAY_SUFFIX = "-port";
    private static final int MAX_PORT = 0xffff;
    private static final long MAX_SIZE_BYTES = 1L << 40;

    private ConfigFile() {}

    static NodeConfig read(Path file, int id) {
        return parse(file.toString(), textOf(file), id);
    }

    static NodeConfig parse(String name, String text, int id) {
        YamlSection top = new YamlSection(name, YamlValue.parse(name, text));
        if (id < 1 || id > ReplicaId.MAX_VALUE) {
            throw new ConfigException(
                    "the number of a replica is from 1 to %d, not %d"
                            .formatted(ReplicaId.MAX_VALUE, id));
        }
        YamlSection clock = top.section("clock");
        NodeConfig config =
                new NodeConfig(
                        name,
                        clusterId(top),
                        top.choice("faults", FaultModel.CRASH, FaultModel.values()),
                        top.text("order", "leader"),
                        top.texts("order-options"),
                        top.choice("durability", Durability.FSYNC, Durability.values()),
                        top.choice(
                                "journal-threading",
                                JournalThreading.ADAPTIVE,
                                JournalThreading.values()),
                        members(top),
                        new ReplicaId(id),
                        data(top, id),
                        top.text("service", "kv"),
                        top.texts("service-options"),
                        limits(top),
                        snapshots(top),
                        clock.duration("max-skew", ReplicaOptions.DEFAULT_CLOCK_MAX_SKEW_NANOS),
                        top.duration("compare-states", ReplicaOptions.DEFAULT_COMPARE_STATES_NANOS),
                        authority(top),
                        signatures(top));
        clock.requireNoOthers();
        top.requireNoOthers();
        return config;
    }

    private static Path data(YamlSection top, int id) {
        String text = top.text("data", DEFAULT_DATA);
        try {
            return Path.of(text.replace("{id}", Integer.toString(id)));
        } catch (InvalidPathException e) {
            throw top.refused("data", "cannot be the name of a directory: " + e.getReason());
        }
    }

    private static String textOf(Path file) {
        try {
            return Files.readString(file);
        } catch (NoSuchFileException e) {
            throw new ConfigException("there is no file " + file + "; name another", e);
        } catch (MalformedInputException e) {
            throw new ConfigException(file + " is not a text in UTF-8; write it anew", e);
        } catch (IOException e) {
            throw new ConfigException(
                    Files.isDirectory(file)
                            ? file + " is a directory; name the file in it"
                            : file + " cannot be read: " + reasonOf(e),
                    e);
        }
    }

    /// Some exceptions have no words but a file's name.
    private static String reasonOf(IOException e) {
        return e instanceof AccessDeniedException
                ? "this user may not; grant it"
                : String.valueOf(e.getMessage());
    }

    private static @Nullable AuthorityConfig authority(YamlSection top) {
        YamlSection in = top.section("authority");
        ClusterId cluster = clusterId(in);
        String addresses = in.text("addresses");
        in.requireNoOthers();
        if (cluster == null && addresses == null) {
            return null;
        }
        if (cluster == null || addresses == null) {
            throw top.refused(
                    "authority",
                    "needs both: cluster, its id, and addresses, host:port of its members' client"
                            + " ports, separated by commas");
        }
        try {
            LockstepClient.builder().addresses(addresses);
        } catch (IllegalArgumentException e) {
            throw in.refused("addresses", "cannot be: " + e.getMessage());
        }
        return new AuthorityConfig(cluster, List.of(addresses.split(",", -1)));
    }

    private static SignatureConfig signatures(YamlSection top) {
        YamlSection in = top.section("signatures");
        KeyStore standard = SignatureConfig.DEFAULT.keys();
        String word = in.text("provider", SignatureProvider.DEFAULT.word());
        SignatureProvider provider;
        try {
            provider = SignatureProvider.parse(word);
        } catch (IllegalArgumentException e) {
            throw in.refused("provider", "is \"%s\": %s".formatted(word, e.getMessage()));
        }
        SignatureConfig signatures =
                new SignatureConfig(
                        provider,
                        new KeyStore(
                                path(in, "public-keys", standard.publicKeys()),
                                path(in, "private-keys", standard.privateKeys())),
                        in.number("client", SignatureConfig.DEFAULT_CLIENT, 1, Integer.MAX_VALUE),
                        in.number(
                                "operator",
                                SignatureConfig.DEFAULT_OPERATOR,
                                1,
                                Integer.MAX_VALUE));
        in.requireNoOthers();
        return signatures;
    }

    private static Path path(YamlSection in, String key, Path otherwise) {
        String text = in.text(key);
        try {
            return text == null ? otherwise : Path.of(text);
        } catch (InvalidPathException e) {
            throw in.refused(key, "cannot be a path: " + e.getReason());
        }
    }

    private static @Nullable ClusterId clusterId(YamlSection top) {
        String text = top.text("cluster");
        try {
            return text == null ? null : ClusterId.parse(text);
        } catch (IllegalArgumentException e) {
            throw top.refused(
                    "cluster", "is \"" + text + "\": it must be 32 hexadecimal digits in quotes");
        }
    }

    private static ReplicaLimits limits(YamlSection top) {
        YamlSection in = top.section("limits");
        ReplicaLimits standard = ReplicaLimits.DEFAULT;
        try {
            ReplicaLimits limits =
                    new ReplicaLimits(
                            intSize(in, "request-bytes", standard.requestBytes()),
                            intSize(in, "reply-bytes", standard.replyBytes()),
                            intSize(in, "batch-bytes", standard.batchBytes()),
                            in.size("in-flight-bytes", standard.inFlightBytes(), MAX_SIZE_BYTES),
                            in.size(
                                    "in-flight-bytes-per-connection",
                                    standard.inFlightBytesPerConnection(),
                                    MAX_SIZE_BYTES),
                            in.size(
                                    "journal-pending-bytes",
                                    standard.journalPendingBytes(),
                                    MAX_SIZE_BYTES),
                            in.number(
                                    "parked-requests",
                                    standard.parkedRequests(),
                                    1,
                                    Integer.MAX_VALUE),
                            intSize(in, "parked-bytes", standard.parkedBytes()),
                            in.duration("min-session-timeout", standard.minSessionTimeoutNanos()),
                            in.duration("max-session-timeout", standard.maxSessionTimeoutNanos()),
                            in.number(
                                    "pending-queries",
                                    standard.pendingQueries(),
                                    1,
                                    Integer.MAX_VALUE),
                            in.duration("query-timeout", standard.queryTimeoutNanos()));
            in.requireNoOthers();
            return limits;
        } catch (IllegalArgumentException e) {
            throw top.refused("limits", "cannot be: " + asKey(String.valueOf(e.getMessage())));
        }
    }

    private static SnapshotOptions snapshots(YamlSection top) {
        YamlSection in = top.section("snapshots");
        SnapshotOptions standard = SnapshotOptions.DEFAULT;
        SnapshotOptions options =
                new SnapshotOptions(
                        in.size("journal-bytes", standard.journalBytes(), MAX_SIZE_BYTES),
                        in.duration("replay-time", standard.replayNanos()),
                        in.size(
                                "fetch-bytes-per-second",
                                standard.fetchBytesPerSecond(),
                                MAX_SIZE_BYTES),
                        in.duration("together-every", standard.togetherNanos()));
        in.requireNoOthers();
        return options;
    }

    /// The sentence with the field's name at its beginning written as the file writes it.
    private static String asKey(String sentence) {
        int end = sentence.indexOf(' ');
        String key = sentence.substring(0, end).replaceAll("([A-Z])", "-$1");
        return key.toLowerCase(Locale.ROOT) + sentence.substring(end);
    }

    private static int intSize(YamlSection in, String key, int otherwise) {
        return (int) in.size(key, otherwise, 1 << 30);
    }

    private static List<MemberConfig> members(YamlSection top) {
        List<MemberConfig> members = new ArrayList<>();
        for (YamlSection section : top.sections("members")) {
            members.add(member(section));
        }
        return members;
    }

    private static MemberConfig member(YamlSection in) {
        ReplicaId id = new ReplicaId(in.requiredNumber("id", 1, ReplicaId.MAX_VALUE));
        String host = in.requiredText("host");
        int peerPort = in.requiredNumber("peer-port", 1, MAX_PORT);
        int clientPort = in.requiredNumber("client-port", 0, MAX_PORT);
        String adminHost = in.text("admin-host", host);
        int adminPort = in.number("admin-port", -1, 0, MAX_PORT);
        Incarnation incarnation = incarnation(in);
        boolean joins = in.flag("joins", false);
        SortedMap<String, Integer> gatewayPorts = gatewayPorts(in);
        in.requireNoOthers();
        return new MemberConfig(
                id,
                host,
                peerPort,
                clientPort,
                adminHost,
                adminPort,
                gatewayPorts,
                incarnation,
                joins);
    }

    private static @Nullable Incarnation incarnation(YamlSection in) {
        String text = in.text("incarnation");
        try {
            return text == null ? null : Incarnation.parse(text);
        } catch (IllegalArgumentException e) {
            throw in.refused(
                    "incarnation",
                    "is \"" + text + "\": it must be 32 hexadecimal digits in quotes");
        }
    }

    /// Whatever ends in `-port` is a gateway's, found by its name when the node starts; but one
    /// letter off a key that exists is a slip of the pen.
    private static SortedMap<String, Integer> gatewayPorts(YamlSection in) {
        SortedMap<String, Integer> ports = new TreeMap<>();
        for (String name : Services.gatewayNames()) {
            in.know(name + GATEWAY_SUFFIX);
            int port = in.number(name + GATEWAY_SUFFIX, -1, 0, MAX_PORT);
            if (port >= 0) {
                ports.put(name, port);
            }
        }
        for (String name : in.othersEndingWith(GATEWAY_SUFFIX)) {
            if (in.nearest(name + GATEWAY_SUFFIX) == null) {
                ports.put(name, in.number(name + GATEWAY_SUFFIX, -1, 0, MAX_PORT));
            }
        }
        return ports;
    }
}

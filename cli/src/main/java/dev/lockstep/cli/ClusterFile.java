package dev.lockstep.cli;

import dev.lockstep.core.ClusterId;
import dev.lockstep.core.ReplicaId;
import dev.lockstep.node.ConfigException;
import dev.lockstep.node.NodeConfig;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.security.SecureRandom;
import java.util.List;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// cluster.yaml as this command writes it: the one with comments that module node ships, with an
/// id, members and a data directory of its own.
public final class ClusterFile {

    /// Gives nothing back, so that a file of many blank lines is read in the time it takes to read.
    private static final Pattern MEMBER_ID =
            Pattern.compile("(?m)^\\h*+(?:-\\h*+)?(?:\\{\\h*+)?id:\\s*+(\\d+)");

    private static final Pattern CLUSTER = Pattern.compile("(?m)^cluster: .*$");
    private static final Pattern DATA = Pattern.compile("(?m)^data: .*$");
    private static final Pattern SERVICE = Pattern.compile("(?m)^service: .*$");
    private static final Pattern PUBLIC_KEYS = Pattern.compile("(?m)^  public-keys: .*$");
    private static final Pattern PRIVATE_KEYS = Pattern.compile("(?m)^  private-keys: .*$");
    private static final Pattern FAULTS = Pattern.compile("(?m)^faults: .*$");
    private static final Pattern ORDER_OPTIONS =
            Pattern.compile("(?m)^(?:# The order's own options.*\n)?order-options:\n(?: .*\n)+\n?");
    private static final Pattern MEMBERS = Pattern.compile("(?m)^members:\\R");

    private ClusterFile() {}

    /// 128 random bits from the system: the one place where a cluster gets its name.
    public static ClusterId freshId() {
        SecureRandom random = new SecureRandom();
        return new ClusterId(random.nextLong(), random.nextLong());
    }

    /// The text of a new cluster.yaml.
    ///
    /// @param data where replica `{id}` keeps its files
    public static String text(ClusterId id, List<MemberPorts> members, String data) {
        StringBuilder lines = new StringBuilder();
        for (MemberPorts member : members) {
            lines.append(
                    String.format(
                            Locale.ROOT,
                            "  - {id: %d, host: %s, peer-port: %d, client-port: %d,"
                                    + " admin-port: %d, redis-port: %d}%n",
                            member.id(),
                            member.host(),
                            member.peer(),
                            member.client(),
                            member.admin(),
                            member.redis()));
        }
        String text = replaceLine(template(), CLUSTER, "cluster: \"" + id + "\"");
        text = replaceLine(text, DATA, "data: '" + data.replace("'", "''") + "'");
        Matcher first = MEMBERS.matcher(text);
        if (!first.find()) {
            throw new IllegalStateException("the template has no members");
        }
        return text.substring(0, first.end()) + lines;
    }

    /// The text of a new configuration authority's file.
    ///
    /// @param data where replica `{id}` keeps its files
    static String authorityText(ClusterId id, List<MemberPorts> members, String data) {
        String text = text(id, members, data).replaceAll(", redis-port: \\d+", "");
        return replaceLine(text, SERVICE, "service: " + AuthorityCommand.SERVICE);
    }

    /// The same file for fail-stop faults, with an authority.
    ///
    /// @param addresses of the authority's client ports, separated by commas
    static String underFailStop(String text, ClusterId authority, String addresses) {
        return replaceLine(
                text,
                FAULTS,
                "faults: fail-stop\nauthority: {cluster: \"%s\", addresses: \"%s\"}"
                        .formatted(authority, addresses));
    }

    /// The same file with the usual options of the order.
    static String withoutOrderOptions(String text) {
        return ORDER_OPTIONS.matcher(text).replaceFirst("");
    }

    /// The same file for members of which some may lie: without ports on which one of them would
    /// answer alone.
    ///
    /// @param resilience `3t+1` or `2t+1`
    static String underByzantine(String text, String resilience) {
        String options =
                resilience.equals("3t+1")
                        ? "view-timeout: 250ms # whoever leads has so long for a block; longer while that comes to nothing\n"
                        : "delta: 250ms        # no message between members that work takes longer, all pauses included\n";
        String optioned =
                ORDER_OPTIONS
                        .matcher(text.replaceAll(", redis-port: \\d+", ""))
                        .replaceFirst(
                                Matcher.quoteReplacement(
                                        """
                                        # The order's own options, the same on all members (docs/byzantine.md).
                                        order-options:
                                          resilience: %s
                                          %s
                                        """
                                                .formatted(resilience, options)));
        return replaceLine(optioned, FAULTS, "faults: byzantine");
    }

    /// The same file with keys elsewhere.
    static String withSignatures(String text, Path publicKeys, Path privateKeys) {
        String there = replaceLine(text, PUBLIC_KEYS, "  public-keys: " + quoted(publicKeys));
        return replaceLine(there, PRIVATE_KEYS, "  private-keys: " + quoted(privateKeys));
    }

    private static String quoted(Path path) {
        return "'" + path.toString().replace("'", "''") + "'";
    }

    private static String replaceLine(String text, Pattern line, String by) {
        Matcher matcher = line.matcher(text);
        if (!matcher.find()) {
            throw new IllegalStateException("the template has no line " + line);
        }
        return matcher.replaceFirst(Matcher.quoteReplacement(by));
    }

    /// The commented file beside the code that reads it, which a test there holds to the defaults.
    private static String template() {
        try (InputStream in = NodeConfig.class.getResourceAsStream("cluster.yaml")) {
            if (in == null) {
                throw new IllegalStateException("cluster.yaml is missing beside NodeConfig.class");
            }
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new IllegalStateException("cluster.yaml beside NodeConfig.class is damaged", e);
        }
    }

    /// Writes a file that must not exist.
    static void writeNew(Path file, String text) {
        try {
            Path directory = file.toAbsolutePath().getParent();
            if (directory != null) {
                Files.createDirectories(directory);
            }
            Files.writeString(file, text, StandardOpenOption.CREATE_NEW);
        } catch (FileAlreadyExistsException e) {
            throw new OperatorException(
                    file + " exists already: name another file with --config, or remove it", e);
        } catch (IOException e) {
            throw new OperatorException("cannot write " + file + ": " + Reason.of(e), e);
        }
    }

    /// Reads `file` as the first member it names would: for commands that ask about the cluster
    /// and are none of its members.
    static NodeConfig load(Path file) {
        String text;
        try {
            text = Files.readString(file);
        } catch (IOException e) {
            throw new ConfigException("cannot read " + file + ": " + Reason.of(e), e);
        }
        return NodeConfig.load(file, firstMember(file, text));
    }

    /// The number of the member that `text` names first.
    ///
    /// @throws ConfigException if it names none
    static int firstMember(Path file, String text) {
        Matcher id = MEMBER_ID.matcher(text);
        if (!id.find()) {
            throw new ConfigException(
                    file
                            + " names no member: add 'members:' with an 'id:' each, see"
                            + " 'lockstep init --new'");
        }
        try {
            return Integer.parseInt(id.group(1));
        } catch (NumberFormatException tooLarge) {
            throw new ConfigException(
                    file
                            + " names a member "
                            + id.group(1)
                            + ": the number of a replica is from 1 to "
                            + ReplicaId.MAX_VALUE,
                    tooLarge);
        }
    }
}

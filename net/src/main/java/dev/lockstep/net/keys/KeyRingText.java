package dev.lockstep.net.keys;

import dev.lockstep.core.ClusterId;
import dev.lockstep.core.Epoch;
import dev.lockstep.core.wire.Bytes;

import org.jspecify.annotations.Nullable;

import java.util.HexFormat;
import java.util.List;

/// The file of a cluster's public keys: lines that people can read, compare and put together.
///
/// ```
/// lockstep keys 1
/// cluster 0f3c…
/// replica 2 from 1 key 77ab…
/// client 7 from 1 key 90de…
/// operator 1 from 1 key 4c02…
/// ```
///
/// The first line comes first. Otherwise neither the order of the lines nor their number matters,
/// so that files of several machines are put together by appending one to the other; `#` begins a
/// comment.
final class KeyRingText {

    static final int MAX_CHARS = 4 << 20;

    private static final String FIRST_LINE = "lockstep keys 1";
    private static final String ANY_VERSION = "lockstep keys ";
    private static final String CLUSTER = "cluster ";
    private static final int WORDS = 6;
    private static final String FORM =
            "a line is like 'replica 2 from 1 key' and 64 hexadecimal digits, or begins with #";

    private KeyRingText() {}

    static String of(KeyRing ring) {
        StringBuilder text = new StringBuilder(FIRST_LINE).append('\n');
        text.append(CLUSTER).append(ring.cluster()).append('\n');
        ring.entries().forEach(entry -> text.append(entry).append('\n'));
        return text.toString();
    }

    /// @param name of the file, for people
    /// @throws KeyRefusedException if it is none, or says what cannot be
    static KeyRing parse(String name, String text) {
        if (text.length() > MAX_CHARS) {
            throw new KeyRefusedException(
                    "%s has %d characters, more than the keys of a cluster take: name the file that 'lockstep keys init' wrote"
                            .formatted(name, text.length()));
        }
        KeyRing.@Nullable Builder ring = null;
        boolean isBegun = false;
        int number = 0;
        for (String raw : (Iterable<String>) text.lines()::iterator) {
            number++;
            String line = raw.strip();
            if (line.isEmpty() || line.startsWith("#")) {
                continue;
            }
            if (line.startsWith(ANY_VERSION)) {
                if (!line.equals(FIRST_LINE)) {
                    throw at(name, number, "this build knows version 1 of such files, not this");
                }
                isBegun = true;
            } else if (!isBegun) {
                throw at(name, number, "the file does not begin with '" + FIRST_LINE + "'");
            } else if (line.startsWith(CLUSTER)) {
                ring = ofCluster(ring, name, number, line.substring(CLUSTER.length()));
            } else if (ring == null) {
                throw at(name, number, "a line with the cluster's id must stand before the keys");
            } else {
                add(ring, name, number, line);
            }
        }
        if (ring == null) {
            throw new KeyRefusedException(
                    "%s does not say of which cluster its keys are: write it anew with 'lockstep keys init'"
                            .formatted(name));
        }
        return ring.build();
    }

    private static KeyRing.Builder ofCluster(
            KeyRing.@Nullable Builder ring, String name, int number, String digits) {
        ClusterId id;
        try {
            id = ClusterId.parse(digits);
        } catch (IllegalArgumentException _) {
            throw at(name, number, "the id of a cluster has 32 hexadecimal digits");
        }
        if (ring != null && !ring.cluster().equals(id)) {
            throw at(name, number, "the file has keys of another cluster, %s, too".formatted(id));
        }
        return ring == null ? new KeyRing.Builder(id) : ring;
    }

    private static void add(KeyRing.Builder ring, String name, int number, String line) {
        KeyRing.Entry entry;
        try {
            entry = entryOf(List.of(line.split(" ", WORDS + 1)));
        } catch (IllegalArgumentException _) {
            throw at(name, number, FORM);
        }
        try {
            ring.add(entry);
        } catch (KeyRefusedException refused) {
            throw at(name, number, String.valueOf(refused.getMessage()));
        }
    }

    private static KeyRing.Entry entryOf(List<String> words) {
        if (words.size() != WORDS || !words.get(2).equals("from") || !words.get(4).equals("key")) {
            throw new IllegalArgumentException("words");
        }
        KeyOwner.Role role =
                switch (words.getFirst()) {
                    case "replica" -> KeyOwner.Role.REPLICA;
                    case "client" -> KeyOwner.Role.CLIENT;
                    case "operator" -> KeyOwner.Role.OPERATOR;
                    default -> throw new IllegalArgumentException("role");
                };
        byte[] key = HexFormat.of().parseHex(words.get(5));
        if (key.length != StrictEd25519.KEY_BYTES) {
            throw new IllegalArgumentException("key");
        }
        return new KeyRing.Entry(
                new KeyOwner(role, Integer.parseInt(words.get(1))),
                new Epoch(Long.parseLong(words.get(3))),
                Bytes.wrap(key));
    }

    private static KeyRefusedException at(String name, int line, String what) {
        return new KeyRefusedException("%s, line %d: %s".formatted(name, line, what));
    }
}

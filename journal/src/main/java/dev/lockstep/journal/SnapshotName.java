package dev.lockstep.journal;

import dev.lockstep.core.Invariant;
import dev.lockstep.core.port.SnapshotDescription;

import org.jspecify.annotations.Nullable;

import java.util.HexFormat;
import java.util.Locale;

/// The name of a snapshot file. All of one kind sort by position.
record SnapshotName(Kind kind, long position, String text) {

    private static final String PREFIX = "snapshot-";
    private static final int DIGITS = 19;

    /// What a file's ending says of it.
    enum Kind {
        /// Published: it was forced before it got this name.
        COMPLETE(".snap"),

        /// Being written, or left by a crash while it was.
        UNPUBLISHED(".new"),

        /// Being received, or what was received until a crash or a pause; can be continued.
        RECEIVED(".part"),

        /// Found damaged after it was published, and kept until there are enough others.
        SET_ASIDE(".bad"),

        /// Not wanted any more, and perhaps cut shorter: what is left is deleted.
        DEAD(".dead");

        private final String suffix;

        Kind(String suffix) {
            this.suffix = suffix;
        }
    }

    static String complete(long position) {
        return stem(position) + Kind.COMPLETE.suffix;
    }

    static String unpublished(long position) {
        return stem(position) + Kind.UNPUBLISHED.suffix;
    }

    static String setAside(long position) {
        return stem(position) + Kind.SET_ASIDE.suffix;
    }

    static String dead(long position) {
        return stem(position) + Kind.DEAD.suffix;
    }

    /// Names the content as well, so that nothing but exactly this snapshot is ever continued.
    static String received(SnapshotDescription description) {
        return stem(description.position())
                + "-"
                + description.sizeBytes()
                + "-"
                + HexFormat.of().formatHex(description.digest().toByteArray())
                + Kind.RECEIVED.suffix;
    }

    private static String stem(long position) {
        Invariant.check(position >= 0, "a snapshot is at a position", position);
        return String.format(Locale.ROOT, "%s%0" + DIGITS + "d", PREFIX, position);
    }

    /// Reads a name; null if it is not one of a snapshot file.
    static @Nullable SnapshotName parse(String name) {
        int end = PREFIX.length() + DIGITS;
        if (!name.startsWith(PREFIX) || name.length() <= end) {
            return null;
        }
        long position = 0;
        for (int i = PREFIX.length(); i < end; i++) {
            int digit = name.charAt(i) - '0';
            if (digit < 0 || digit > 9) {
                return null;
            }
            position = position * 10 + digit;
        }
        String rest = name.substring(end);
        for (Kind kind : Kind.values()) {
            boolean fits =
                    kind == Kind.RECEIVED
                            ? rest.startsWith("-") && rest.endsWith(kind.suffix)
                            : rest.equals(kind.suffix);
            // Nineteen digits can be one bit too many.
            if (fits && position >= 0) {
                return new SnapshotName(kind, position, name);
            }
        }
        return null;
    }
}

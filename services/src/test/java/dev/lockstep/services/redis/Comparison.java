package dev.lockstep.services.redis;

import java.util.Arrays;
import java.util.List;
import java.util.Locale;

/// Whether two servers have said the same. What may differ: the time, by a little, if the question
/// was about it; the order of keys; which key is random; and what is each server's own.
///
/// @param shiftMillis how much later the second server was asked
record Comparison(long shiftMillis) {

    /// Times that two servers read off their clocks may differ by so much, in milliseconds.
    private static final long CLOCKS_APART = 5_000;

    private static final long LEAST_TIME = 50;

    private static final List<String> ABOUT_TIME =
            List.of("ttl", "pttl", "expiretime", "pexpiretime", "exec");
    private static final List<String> UNORDERED =
            List.of("keys", "scan", "exec", "config", "command");

    /// Answers of these are each server's own unless they are errors.
    private static final List<String> OWN =
            List.of(
                    "randomkey",
                    "hello",
                    "client id",
                    "client info",
                    "client list",
                    "client help",
                    "command",
                    "command docs",
                    "command list",
                    "command help");

    /// False for what would not leave two servers as they were, or leave the client without an
    /// answer.
    static boolean isAskable(String... words) {
        String name = name(words);
        return switch (name) {
            case "config set" -> words.length < 4 || words[2].equals("databases");
            case "config get" -> words.length < 3 || (words.length == 3 && words[2].equals("save"));
            case "client kill" ->
                    words.length < 4 || !words[3].matches("[1-9]\\d{0,3}|normal|default");
            // A value that one of the servers does not take, or that fills this file's lines.
            case "setrange" -> words.length < 3 || !words[2].matches("\\d{4,9}");
            default -> true;
        };
    }

    /// False if what a command says within a transaction cannot be told from what others do, or if
    /// the port is known not to queue it.
    static boolean mayBeQueued(String... words) {
        return !isOwn(words) && !name(words).equals("client reply");
    }

    private static String name(String... words) {
        String name = words[0].toLowerCase(Locale.ROOT);
        boolean isContainer = List.of("client", "config", "command").contains(name);
        return isContainer && words.length > 1
                ? name + ' ' + words[1].toLowerCase(Locale.ROOT)
                : name;
    }

    private static boolean isOwn(String... words) {
        String name = name(words);
        // Where a scan pauses, and what its cursor means, is for each server to say.
        boolean isWholeScan =
                words.length > 3
                        && words[1].equals("0")
                        && words[2].equals("COUNT")
                        && words[3].equals("10000");
        return switch (name) {
            case "scan" -> !isWholeScan;
            case "command info" -> words.length == 2;
            default -> OWN.contains(name);
        };
    }

    boolean isSame(String[] words, String expected, String actual) {
        if (expected.equals(actual)) {
            return true;
        }
        if (isOwn(words)) {
            return expected.charAt(0) == actual.charAt(0) && expected.charAt(0) != '-';
        }
        String first = words[0].toLowerCase(Locale.ROOT);
        String[] left = expected.split("\r\n", -1);
        String[] right = actual.split("\r\n", -1);
        if (UNORDERED.contains(first)) {
            Arrays.sort(left);
            Arrays.sort(right);
        }
        if (left.length != right.length) {
            return false;
        }
        for (int i = 0; i < left.length; i++) {
            if (!left[i].equals(right[i])
                    && !(ABOUT_TIME.contains(first) && isNear(left[i], right[i]))) {
                return false;
            }
        }
        return true;
    }

    private boolean isNear(String left, String right) {
        if (!left.startsWith(":") || !right.startsWith(":")) {
            return false;
        }
        long first = Long.parseLong(left.substring(1));
        long second = Long.parseLong(right.substring(1));
        // Smaller numbers than any that is left of a key's time are not about time.
        if (Math.min(first, second) < LEAST_TIME) {
            return false;
        }
        long difference = second - first;
        return Math.abs(difference) <= CLOCKS_APART
                || Math.abs(difference - shiftMillis) <= CLOCKS_APART
                || Math.abs(difference * 1_000 - shiftMillis) <= CLOCKS_APART;
    }
}

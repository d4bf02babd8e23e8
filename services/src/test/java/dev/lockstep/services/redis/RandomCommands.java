package dev.lockstep.services.redis;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.random.RandomGenerator;

/// Commands that are right, nearly right and wrong, on a few keys, none of which is about to
/// expire.
final class RandomCommands {

    static final List<String> KEYS =
            List.of("a", "b", "c", "d", "e", "f", "aa", "ab", "", "k\0y", "k y", "\u00e9*[");
    private static final List<String> VALUES =
            List.of(
                    "0",
                    "1",
                    "-1",
                    "10",
                    "hello",
                    "",
                    "3.14",
                    "-0",
                    "007",
                    " 1",
                    "1e3",
                    "abc\r\ndef",
                    "9223372036854775807",
                    "-9223372036854775808",
                    "9223372036854775808",
                    "1.7976931348623157e308",
                    "inf",
                    "nan",
                    "0x10",
                    "+5",
                    "1.",
                    ".5",
                    "5e-324",
                    "1e4932",
                    "0.1",
                    "0.2",
                    "123456789.123456789",
                    "-3.0e3",
                    "1e-17",
                    "4.99e-18",
                    "1e22");
    private static final List<String> INTEGERS =
            List.of(
                    "0",
                    "1",
                    "-1",
                    "2",
                    "3",
                    "5",
                    "-2",
                    "-3",
                    "-100",
                    "100",
                    "x",
                    "",
                    "1.5",
                    "9223372036854775807",
                    "-9223372036854775808",
                    "9223372036854775808",
                    "2147483648",
                    "-0",
                    "01");
    private static final List<String> TIMES =
            List.of(
                    "100000",
                    "200000000",
                    "0",
                    "-1",
                    "-100",
                    "x",
                    "9223372036854775807",
                    "9223372036854775",
                    "9223372036854776",
                    "-9223372036854775808",
                    "4102444800",
                    "4102444800000",
                    "9223370000000000",
                    "1.5");
    private static final List<String> PATTERNS =
            List.of(
                    "*",
                    "a*",
                    "?",
                    "??",
                    "[ab]",
                    "[^a]",
                    "[a-c]*",
                    "[c-a]",
                    "\\a",
                    "a\\",
                    "[",
                    "[a",
                    "[^",
                    "**",
                    "*b",
                    "*a*b*",
                    "k?y",
                    "[\\a]",
                    "",
                    "[]",
                    "[a-",
                    "k[^\u00e9]y",
                    "[^]a]");
    /// What a call of any command is thrown together from.
    private static final List<String> NAMES =
            List.of(
                    "GET",
                    "SET",
                    "SETNX",
                    "SETEX",
                    "PSETEX",
                    "GETSET",
                    "GETDEL",
                    "GETEX",
                    "MGET",
                    "MSET",
                    "MSETNX",
                    "APPEND",
                    "STRLEN",
                    "GETRANGE",
                    "SUBSTR",
                    "SETRANGE",
                    "INCR",
                    "DECR",
                    "INCRBY",
                    "DECRBY",
                    "INCRBYFLOAT",
                    "DEL",
                    "UNLINK",
                    "EXISTS",
                    "TYPE",
                    "KEYS",
                    "SCAN",
                    "RANDOMKEY",
                    "RENAME",
                    "RENAMENX",
                    "COPY",
                    "TOUCH",
                    "EXPIRE",
                    "PEXPIRE",
                    "EXPIREAT",
                    "PEXPIREAT",
                    "TTL",
                    "PTTL",
                    "EXPIRETIME",
                    "PEXPIRETIME",
                    "PERSIST",
                    "DBSIZE",
                    "FLUSHALL",
                    "FLUSHDB",
                    "MULTI",
                    "EXEC",
                    "DISCARD",
                    "WATCH",
                    "UNWATCH",
                    "PING",
                    "ECHO",
                    "AUTH",
                    "SELECT",
                    "HELLO",
                    "RESET",
                    "CLIENT",
                    "CONFIG",
                    "COMMAND",
                    "nosuch",
                    "");
    private static final List<String> SUBCOMMANDS =
            List.of(
                    "CLIENT GETNAME",
                    "CLIENT SETNAME",
                    "CLIENT ID",
                    "CLIENT INFO",
                    "CLIENT LIST",
                    "CLIENT KILL",
                    "CLIENT UNBLOCK",
                    "CLIENT GETREDIR",
                    "CLIENT TRACKINGINFO",
                    "CLIENT HELP",
                    "CLIENT NOSUCH",
                    "CLIENT NO-TOUCH",
                    "CLIENT REPLY ON",
                    "CLIENT REPLY x",
                    "CLIENT KILL ID",
                    "CLIENT KILL ADDR",
                    "CLIENT KILL LADDR",
                    "CLIENT KILL TYPE",
                    "CLIENT KILL USER",
                    "CLIENT KILL ID 99999999 SKIPME",
                    "CLIENT LIST ID",
                    "CLIENT LIST TYPE",
                    "CONFIG RESETSTAT",
                    "CONFIG REWRITE",
                    "CONFIG HELP",
                    "CONFIG NOSUCH",
                    "CONFIG GET save",
                    "CONFIG GET",
                    "CONFIG SET save",
                    "CONFIG SET databases 1",
                    "COMMAND GETKEYS",
                    "COMMAND GETKEYS SET",
                    "COMMAND GETKEYS MSET",
                    "COMMAND GETKEYS DEL",
                    "COMMAND GETKEYS RENAME",
                    "COMMAND GETKEYS PING",
                    "COMMAND INFO",
                    "COMMAND INFO GET",
                    "COMMAND COUNT x",
                    "COMMAND LIST FILTERBY",
                    "COMMAND LIST FILTERBY PATTERN",
                    "COMMAND DOCS nosuch",
                    "COMMAND NOSUCH");
    private static final List<String> OPTIONS =
            List.of(
                    "NX", "XX", "GT", "LT", "nx", "GET", "KEEPTTL", "PERSIST", "EX", "PX", "EXAT",
                    "PXAT", "REPLACE", "DB", "foo", "0", "1", "100000");

    private final RandomGenerator random;

    RandomCommands(RandomGenerator random) {
        this.random = random;
    }

    String[] next() {
        return random.nextInt(4) == 0 ? thrownTogether() : likely();
    }

    /// Any command with any words.
    private String[] thrownTogether() {
        List<String> words = new ArrayList<>();
        if (random.nextInt(4) == 0) {
            words.addAll(List.of(pick(random, SUBCOMMANDS).split(" ")));
        } else {
            words.add(pick(random, NAMES));
        }
        if (random.nextInt(4) == 0) {
            words.set(0, words.getFirst().toLowerCase(Locale.ROOT));
        }
        for (int left = random.nextInt(6); left > 0; left--) {
            words.add(
                    switch (random.nextInt(6)) {
                        case 0 -> integer();
                        case 1 -> time();
                        case 2 -> value();
                        case 3 -> pick(random, OPTIONS);
                        case 4 -> pick(random, PATTERNS);
                        default -> key();
                    });
        }
        return words.toArray(new String[0]);
    }

    /// A command with words that make sense, most of them.
    private String[] likely() {
        List<String> words = new ArrayList<>();
        switch (random.nextInt(42)) {
            case 0, 1 -> add(words, "GET", key());
            case 2, 3 -> add(words, "SET", key(), value());
            case 4, 5 -> set(words);
            case 6 -> add(words, "SETNX", key(), value());
            case 7 -> add(words, pick("SETEX", "PSETEX"), key(), time(), value());
            case 8 -> add(words, "GETSET", key(), value());
            case 9 -> add(words, "GETDEL", key());
            case 10 -> {
                add(words, "GETEX", key());
                addOptions(words);
            }
            case 11 -> addMany(words, "MGET");
            case 12 -> addPairs(words, "MSET");
            case 13 -> addPairs(words, "MSETNX");
            case 14 -> add(words, "APPEND", key(), value());
            case 15 -> add(words, "STRLEN", key());
            case 16 -> add(words, pick("GETRANGE", "SUBSTR"), key(), integer(), integer());
            case 17 ->
                    add(
                            words,
                            "SETRANGE",
                            key(),
                            pick("0", "1", "5", "-1", "x", "900000000"),
                            value());
            case 18 -> add(words, pick("INCR", "DECR"), key());
            case 19 -> add(words, pick("INCRBY", "DECRBY"), key(), pick(random, INTEGERS));
            case 20, 21 ->
                    add(words, "INCRBYFLOAT", key(), random.nextBoolean() ? value() : decimal());
            case 22 -> addMany(words, pick("DEL", "UNLINK"));
            case 23 -> addMany(words, pick("EXISTS", "TOUCH"));
            case 24 -> add(words, "TYPE", key());
            case 25 -> add(words, "KEYS", pick(random, PATTERNS));
            case 26 -> scan(words);
            case 27 -> add(words, "RANDOMKEY");
            case 28 -> add(words, pick("RENAME", "RENAMENX"), key(), key());
            case 29 -> {
                add(words, "COPY", key(), key());
                addOptions(words);
            }
            case 30, 31, 32 -> {
                add(words, pick("EXPIRE", "PEXPIRE", "EXPIREAT", "PEXPIREAT"), key(), time());
                addOptions(words);
            }
            case 33, 34 ->
                    add(words, pick("TTL", "PTTL", "EXPIRETIME", "PEXPIRETIME", "PERSIST"), key());
            case 35 -> add(words, "DBSIZE");
            case 36 -> add(words, pick("MULTI", "EXEC", "EXEC", "DISCARD", "UNWATCH"));
            case 37 -> addMany(words, "WATCH");
            case 38 -> {
                if (random.nextInt(20) == 0) {
                    add(words, pick("FLUSHALL", "FLUSHDB"), pick("SYNC", "ASYNC", "foo"));
                } else {
                    add(words, "PING", value());
                }
            }
            case 39 -> add(words, pick("SELECT", "ECHO", "NOSUCH", "AUTH"), integer(), "x");
            case 40 -> add(words, "COMMAND", "GETKEYS", "MSET", key(), value());
            default -> add(words, "SET", key(), pick(random, INTEGERS));
        }
        // Now and then a word too few or too many.
        if (random.nextInt(25) == 0) {
            words.removeLast();
        } else if (random.nextInt(25) == 0) {
            words.add(value());
        }
        return words.isEmpty() ? new String[] {"PING"} : words.toArray(new String[0]);
    }

    private void set(List<String> words) {
        add(words, "SET", key(), value());
        addOptions(words);
    }

    private void scan(List<String> words) {
        add(words, "SCAN", random.nextInt(8) == 0 ? value() : "0", "COUNT", "10000");
        if (random.nextBoolean()) {
            add(words, "MATCH", pick(random, PATTERNS));
        }
        if (random.nextInt(4) == 0) {
            add(words, "TYPE", pick("string", "STRING", "list", "nosuch"));
        }
    }

    private void addOptions(List<String> words) {
        while (random.nextInt(5) < 3) {
            String option = pick(random, OPTIONS);
            words.add(option);
            if (option.length() == 4 || option.equals("EX") || option.equals("PX")) {
                words.add(time());
            }
        }
    }

    private void addMany(List<String> words, String name) {
        words.add(name);
        for (int left = 1 + random.nextInt(3); left > 0; left--) {
            words.add(key());
        }
    }

    private void addPairs(List<String> words, String name) {
        words.add(name);
        for (int left = 1 + random.nextInt(3); left > 0; left--) {
            add(words, key(), value());
        }
    }

    private void add(List<String> words, String... more) {
        words.addAll(List.of(more));
    }

    private String key() {
        return pick(random, KEYS);
    }

    /// A number of any size and precision that people write.
    private String decimal() {
        StringBuilder text = new StringBuilder(random.nextBoolean() ? "-" : "");
        for (int left = 1 + random.nextInt(12); left > 0; left--) {
            text.append(random.nextInt(10));
        }
        text.append('.');
        for (int left = random.nextInt(20); left > 0; left--) {
            text.append(random.nextInt(10));
        }
        return random.nextInt(4) > 0
                ? text.toString()
                : text.append('e').append(random.nextInt(61) - 30).toString();
    }

    private String value() {
        return pick(random, VALUES);
    }

    private String integer() {
        return pick(random, INTEGERS);
    }

    private String time() {
        return pick(random, TIMES);
    }

    private String pick(String... choices) {
        return choices[random.nextInt(choices.length)];
    }

    private static String pick(RandomGenerator random, List<String> choices) {
        return choices.get(random.nextInt(choices.size()));
    }
}

package dev.lockstep.services.redis;

import dev.lockstep.services.kv.CommandSpec;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.function.Predicate;

/// `CLIENT`: what connections of this port are, and how this one is answered.
///
/// Other replicas' connections are theirs. What would need more than this port has is not there:
/// `PAUSE` would hold back one replica of several, `TRACKING` needs invalidations, and `NO-EVICT`
/// would let a connection hold memory without a bound.
final class ClientCommands {

    private static final List<String> HELP =
            List.of(
                    "CLIENT <subcommand> [<arg> [value] [opt] ...]. Subcommands are:",
                    "GETREDIR",
                    "    Return the client ID we are redirecting to when tracking is enabled.",
                    "GETNAME",
                    "    Return the name of the current connection.",
                    "ID",
                    "    Return the ID of the current connection.",
                    "INFO",
                    "    Return information about the current client connection.",
                    "KILL <ip:port>",
                    "    Kill connection made from <ip:port>.",
                    "KILL <option> <value> [<option> <value> [...]]",
                    "    Kill connections. Options are:",
                    "    * ADDR (<ip:port>|<unixsocket>:0)",
                    "      Kill connections made from the specified address",
                    "    * LADDR (<ip:port>|<unixsocket>:0)",
                    "      Kill connections made to specified local address",
                    "    * TYPE (NORMAL|MASTER|REPLICA|PUBSUB)",
                    "      Kill connections by type.",
                    "    * USER <username>",
                    "      Kill connections authenticated by <username>.",
                    "    * SKIPME (YES|NO)",
                    "      Skip killing current connection (default: yes).",
                    "LIST [options ...]",
                    "    Return information about client connections. Options:",
                    "    * TYPE (NORMAL|MASTER|REPLICA|PUBSUB)",
                    "      Return clients of specified type.",
                    "REPLY (ON|OFF|SKIP)",
                    "    Control the replies sent to the current connection.",
                    "SETINFO (LIB-NAME|LIB-VER) <value>",
                    "    Name the library of the current connection.",
                    "SETNAME <name>",
                    "    Assign the name <name> to the current connection.",
                    "UNBLOCK <clientid> [TIMEOUT|ERROR]",
                    "    Unblock the specified blocked client.",
                    "TRACKINGINFO",
                    "    Report tracking status for the current connection.",
                    "HELP",
                    "    Prints this help.");

    /// What a connection may be in Redis; here all are normal.
    private static final List<String> TYPES =
            List.of("normal", "slave", "replica", "pubsub", "master");

    static final PortCommand CLIENT =
            PortCommand.container(
                    CommandSpec.of(
                                    "client",
                                    -2,
                                    "connection",
                                    "2.4.0",
                                    "Commands about the connection")
                            .cost("Depends on the subcommand"),
                    null,
                    List.of(
                            PortCommand.local(
                                    row("getredir", 2, "6.0.0", "Returns where invalidations go"),
                                    (connection, words, out) -> out.integer(-1)),
                            PortCommand.local(
                                    row("getname", 2, "2.6.9", "Returns the connection's name"),
                                    ClientCommands::getname),
                            PortCommand.local(
                                    row("id", 2, "5.0.0", "Returns the connection's number"),
                                    (connection, words, out) -> out.integer(connection.info.id())),
                            PortCommand.local(
                                    row("info", 2, "6.2.0", "Describes the connection")
                                            .tips("nondeterministic_output"),
                                    (connection, words, out) ->
                                            out.verbatim(connection.info.describe(connection))),
                            PortCommand.local(
                                    admin("kill", -3, "2.4.0", "Closes connections of this port"),
                                    ClientCommands::kill),
                            PortCommand.local(
                                    admin("list", -2, "2.4.0", "Describes this port's connections")
                                            .tips("nondeterministic_output"),
                                    ClientCommands::list),
                            PortCommand.immediate(
                                    row("reply", 3, "3.2.0", "Says which requests are answered"),
                                    ClientCommands::reply),
                            PortCommand.local(
                                    row("setinfo", 4, "7.2.0", "Names the client's library"),
                                    ClientCommands::setinfo),
                            PortCommand.local(
                                    row("setname", 3, "2.6.9", "Names the connection"),
                                    (connection, words, out) -> {
                                        if (setname(connection, words.text(2), out)) {
                                            out.ok();
                                        }
                                    }),
                            PortCommand.local(
                                    admin("unblock", -3, "5.0.0", "Ends a wait; nothing waits here")
                                            .cost("O(1)"),
                                    ClientCommands::unblock),
                            PortCommand.local(
                                    row("trackinginfo", 2, "6.2.0", "Says that tracking is off"),
                                    ClientCommands::trackinginfo),
                            PortCommand.local(
                                    CommandSpec.of(
                                                    "client|help",
                                                    2,
                                                    "connection",
                                                    "5.0.0",
                                                    "Lists the subcommands")
                                            .flags("loading", "stale"),
                                    (connection, words, out) -> out.simples(HELP))));

    private ClientCommands() {}

    private static CommandSpec row(String name, int arity, String since, String summary) {
        return CommandSpec.of("client|" + name, arity, "connection", since, summary)
                .flags("noscript", "loading", "stale");
    }

    private static CommandSpec admin(String name, int arity, String since, String summary) {
        return row(name, arity, since, summary)
                .cost("O(N) for N connections")
                .flags("admin", "noscript", "loading", "stale");
    }

    private static void getname(RedisConnection connection, Words words, RespOut out) {
        String name = connection.info.name();
        if (name.isEmpty()) {
            out.nothing();
        } else {
            out.bulk(name.getBytes(StandardCharsets.ISO_8859_1));
        }
    }

    /// False if the name was refused, and that has been replied.
    static boolean setname(RedisConnection connection, String name, RespOut out) {
        if (!isPlain(name)) {
            out.error("ERR Client names cannot contain spaces, newlines or special characters.");
            return false;
        }
        connection.info.name(name);
        return true;
    }

    private static void setinfo(RedisConnection connection, Words words, RespOut out) {
        String value = words.text(3);
        if (!words.is(2, "LIB-NAME") && !words.is(2, "LIB-VER")) {
            out.error(
                    "ERR Unrecognized option '%s'".formatted(words.printed(2, Integer.MAX_VALUE)));
        } else if (!isPlain(value)) {
            out.error(
                    "ERR %s cannot contain spaces, newlines or special characters."
                            .formatted(words.printed(2, Integer.MAX_VALUE)));
        } else {
            if (words.is(2, "LIB-NAME")) {
                connection.info.libraryName(value);
            } else {
                connection.info.libraryVersion(value);
            }
            out.ok();
        }
    }

    private static boolean isPlain(String text) {
        return text.chars().allMatch(letter -> letter >= '!' && letter <= '~');
    }

    /// Not queued by `MULTI`: Redis lets a transaction's replies break off in their middle there.
    private static boolean reply(RedisConnection connection, Words words) {
        if (connection.transaction.isOpen()) {
            return connection.reject("ERR Command not allowed inside a transaction");
        }
        if (words.is(2, "ON")) {
            connection.replies().answerAll();
            connection.reply(RespOut::ok);
        } else if (words.is(2, "OFF")) {
            connection.replies().answerNone();
        } else if (words.is(2, "SKIP")) {
            connection.replies().skipNext();
        } else {
            return connection.error("ERR syntax error");
        }
        return true;
    }

    private static void kill(RedisConnection connection, Words words, RespOut out) {
        if (words.count() == 3) {
            String address = words.text(2);
            if (kill(connection, false, other -> other.info.remote().equals(address)) == 0) {
                out.error("ERR No such client");
            } else {
                out.ok();
            }
            return;
        }
        Predicate<RedisConnection> chosen = _ -> true;
        boolean sparesItself = true;
        for (int i = 2; i < words.count(); i += 2) {
            if (i + 1 == words.count()) {
                out.error("ERR syntax error");
                return;
            }
            String value = words.text(i + 1);
            if (words.is(i, "ID")) {
                if (!Numbers.isLong(value) || Long.parseLong(value) < 1) {
                    out.error("ERR client-id should be greater than 0");
                    return;
                }
                long id = Long.parseLong(value);
                chosen = chosen.and(other -> other.info.id() == id);
            } else if (words.is(i, "TYPE")) {
                if (isUnknownType(words, i + 1, out)) {
                    return;
                }
                chosen = chosen.and(_ -> value.equalsIgnoreCase("normal"));
            } else if (words.is(i, "ADDR")) {
                chosen = chosen.and(other -> other.info.remote().equals(value));
            } else if (words.is(i, "LADDR")) {
                chosen = chosen.and(other -> other.info.local().equals(value));
            } else if (words.is(i, "USER")) {
                if (!value.equals("default")) {
                    out.error(
                            "ERR No such user '%s'"
                                    .formatted(words.printed(i + 1, Integer.MAX_VALUE)));
                    return;
                }
            } else if (words.is(i, "SKIPME") && (words.is(i + 1, "YES") || words.is(i + 1, "NO"))) {
                sparesItself = words.is(i + 1, "YES");
            } else {
                out.error("ERR syntax error");
                return;
            }
        }
        out.integer(kill(connection, sparesItself, chosen));
    }

    /// Closes connections, the asking one once it is answered, and says how many.
    private static int kill(
            RedisConnection asker, boolean sparesAsker, Predicate<RedisConnection> chosen) {
        int killed = 0;
        for (RedisConnection other : List.copyOf(asker.port().connections())) {
            if (!chosen.test(other) || (other == asker && sparesAsker)) {
                continue;
            }
            if (other == asker) {
                other.closeWhenAnswered();
            } else {
                other.close();
            }
            killed++;
        }
        return killed;
    }

    private static void list(RedisConnection connection, Words words, RespOut out) {
        List<RedisConnection> all = connection.port().connections();
        List<RedisConnection> chosen = new ArrayList<>();
        if (words.count() == 2) {
            chosen.addAll(all);
        } else if (words.count() == 4 && words.is(2, "TYPE")) {
            if (isUnknownType(words, 3, out)) {
                return;
            }
            if (words.is(3, "NORMAL")) {
                chosen.addAll(all);
            }
        } else if (words.count() > 3 && words.is(2, "ID")) {
            for (int i = 3; i < words.count(); i++) {
                if (!Numbers.isLong(words.text(i))) {
                    out.error("ERR Invalid client ID");
                    return;
                }
                long id = Long.parseLong(words.text(i));
                for (RedisConnection other : all) {
                    if (other.info.id() == id) {
                        chosen.add(other);
                    }
                }
            }
        } else {
            out.error("ERR syntax error");
            return;
        }
        StringBuilder text = new StringBuilder();
        chosen.forEach(other -> text.append(other.info.describe(other)));
        out.verbatim(text.toString());
    }

    private static boolean isUnknownType(Words words, int word, RespOut out) {
        if (TYPES.contains(words.text(word).toLowerCase(Locale.ROOT))) {
            return false;
        }
        out.error("ERR Unknown client type '%s'".formatted(words.printed(word, Integer.MAX_VALUE)));
        return true;
    }

    private static void unblock(RedisConnection connection, Words words, RespOut out) {
        if (words.count() > 4) {
            out.error(
                    "ERR unknown subcommand or wrong number of arguments for '%s'. Try CLIENT HELP."
                            .formatted(words.printed(1, 128)));
        } else if (words.count() == 4 && !words.is(3, "TIMEOUT") && !words.is(3, "ERROR")) {
            out.error("ERR CLIENT UNBLOCK reason should be TIMEOUT or ERROR");
        } else if (!Numbers.isLong(words.text(2))) {
            out.error("ERR value is not an integer or out of range");
        } else {
            out.integer(0);
        }
    }

    private static void trackinginfo(RedisConnection connection, Words words, RespOut out) {
        out.map(3);
        out.bulk("flags").set(1).bulk("off");
        out.bulk("redirect").integer(-1);
        out.bulk("prefixes").array(0);
    }
}

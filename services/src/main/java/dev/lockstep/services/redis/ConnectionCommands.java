package dev.lockstep.services.redis;

import dev.lockstep.services.kv.CommandSpec;

import java.util.List;

/// The connection itself: `PING`, `HELLO` and their kind.
final class ConnectionCommands {

    static final List<PortCommand> ALL =
            List.of(
                    PortCommand.local(
                            spec("ping", -1, "1.0.0", "Answers that the server is there")
                                    .flags("fast")
                                    .tips(
                                            "request_policy:all_shards",
                                            "response_policy:all_succeeded"),
                            ConnectionCommands::ping),
                    PortCommand.local(
                            spec("echo", 2, "1.0.0", "Returns its argument")
                                    .flags("loading", "stale", "fast"),
                            (connection, words, out) ->
                                    out.bulk(words.array(), words.start(1), words.length(1))),
                    PortCommand.local(
                            spec("hello", -1, "6.0.0", "Agrees on the protocol's version")
                                    .flags(
                                            "noscript",
                                            "loading",
                                            "stale",
                                            "fast",
                                            "no_auth",
                                            "allow_busy"),
                            ConnectionCommands::hello),
                    PortCommand.local(
                            spec("auth", -2, "1.0.0", "Authenticates the connection")
                                    .cost("O(N) for N passwords of the user")
                                    .flags(
                                            "noscript",
                                            "loading",
                                            "stale",
                                            "fast",
                                            "no_auth",
                                            "allow_busy"),
                            ConnectionCommands::auth),
                    PortCommand.local(
                            spec(
                                            "select",
                                            2,
                                            "1.0.0",
                                            "Chooses the database, of which there is one")
                                    .flags("loading", "stale", "fast"),
                            ConnectionCommands::select),
                    PortCommand.immediate(
                            spec("quit", -1, "1.0.0", "Closes the connection")
                                    .flags(
                                            "noscript",
                                            "loading",
                                            "stale",
                                            "fast",
                                            "no_auth",
                                            "allow_busy"),
                            ConnectionCommands::quit),
                    PortCommand.immediate(
                            spec("reset", 1, "6.2.0", "Makes the connection as it was when new")
                                    .flags(
                                            "noscript",
                                            "loading",
                                            "stale",
                                            "fast",
                                            "no_auth",
                                            "allow_busy"),
                            ConnectionCommands::reset),
                    ClientCommands.CLIENT);

    private static final String WRONG_PASSWORD =
            "WRONGPASS invalid username-password pair or user is disabled.";

    /// The version of Redis whose behaviour this is.
    static final String REDIS_VERSION = "7.0.15";

    private ConnectionCommands() {}

    private static CommandSpec spec(String name, int arity, String since, String summary) {
        return CommandSpec.of(name, arity, "connection", since, summary);
    }

    private static void ping(RedisConnection connection, Words words, RespOut out) {
        if (words.count() > 2) {
            out.error("ERR wrong number of arguments for 'ping' command");
        } else if (words.count() == 1) {
            out.simple("PONG");
        } else {
            out.bulk(words.array(), words.start(1), words.length(1));
        }
    }

    private static void hello(RedisConnection connection, Words words, RespOut out) {
        boolean resp3 = connection.replies().isResp3();
        if (words.count() > 1) {
            String version = words.text(1);
            if (!Numbers.isLong(version)) {
                out.error("ERR Protocol version is not an integer or out of range");
                return;
            }
            if (!version.equals("2") && !version.equals("3")) {
                out.error("NOPROTO unsupported protocol version");
                return;
            }
            resp3 = version.equals("3");
        }
        for (int i = 2; i < words.count(); i++) {
            int more = words.count() - 1 - i;
            if (words.is(i, "AUTH") && more >= 2) {
                if (!words.text(i + 1).equals("default")) {
                    out.error(WRONG_PASSWORD);
                    return;
                }
                i += 2;
            } else if (words.is(i, "SETNAME") && more >= 1) {
                if (!ClientCommands.setname(connection, words.text(i + 1), out)) {
                    return;
                }
                i++;
            } else {
                out.error(
                        "ERR Syntax error in HELLO option '%s'"
                                .formatted(words.printed(i, Integer.MAX_VALUE)));
                return;
            }
        }
        connection.replies().useResp3(resp3);
        out.reset(out.buffer(), resp3).map(7);
        out.bulk("server").bulk("redis");
        out.bulk("version").bulk(REDIS_VERSION);
        out.bulk("proto").integer(resp3 ? 3 : 2);
        out.bulk("id").integer(connection.info.id());
        out.bulk("mode").bulk("standalone");
        out.bulk("role").bulk("master");
        out.bulk("modules").array(0);
    }

    /// There are no passwords: the default user is authenticated by any, as in Redis.
    private static void auth(RedisConnection connection, Words words, RespOut out) {
        if (words.count() > 3) {
            out.error("ERR syntax error");
        } else if (words.count() == 2) {
            out.error(
                    "ERR AUTH <password> called without any password configured for the default user. Are you sure your configuration is correct?");
        } else if (words.text(1).equals("default")) {
            out.ok();
        } else {
            out.error(WRONG_PASSWORD);
        }
    }

    private static void select(RedisConnection connection, Words words, RespOut out) {
        String database = words.text(1);
        if (!Numbers.isLong(database)) {
            out.error("ERR value is not an integer or out of range");
        } else if (!Numbers.isInt(database)) {
            out.error(
                    "ERR value is out of range, value must between %d and %d"
                            .formatted(Integer.MIN_VALUE, Integer.MAX_VALUE));
        } else if (database.equals("0")) {
            out.ok();
        } else {
            out.error("ERR DB index is out of range");
        }
    }

    private static boolean quit(RedisConnection connection, Words words) {
        connection.reply(RespOut::ok);
        connection.closeWhenAnswered();
        return true;
    }

    private static boolean reset(RedisConnection connection, Words words) {
        connection.transaction.reset();
        connection.replies().useResp3(false);
        connection.info.name("");
        connection.replies().answerFromNowOn();
        connection.reply(out -> out.simple("RESET"));
        return true;
    }
}

package dev.lockstep.services.redis;

import dev.lockstep.services.kv.CommandSpec;
import dev.lockstep.services.kv.Glob;

import org.jspecify.annotations.Nullable;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/// The commands themselves: `COMMAND`, from the table.
final class CommandCommands {

    private static final List<String> HELP =
            List.of(
                    "COMMAND <subcommand> [<arg> [value] [opt] ...]. Subcommands are:",
                    "(no subcommand)",
                    "    Return details about all Redis commands.",
                    "COUNT",
                    "    Return the total number of commands in this Redis server.",
                    "LIST",
                    "    Return a list of all commands in this Redis server.",
                    "INFO [<command-name> ...]",
                    "    Return details about multiple Redis commands.",
                    "    If no command names are given, documentation details for all",
                    "    commands are returned.",
                    "DOCS [<command-name> ...]",
                    "    Return documentation details about multiple Redis commands.",
                    "    If no command names are given, documentation details for all",
                    "    commands are returned.",
                    "GETKEYS <full-command>",
                    "    Return the keys from a full Redis command.",
                    "HELP",
                    "    Prints this help.");

    static final List<PortCommand> ALL =
            List.of(
                    PortCommand.container(
                            spec("command", -1, "2.8.13", "Describes all commands")
                                    .cost("O(N) for N commands")
                                    .flags("loading", "stale")
                                    .categories("connection")
                                    .tips("nondeterministic_output_order"),
                            (connection, words, out) -> infos(out, connection.port().table().all()),
                            List.of(
                                    row("count", 2, "2.8.13", "Returns how many commands there are")
                                            .with(
                                                    (connection, words, out) ->
                                                            out.integer(
                                                                    connection
                                                                            .port()
                                                                            .table()
                                                                            .all()
                                                                            .size())),
                                    row("docs", -2, "7.0.0", "Returns what commands are for")
                                            .ofAll()
                                            .with(CommandCommands::docs),
                                    row("getkeys", -4, "2.8.13", "Returns the keys of a call")
                                            .with(CommandCommands::getkeys),
                                    row("info", -2, "2.8.13", "Describes commands")
                                            .ofAll()
                                            .with(CommandCommands::info),
                                    row("list", -2, "7.0.0", "Returns the names of commands")
                                            .ofAll()
                                            .with(CommandCommands::list),
                                    row("help", 2, "5.0.0", "Lists the subcommands")
                                            .with((connection, words, out) -> out.simples(HELP)))));

    private CommandCommands() {}

    private static CommandSpec spec(String name, int arity, String since, String summary) {
        return CommandSpec.of(name, arity, "server", since, summary);
    }

    private static Row row(String name, int arity, String since, String summary) {
        return new Row(
                spec("command|" + name, arity, since, summary)
                        .flags("loading", "stale")
                        .categories("connection"));
    }

    /// A subcommand in the making.
    private record Row(CommandSpec spec) {

        Row ofAll() {
            return new Row(spec.cost("O(N) for N commands").tips("nondeterministic_output_order"));
        }

        PortCommand with(PortCommand.Local local) {
            return PortCommand.local(spec, local);
        }
    }

    private static void info(RedisConnection connection, Words words, RespOut out) {
        PortTable table = connection.port().table();
        if (words.count() == 2) {
            infos(out, table.all());
            return;
        }
        out.array(words.count() - 2);
        for (int i = 2; i < words.count(); i++) {
            info(out, table.find(words.text(i)));
        }
    }

    private static void infos(RespOut out, List<PortCommand> commands) {
        out.array(commands.size());
        commands.forEach(command -> info(out, command));
    }

    private static void info(RespOut out, @Nullable PortCommand command) {
        if (command == null) {
            out.nothing();
        } else {
            info(out, command.spec());
        }
    }

    private static void info(RespOut out, CommandSpec spec) {
        out.array(10);
        out.bulk(spec.name());
        out.integer(spec.arity());
        simples(out, spec.flags());
        out.integer(spec.firstKey());
        out.integer(spec.lastKey());
        out.integer(spec.keyStep());
        simples(out, spec.categories());
        out.set(spec.tips().size());
        spec.tips().forEach(out::bulk);
        out.set(spec.keys().size());
        spec.keys().forEach(keys -> keySpec(out, keys));
        // Not a set, unlike the rest, if there are any; so it is in Redis.
        if (spec.subcommands().isEmpty()) {
            out.set(0);
        } else {
            out.array(spec.subcommands().size());
        }
        spec.subcommands().forEach(subcommand -> info(out, subcommand));
    }

    private static void keySpec(RespOut out, CommandSpec.KeySpec keys) {
        out.map(3);
        out.bulk("flags");
        simples(out, keys.flags());
        out.bulk("begin_search").map(2);
        out.bulk("type").bulk("index");
        out.bulk("spec").map(1).bulk("index").integer(keys.first());
        out.bulk("find_keys").map(2);
        out.bulk("type").bulk("range");
        out.bulk("spec").map(3);
        out.bulk("lastkey").integer(keys.last());
        out.bulk("keystep").integer(keys.step());
        out.bulk("limit").integer(0);
    }

    private static void simples(RespOut out, List<String> texts) {
        out.set(texts.size());
        texts.forEach(out::simple);
    }

    private static void docs(RedisConnection connection, Words words, RespOut out) {
        PortTable table = connection.port().table();
        List<PortCommand> wanted = new ArrayList<>();
        if (words.count() == 2) {
            wanted.addAll(table.all());
        }
        for (int i = 2; i < words.count(); i++) {
            PortCommand command = table.find(words.text(i));
            if (command != null) {
                wanted.add(command);
            }
        }
        out.map(wanted.size());
        wanted.forEach(command -> docs(out, command.spec()));
    }

    private static void docs(RespOut out, CommandSpec spec) {
        out.bulk(spec.name());
        out.map(spec.subcommands().isEmpty() ? 4 : 5);
        out.bulk("summary").bulk(spec.summary());
        out.bulk("since").bulk(spec.since());
        out.bulk("group").bulk(spec.group());
        out.bulk("complexity").bulk(spec.complexity());
        if (!spec.subcommands().isEmpty()) {
            out.bulk("subcommands").map(spec.subcommands().size());
            spec.subcommands().forEach(subcommand -> docs(out, subcommand));
        }
    }

    private static void getkeys(RedisConnection connection, Words words, RespOut out) {
        PortCommand command = connection.port().table().find(words, 2);
        if (command != null && command.isContainer() && words.count() > 3) {
            command = command.subcommand(words.text(3));
        }
        if (command == null) {
            out.error("ERR Invalid command specified");
            return;
        }
        CommandSpec spec = command.spec();
        int count = words.count() - 2;
        if (spec.firstKey() == 0) {
            out.error("ERR The command has no key arguments");
        } else if (!spec.takes(count)) {
            out.error("ERR Invalid number of arguments specified for command");
        } else {
            int last = spec.lastKey() < 0 ? count + spec.lastKey() : spec.lastKey();
            int step = spec.keyStep();
            out.array((last - spec.firstKey()) / step + 1);
            for (int key = spec.firstKey(); key <= last; key += step) {
                out.bulk(words.bytes(2 + key));
            }
        }
    }

    private static void list(RedisConnection connection, Words words, RespOut out) {
        List<String> names = new ArrayList<>();
        for (PortCommand command : connection.port().table().all()) {
            names.add(command.spec().name());
            command.spec().subcommands().forEach(subcommand -> names.add(subcommand.name()));
        }
        if (words.count() == 2) {
            out.bulks(names);
        } else if (words.count() == 5 && words.is(2, "FILTERBY") && words.is(3, "PATTERN")) {
            Glob pattern = Glob.ignoringCase(words.text(4));
            names.removeIf(name -> !pattern.matches(name.getBytes(StandardCharsets.US_ASCII)));
            out.bulks(names);
        } else if (words.count() == 5 && words.is(2, "FILTERBY") && words.is(3, "ACLCAT")) {
            String category = "@" + words.text(4).toLowerCase(Locale.ROOT);
            names.removeIf(
                    name -> {
                        PortCommand command = connection.port().table().find(name);
                        return command == null || !command.spec().categories().contains(category);
                    });
            out.bulks(names);
        } else if (words.count() == 5 && words.is(2, "FILTERBY") && words.is(3, "MODULE")) {
            out.array(0);
        } else {
            out.error("ERR syntax error");
        }
    }
}

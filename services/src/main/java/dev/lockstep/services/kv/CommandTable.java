package dev.lockstep.services.kv;

import org.jspecify.annotations.Nullable;

import java.util.ArrayList;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;

/// All commands that the state machine executes, put together from the families.
public final class CommandTable {

    private static final List<KvCommand> ALL = join();
    private static final @Nullable KvCommand[] BY_CODE = byCode(ALL);
    private static final SortedMap<String, KvCommand> BY_NAME = byName(ALL);

    /// What the port's own commands need to know.
    public static final KvCommand WATCH = require("watch");

    /// For the `INFO` command: keys and how many of them expire.
    public static final KvCommand INFO = require("info");

    static final KvCommand GET = require("get");

    private CommandTable() {}

    /// All of them, a family after the other.
    public static List<KvCommand> all() {
        return ALL;
    }

    /// The command of this name in lower case, or null.
    public static @Nullable KvCommand find(String name) {
        return BY_NAME.get(name);
    }

    static @Nullable KvCommand find(int code) {
        return code < BY_CODE.length ? BY_CODE[code] : null;
    }

    static KvCommand require(String name) {
        KvCommand command = BY_NAME.get(name);
        if (command == null) {
            throw new IllegalArgumentException(name + " is not a command of the key-value service");
        }
        return command;
    }

    private static List<KvCommand> join() {
        List<KvCommand> all = new ArrayList<>();
        all.addAll(StringCommands.ALL);
        all.addAll(CounterCommands.ALL);
        all.addAll(KeyCommands.ALL);
        all.addAll(ExpiryCommands.ALL);
        all.addAll(KeyspaceCommands.ALL);
        return List.copyOf(all);
    }

    private static @Nullable KvCommand[] byCode(List<KvCommand> all) {
        int most = 0;
        for (KvCommand command : all) {
            most = Math.max(most, command.code());
        }
        @Nullable KvCommand[] table = new KvCommand[most + 1];
        for (KvCommand command : all) {
            if (table[command.code()] != null) {
                throw new IllegalStateException("two commands have the code " + command.code());
            }
            table[command.code()] = command;
        }
        return table;
    }

    private static SortedMap<String, KvCommand> byName(List<KvCommand> all) {
        SortedMap<String, KvCommand> table = new TreeMap<>();
        for (KvCommand command : all) {
            if (table.put(command.spec().name(), command) != null) {
                throw new IllegalStateException("two commands are named " + command.spec().name());
            }
        }
        return table;
    }
}

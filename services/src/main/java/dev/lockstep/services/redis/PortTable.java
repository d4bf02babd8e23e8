package dev.lockstep.services.redis;

import dev.lockstep.services.kv.CommandTable;
import dev.lockstep.services.kv.KvCommand;

import org.jspecify.annotations.Nullable;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/// All commands that the port takes: the state machine's and its own, found by name without an
/// object.
final class PortTable {

    private static final int SLOTS = 512;

    private final List<PortCommand> all = new ArrayList<>();
    private final @Nullable PortCommand[] slots = new PortCommand[SLOTS];
    private final byte[][] names = new byte[SLOTS][];

    PortTable() {
        for (KvCommand command : CommandTable.all()) {
            if (command != CommandTable.WATCH && command != CommandTable.INFO) {
                add(PortCommand.replicated(command));
            }
        }
        ConnectionCommands.ALL.forEach(this::add);
        TransactionCommands.ALL.forEach(this::add);
        ServerCommands.ALL.forEach(this::add);
        CommandCommands.ALL.forEach(this::add);
    }

    List<PortCommand> all() {
        return all;
    }

    /// The command whose name a word is, in whatever case, or null.
    @Nullable PortCommand find(Words words, int word) {
        return find(words.array(), words.start(word), words.length(word));
    }

    /// The command or, named as `container|name`, subcommand of this name, or null.
    @Nullable PortCommand find(String name) {
        int bar = name.indexOf('|');
        byte[] bytes = (bar < 0 ? name : name.substring(0, bar)).getBytes(StandardCharsets.UTF_8);
        PortCommand command = find(bytes, 0, bytes.length);
        return command == null || bar < 0 ? command : command.subcommand(name.substring(bar + 1));
    }

    private @Nullable PortCommand find(byte[] array, int offset, int length) {
        int slot = slotOf(array, offset, length);
        for (PortCommand command = slots[slot]; command != null; command = slots[slot]) {
            if (isSame(names[slot], array, offset, length)) {
                return command;
            }
            slot = (slot + 1) % SLOTS;
        }
        return null;
    }

    private void add(PortCommand command) {
        byte[] name = command.spec().name().getBytes(StandardCharsets.US_ASCII);
        int slot = slotOf(name, 0, name.length);
        while (slots[slot] != null) {
            slot = (slot + 1) % SLOTS;
        }
        slots[slot] = command;
        names[slot] = name;
        all.add(command);
    }

    private static boolean isSame(byte[] name, byte[] array, int offset, int length) {
        if (name.length != length) {
            return false;
        }
        for (int i = 0; i < length; i++) {
            if (name[i] != lower(array[offset + i])) {
                return false;
            }
        }
        return true;
    }

    private static int slotOf(byte[] array, int offset, int length) {
        int hash = length;
        for (int i = offset; i < offset + Math.min(length, 32); i++) {
            hash = hash * 31 + lower(array[i]);
        }
        return Math.floorMod(hash ^ (hash >>> 9), SLOTS);
    }

    private static int lower(byte letter) {
        return letter >= 'A' && letter <= 'Z' ? letter + ('a' - 'A') : letter;
    }
}

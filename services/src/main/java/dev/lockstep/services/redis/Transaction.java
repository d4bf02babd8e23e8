package dev.lockstep.services.redis;

import dev.lockstep.services.kv.CommandWriter;
import dev.lockstep.services.kv.KvCommand;

import java.util.ArrayList;
import java.util.List;

/// What a connection has between `MULTI` and `EXEC`, and the keys it has watched before.
final class Transaction {

    private static final int KEPT_BYTES = 4096;

    /// Keys and what `WATCH` was answered for them, in turn.
    private final List<byte[]> watchedKeys = new ArrayList<>();

    private final List<Long> watchedVersions = new ArrayList<>();

    /// The queued commands of the state machine, encoded.
    private final CommandWriter parts = new CommandWriter();

    private final List<Queued> queue = new ArrayList<>();

    /// How many of the queue the state machine executes.
    private int replicated;

    private boolean open;

    /// True if a command could not be queued: `EXEC` will fail.
    private boolean spoilt;

    /// Counts how often the watched keys were forgotten: answers to earlier `WATCH`es are late.
    private int generation;

    /// A queued command.
    ///
    /// @param words of a command that the connection executes; empty otherwise
    record Queued(PortCommand command, Words words) {}

    boolean isOpen() {
        return open;
    }

    void open() {
        open = true;
    }

    boolean isSpoilt() {
        return spoilt;
    }

    /// A command could not be queued; nothing happens outside of a transaction.
    void spoil() {
        spoilt = open;
    }

    /// How much memory the queued commands take.
    int queuedBytes() {
        return parts.size();
    }

    void queue(PortCommand command, Words words) {
        KvCommand kv = command.replicated();
        if (kv == null) {
            queue.add(new Queued(command, words.copy()));
            return;
        }
        queue.add(new Queued(command, new Words()));
        replicated++;
        append(parts.part(kv, words.count() - 1), words);
    }

    List<Queued> queued() {
        return List.copyOf(queue);
    }

    int replicated() {
        return replicated;
    }

    boolean isWatching() {
        return !watchedKeys.isEmpty();
    }

    int generation() {
        return generation;
    }

    void watch(byte[] key, long version) {
        watchedKeys.add(key);
        watchedVersions.add(version);
    }

    /// Writes the request that executes everything that was queued.
    void write(CommandWriter writer) {
        writer.transaction(watchedKeys.size());
        for (int i = 0; i < watchedKeys.size(); i++) {
            writer.watched(watchedKeys.get(i), watchedVersions.get(i));
        }
        writer.commands(replicated).raw(parts);
    }

    void unwatch() {
        watchedKeys.clear();
        watchedVersions.clear();
        generation++;
    }

    /// Forgets everything.
    void reset() {
        unwatch();
        queue.clear();
        parts.clear().trim(KEPT_BYTES);
        replicated = 0;
        open = false;
        spoilt = false;
    }

    /// Appends all words but the name.
    static void append(CommandWriter writer, Words words) {
        for (int i = 1; i < words.count(); i++) {
            writer.argument(words.array(), words.start(i), words.length(i));
        }
    }
}

package dev.lockstep.services.redis;

import dev.lockstep.core.wire.Bytes;
import dev.lockstep.services.kv.CommandWriter;
import dev.lockstep.services.kv.KvCommand;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/// What a connection has between `MULTI` and `EXEC`, and the keys it has watched before.
final class Transaction {

    private static final int KEPT_BYTES = 4096;

    /// What a queued command or watched key takes beside its bytes, about.
    private static final int QUEUED_BYTES = 64;

    /// For each watched key what `WATCH` was answered when it first named it.
    private final Map<Bytes, Long> watched = new LinkedHashMap<>();

    /// The size of the watched keys and of what is queued, as far as the connection holds them.
    private long heldBytes;

    /// The queued commands of the state machine, encoded.
    private final CommandWriter parts = new CommandWriter();

    private final List<Queued> queue = new ArrayList<>();

    /// How many of the queue the state machine executes.
    private int replicated;

    /// For how many large replies those count.
    private long weight;

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

    /// How much memory the queued commands and the watched keys take.
    long heldBytes() {
        return heldBytes + parts.size();
    }

    void queue(PortCommand command, Words words) {
        KvCommand kv = command.replicated();
        heldBytes += QUEUED_BYTES;
        if (kv == null) {
            heldBytes += words.totalBytes();
            queue.add(new Queued(command, words.copy()));
            return;
        }
        queue.add(new Queued(command, new Words()));
        replicated++;
        weight += command.weight(words);
        append(parts.part(kv, words.count() - 1), words);
    }

    List<Queued> queued() {
        return List.copyOf(queue);
    }

    int replicated() {
        return replicated;
    }

    /// For how many large replies the reply to `EXEC` counts.
    int weight() {
        return PortCommand.atMost(weight);
    }

    boolean isWatching() {
        return !watched.isEmpty();
    }

    int generation() {
        return generation;
    }

    void watch(byte[] key, long version) {
        if (watched.putIfAbsent(Bytes.wrap(key), version) == null) {
            heldBytes += QUEUED_BYTES + key.length;
        }
    }

    /// Writes the request that executes everything that was queued.
    void write(CommandWriter writer) {
        writer.transaction(watched.size());
        watched.forEach((key, version) -> writer.watched(key.toByteArray(), version));
        writer.commands(replicated).raw(parts);
    }

    void unwatch() {
        for (Bytes key : watched.keySet()) {
            heldBytes -= QUEUED_BYTES + key.size();
        }
        watched.clear();
        generation++;
    }

    /// Forgets everything.
    void reset() {
        unwatch();
        queue.clear();
        heldBytes = 0;
        parts.clear().trim(KEPT_BYTES);
        replicated = 0;
        weight = 0;
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

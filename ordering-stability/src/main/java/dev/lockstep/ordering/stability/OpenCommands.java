package dev.lockstep.ordering.stability;

import org.jspecify.annotations.Nullable;

import java.util.Collection;
import java.util.TreeMap;

/// The commands that are here and not delivered, by name and in the order of their unique ids, as
/// far as those are known.
final class OpenCommands {

    /// One of them.
    static final class Slot {
        private Entry entry;

        /// What this member wrote of its place first, and holds of it after a crash until more is
        /// durable.
        private final long candidate;

        /// The record with the command.
        private final long logged;

        /// What is known of it is durable when this record is.
        private long sequence;

        /// When it was last sent, or came.
        private long sentAt;

        private Slot(Entry entry, long logged, long sentAt) {
            this.entry = entry;
            this.candidate = entry.value();
            this.logged = logged;
            this.sequence = logged;
            this.sentAt = sentAt;
        }

        Entry entry() {
            return entry;
        }

        long candidate() {
            return candidate;
        }

        long logged() {
            return logged;
        }

        long sequence() {
            return sequence;
        }

        long sentAt() {
            return sentAt;
        }

        void sent(long nowNanos) {
            sentAt = nowNanos;
        }
    }

    private final TreeMap<CommandId, Slot> byId = new TreeMap<>();
    private final TreeMap<Mark, Slot> byMark = new TreeMap<>();

    Slot add(Entry entry, long sequence, long nowNanos) {
        Slot slot = new Slot(entry, sequence, nowNanos);
        byId.put(entry.id(), slot);
        byMark.put(entry.mark(), slot);
        return slot;
    }

    /// The unique id of a command is known.
    void fix(Slot slot, long value, long sequence) {
        byMark.remove(slot.entry.mark());
        slot.entry = slot.entry.withValue(value, true);
        slot.sequence = Math.max(slot.sequence, sequence);
        byMark.put(slot.entry.mark(), slot);
    }

    @Nullable Slot find(CommandId id) {
        return byId.get(id);
    }

    @Nullable Slot remove(CommandId id) {
        Slot slot = byId.remove(id);
        if (slot != null) {
            byMark.remove(slot.entry.mark());
        }
        return slot;
    }

    /// By their marks.
    Collection<Slot> inOrder() {
        return byMark.values();
    }

    boolean isEmpty() {
        return byId.isEmpty();
    }

    int size() {
        return byId.size();
    }

    @Nullable Slot first() {
        var first = byMark.firstEntry();
        return first == null ? null : first.getValue();
    }

    /// True if there is one whose value is above `low` and at most `high`.
    boolean hasBetween(long low, long high) {
        for (Mark mark : byMark.keySet()) {
            if (mark.timestamp() > low) {
                return mark.timestamp() <= high;
            }
        }
        return false;
    }

    /// The lowest value above `low`; 0 if there is none.
    long nextAbove(long low) {
        for (Mark mark : byMark.keySet()) {
            if (mark.timestamp() > low) {
                return mark.timestamp();
            }
        }
        return 0;
    }
}

package dev.lockstep.replica;

import dev.lockstep.core.port.Journal;
import dev.lockstep.core.port.JournalRecord;
import dev.lockstep.core.port.RecordIdentity;
import dev.lockstep.core.port.RecordSearch;
import dev.lockstep.core.wire.Bytes;
import dev.lockstep.core.wire.BytesWriter;

import org.jspecify.annotations.Nullable;

import java.util.ArrayList;
import java.util.List;

/// A journal in memory, durable when a test says so.
final class MemoryJournal implements Journal {

    /// How many records were read back.
    int read;

    /// How many steps a search takes.
    int searchSteps = 1;

    final List<JournalRecord> records = new ArrayList<>();
    private long durable;
    private long pending;
    private long appended;
    private long first = 1;
    boolean hasRoom = true;

    @Override
    public long append(int kind, long epoch, Bytes head, Bytes body) {
        Bytes content = new BytesWriter(64).put(head).put(body).toBytes();
        records.add(new JournalRecord(records.size() + 1L, kind, epoch, content));
        pending += content.size();
        appended += content.size();
        return records.size();
    }

    /// Everything appended is durable.
    long sync() {
        durable = records.size();
        pending = 0;
        return durable;
    }

    /// What was not durable is lost.
    void crash() {
        while (records.size() > durable) {
            records.removeLast();
        }
        pending = 0;
    }

    @Override
    public long appendedBytes() {
        return appended;
    }

    @Override
    public void dropBefore(long sequence) {
        first = Math.max(first, Math.min(sequence, durable + 1));
    }

    @Override
    public long firstSequence() {
        return first;
    }

    @Override
    public long lastSequence() {
        return records.size();
    }

    @Override
    public long durableThrough() {
        return durable;
    }

    @Override
    public long pendingBytes() {
        return pending;
    }

    @Override
    public boolean hasRoom() {
        return hasRoom;
    }

    @Override
    public JournalRecord read(long sequence) {
        read++;
        if (sequence < first) {
            throw new IllegalArgumentException("record " + sequence + " was dropped");
        }
        return records.get((int) sequence - 1);
    }

    @Override
    public RecordSearch search(List<RecordIdentity> wanted) {
        return new RecordSearch() {
            private int steps = searchSteps;

            @Override
            public boolean advance() {
                steps--;
                return steps <= 0;
            }

            @Override
            public List<@Nullable JournalRecord> found() {
                return find(wanted);
            }
        };
    }

    private List<@Nullable JournalRecord> find(List<RecordIdentity> wanted) {
        List<@Nullable JournalRecord> found = new ArrayList<>();
        for (RecordIdentity identity : wanted) {
            found.add(
                    records.stream()
                            .filter(record -> record.sequence() >= first)
                            .filter(record -> record.sequence() <= durable)
                            .filter(record -> record.kind() == identity.kind())
                            .filter(record -> record.epoch() == identity.epoch())
                            .filter(record -> identity.fits(record.content()))
                            .findFirst()
                            .orElse(null));
        }
        return found;
    }
}

package dev.lockstep.replica;

import dev.lockstep.core.Invariant;
import dev.lockstep.core.port.Journal;
import dev.lockstep.core.port.JournalRecord;
import dev.lockstep.core.port.RecordIdentity;
import dev.lockstep.core.port.RecordSearch;
import dev.lockstep.core.wire.Bytes;

import java.util.List;

/// A journal that goes on from another one and keeps nothing: for a protocol whose part ends with
/// the process.
final class ScratchJournal implements Journal {

    private long last;
    private long durable;

    /// Records through here are in the journal that this goes on from.
    void begin(long sequence) {
        last = sequence;
        durable = sequence;
    }

    /// Makes durable what was appended; false if nothing was.
    boolean becomeDurable() {
        boolean isNew = durable < last;
        durable = last;
        return isNew;
    }

    @Override
    public long append(int kind, long epoch, Bytes head, Bytes body) {
        return ++last;
    }

    @Override
    public long appendedBytes() {
        return 0;
    }

    @Override
    public void dropBefore(long sequence) {}

    @Override
    public long firstSequence() {
        return last + 1;
    }

    @Override
    public long lastSequence() {
        return last;
    }

    @Override
    public long durableThrough() {
        return durable;
    }

    @Override
    public long pendingBytes() {
        return 0;
    }

    @Override
    public boolean hasRoom() {
        return true;
    }

    @Override
    public JournalRecord read(long sequence) {
        throw Invariant.broken("nothing is read back from a journal that keeps nothing");
    }

    @Override
    public RecordSearch search(List<RecordIdentity> wanted) {
        throw Invariant.broken("nothing is looked for in a journal that keeps nothing");
    }
}

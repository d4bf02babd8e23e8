package dev.lockstep.replica;

import dev.lockstep.core.port.Journal;
import dev.lockstep.core.port.JournalRecord;
import dev.lockstep.core.wire.Bytes;
import dev.lockstep.core.wire.BytesReader;
import dev.lockstep.core.wire.BytesWriter;

/// Lets the beginning of the journal go once a snapshot stands for it, and writes down that it
/// does: from a record of this on, the journal leads on from no state before the one it names.
///
/// Without that record a replica whose snapshots are gone would take what is left of its journal
/// for the whole, and vote as if it had never acknowledged what is missing.
final class JournalPrefix {

    private final Journal journal;
    private final CurrentReign current;
    private final ReplicaRules rules;

    /// The position that the last record names, and the record; 0 before the first.
    private long basePosition;

    private long baseRecord;

    /// The last position of which a record says that the journal before it leads there.
    private long leadsTo;

    /// Records before this one go when the base's record is durable; 0 if none wait for it.
    private long dropBefore;

    JournalPrefix(Journal journal, CurrentReign current, ReplicaRules rules) {
        this.journal = journal;
        this.current = current;
        this.rules = rules;
    }

    /// A record of this that survived the last boot.
    ///
    /// @param restored the position of the snapshot that the replica has begun with
    /// @throws SnapshotLostException if the snapshot that the record needs is not there
    void replay(JournalRecord record, long restored) {
        BytesReader in = new BytesReader(record.content());
        long position = in.getNonNegativeLong("position");
        in.requireEnd();
        if (position > restored) {
            throw new SnapshotLostException(
                    "the journal continues from a snapshot at position "
                            + position
                            + " or later, and the newest that is intact is "
                            + (restored == 0 ? "none" : "at position " + restored));
        }
        basePosition = position;
        baseRecord = record.sequence();
    }

    /// A snapshot of this replica's own state is durable, so that the journal so far leads there:
    /// what is delivered was appended before.
    void taken(long position) {
        if (position > leadsTo) {
            leadsTo = position;
            Bytes content = new BytesWriter(Long.BYTES).putLong(position).toBytes();
            var _ = journal.append(RecordKind.TAKEN, current.epoch(), content, Bytes.EMPTY);
        }
    }

    /// A record of [#taken] survived the last boot.
    void replayTaken(JournalRecord record) {
        BytesReader in = new BytesReader(record.content());
        leadsTo = Math.max(leadsTo, in.getNonNegativeLong("position"));
        in.requireEnd();
    }

    /// The journal takes records. One that is not known to lead to the snapshot that the replica
    /// has begun with, because that came from a member and the process ended too soon, leads on
    /// from it: the record that says so is the first.
    ///
    /// @param restored the snapshot's position; 0 without one
    void recovered(long restored) {
        if (restored > leadsTo && rules.doubtsThatJournalLeadsThere()) {
            var _ = continueFrom(restored);
        }
    }

    /// From now on the journal leads on from the state at `position`, of which a snapshot is
    /// durable. Returns the record that says so.
    long continueFrom(long position) {
        if (!rules.saysWhereJournalBegins()) {
            return journal.lastSequence();
        }
        if (position > basePosition) {
            Bytes content = new BytesWriter(Long.BYTES).putLong(position).toBytes();
            baseRecord = journal.append(RecordKind.BASE, current.epoch(), content, Bytes.EMPTY);
            basePosition = position;
        }
        return baseRecord;
    }

    /// The protocol needs no record through `sequence` any more, given a snapshot at `position`.
    void release(long sequence, long position) {
        long record = continueFrom(position);
        dropBefore = Math.max(dropBefore, Math.min(sequence + 1, record));
        onDurable();
    }

    /// The journal is durable further than before.
    void onDurable() {
        if (dropBefore > 0
                && rules.dropsWhatSnapshotsHave()
                && journal.durableThrough() >= baseRecord) {
            journal.dropBefore(dropBefore);
            dropBefore = 0;
        }
    }
}

package dev.lockstep.replica;

import dev.lockstep.core.port.Journal;
import dev.lockstep.core.port.JournalRecord;
import dev.lockstep.core.wire.Bytes;
import dev.lockstep.core.wire.BytesReader;
import dev.lockstep.core.wire.BytesWriter;

/// The journal's word that this replica's own state is not to be believed.
///
/// Without it a replica that ends in quarantine would start from its own snapshot, which may have
/// the same fault, and serve clients and newcomers until it is found out again.
final class Distrust {

    private final Journal journal;
    private final CurrentReign current;

    /// No state of this replica at or before this position is believed; 0 if all are.
    private long through;

    Distrust(Journal journal, CurrentReign current) {
        this.journal = journal;
        this.current = current;
    }

    long through() {
        return through;
    }

    /// The state at `position` is found to be wrong.
    void note(long position) {
        if (position > through) {
            through = position;
            Bytes content = new BytesWriter(Long.BYTES).putLong(position).toBytes();
            var _ = journal.append(RecordKind.DISTRUST, current.epoch(), content, Bytes.EMPTY);
        }
    }

    /// A record of this survived the last boot.
    void replay(JournalRecord record) {
        through = Math.max(through, positionOf(record));
    }

    static long positionOf(JournalRecord record) {
        BytesReader in = new BytesReader(record.content());
        long position = in.getNonNegativeLong("position");
        in.requireEnd();
        return position;
    }

    /// True if a replica that begins with this state must not go on with it.
    ///
    /// @param restored the position of the snapshot that it has begun with; 0 without one
    boolean isAbout(long restored) {
        return isAbout(restored, through);
    }

    static boolean isAbout(long restored, long distrustedThrough) {
        return distrustedThrough > 0 && restored <= distrustedThrough;
    }
}

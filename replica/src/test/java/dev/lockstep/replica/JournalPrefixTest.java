package dev.lockstep.replica;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lockstep.core.port.JournalRecord;
import dev.lockstep.core.wire.Bytes;
import dev.lockstep.core.wire.MalformedException;

import org.junit.jupiter.api.Test;

/// A journal without its beginning says so, before the beginning goes.
class JournalPrefixTest {

    private final MemoryJournal journal = new MemoryJournal();
    private final JournalPrefix prefix = new JournalPrefix(journal, Group.reign(), ReplicaRules.CORRECT);

    private void append(int records) {
        for (int i = 0; i < records; i++) {
            var _ = journal.append(RecordKind.PROTOCOL, 1, Bytes.wrap(new byte[10]), Bytes.EMPTY);
        }
        journal.sync();
    }

    @Test
    void nothingGoesBeforeTheRecordThatNamesTheSnapshotIsDurable() {
        append(10);
        prefix.release(6, 4);
        prefix.onDurable();
        assertThat(journal.firstSequence()).isEqualTo(1);
        journal.sync();
        prefix.onDurable();
        assertThat(journal.firstSequence()).isEqualTo(7);
        assertThat(journal.records.getLast().kind()).isEqualTo(RecordKind.BASE);
    }

    @Test
    void theRecordItselfStays() {
        append(3);
        prefix.release(1_000, 3);
        journal.sync();
        prefix.onDurable();
        assertThat(journal.firstSequence()).isEqualTo(4);
    }

    @Test
    void oneRecordIsEnoughForOnePosition() {
        append(10);
        prefix.release(2, 5);
        prefix.release(4, 5);
        journal.sync();
        prefix.onDurable();
        assertThat(journal.lastSequence()).isEqualTo(11);
        assertThat(journal.firstSequence()).isEqualTo(5);
    }

    /// A snapshot came from a member and the process ended before the journal said so.
    @Test
    void aJournalThatIsNotKnownToLeadToTheSnapshotLeadsOnFromIt() {
        append(10);
        prefix.taken(36);
        journal.sync();
        JournalPrefix again = new JournalPrefix(journal, Group.reign(), ReplicaRules.CORRECT);
        again.replayTaken(journal.records.getLast());
        again.recovered(36);
        again.recovered(20);
        assertThat(journal.lastSequence()).isEqualTo(11);
        again.recovered(75);
        JournalRecord base = journal.records.getLast();
        assertThat(base.kind()).isEqualTo(RecordKind.BASE);
        assertThatThrownBy(
                        () -> new JournalPrefix(journal, Group.reign(), ReplicaRules.CORRECT).replay(base, 36))
                .hasMessageContaining("continues from a snapshot at position 75 or later");
    }

    @Test
    void oneRecordTellsOfOneSnapshot() {
        prefix.taken(36);
        prefix.taken(36);
        prefix.taken(12);
        assertThat(journal.lastSequence()).isEqualTo(1);
    }

    @Test
    void aJournalWithoutTheSnapshotThatItNeedsIsRefused() {
        append(10);
        prefix.release(6, 4);
        JournalRecord record = journal.records.getLast();
        JournalPrefix again = new JournalPrefix(journal, Group.reign(), ReplicaRules.CORRECT);
        again.replay(record, 4);
        again.replay(record, 9);
        assertThatThrownBy(() -> again.replay(record, 3))
                .isInstanceOf(MalformedException.class)
                .hasMessage(
                        "the journal continues from a snapshot at position 4 or later, and the"
                                + " newest that is intact is at position 3");
        assertThatThrownBy(() -> again.replay(record, 0)).hasMessageEndingWith("intact is none");
    }
}

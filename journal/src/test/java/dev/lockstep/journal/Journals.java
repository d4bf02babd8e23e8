package dev.lockstep.journal;

import dev.lockstep.core.ClusterId;
import dev.lockstep.core.GroupId;
import dev.lockstep.core.port.FileStore;
import dev.lockstep.core.port.JournalRecord;
import dev.lockstep.core.wire.Bytes;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;

/// What the journal's tests share.
final class Journals {

    static final ClusterId CLUSTER = new ClusterId(0x1122334455667788L, 0x99aabbccddeeff00L);
    static final JournalOptions SMALL =
            JournalOptions.DEFAULT.withSegmentBytes(4 << 10).withSalt(0x5a17L);

    private Journals() {}

    static SegmentJournal open(FileStore store) throws IOException {
        return open(store, SMALL);
    }

    static SegmentJournal open(FileStore store, JournalOptions options) throws IOException {
        return SegmentJournal.open(store, CLUSTER, GroupId.ZERO, options);
    }

    /// A record's content, told by its number: no two are equal.
    static Bytes content(long number, int size) {
        byte[] bytes = new byte[Math.max(size, 8)];
        new Random(number).nextBytes(bytes);
        for (int i = 0; i < 8; i++) {
            bytes[i] = (byte) (number >>> (8 * i));
        }
        return Bytes.wrap(bytes);
    }

    static JournalRecord append(SegmentJournal journal, long number, int size) {
        Bytes content = content(number, size);
        int head = (int) (number % (content.size() + 1));
        int kind = (int) (number & 0xff);
        long epoch = 1 + number % 3;
        long sequence =
                journal.append(
                        kind,
                        epoch,
                        content.slice(0, head),
                        content.slice(head, content.size() - head));
        return new JournalRecord(sequence, kind, epoch, content);
    }

    /// Does what the driver does until nothing is left to do.
    static void drive(SegmentJournal journal) throws IOException {
        while (true) {
            Group group = journal.nextGroup();
            if (group != null) {
                group.write();
                group.force();
                journal.onDurable(group);
            }
            Preparation preparation = journal.preparation();
            if (preparation != null) {
                preparation.run();
                journal.onPrepared(preparation);
            }
            if (group == null && preparation == null) {
                return;
            }
        }
    }

    static void mark(SegmentJournal journal) throws IOException {
        Group mark = journal.markIfIdle();
        if (mark != null) {
            mark.write();
            mark.force();
            journal.onDurable(mark);
        }
    }

    static List<JournalRecord> replay(SegmentJournal journal) throws IOException {
        List<JournalRecord> records = new ArrayList<>();
        journal.replay(records::add);
        return records;
    }
}

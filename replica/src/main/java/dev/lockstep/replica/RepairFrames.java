package dev.lockstep.replica;

import dev.lockstep.core.port.JournalRecord;
import dev.lockstep.core.port.RecordIdentity;
import dev.lockstep.core.wire.Bytes;
import dev.lockstep.core.wire.BytesReader;
import dev.lockstep.core.wire.BytesWriter;
import dev.lockstep.core.wire.MalformedException;

import org.jspecify.annotations.Nullable;

import java.util.ArrayList;
import java.util.List;

/// What replicas say to each other about damaged records; frames as in [PeerFrames]. Who is being
/// mended does not know its epoch: it says 0.
///
/// | kind | content |
/// |---|---|
/// | NEED_RECORDS | count u16, identities |
/// | RECORDS | members u16, count u16, answers |
///
/// An identity: kind u8, epoch u64, length u32, checksum u32. An answer: the identity that it is
/// about, what it says u8 (0 it is not there, 1 here it is, 2 ask again), and the
/// record's content with its size if it is there. `members` is how many the sender's epoch has, or
/// 0 if the sender is not one of them, or does not take part.
final class RepairFrames {

    static final int NEED_RECORDS = 12;
    static final int RECORDS = 13;

    /// No question is about more records.
    static final int MOST_RECORDS = 64;

    private static final int IDENTITY_BYTES = 1 + 8 + 4 + 4;
    private static final int ABSENT = 0;
    private static final int HERE = 1;
    private static final int LATER = 2;

    /// What a replica says of one record.
    ///
    /// @param isThere false if it has none that is intact
    /// @param content null if it is not there, or another question is to be asked for it
    record Answer(RecordIdentity identity, boolean isThere, @Nullable Bytes content) {}

    /// What a replica says of the records that it was asked for.
    ///
    /// @param epoch the sender's; 0 if it does not take part
    /// @param members how many members the epoch has; 0 if the sender is none of them
    record Records(long epoch, int members, List<Answer> answers) {}

    private RepairFrames() {}

    static Bytes needRecords(List<RecordIdentity> wanted) {
        BytesWriter out =
                new BytesWriter(PeerFrames.HEADER_BYTES + 2 + wanted.size() * IDENTITY_BYTES);
        PeerFrames.begin(NEED_RECORDS, 0, out);
        out.putShort(wanted.size());
        wanted.forEach(identity -> put(identity, out));
        return out.toBytes();
    }

    static List<RecordIdentity> decodeNeedRecords(Bytes content) {
        BytesReader in = new BytesReader(content);
        int count = countOf(in);
        List<RecordIdentity> wanted = new ArrayList<>(count);
        for (int i = 0; i < count; i++) {
            wanted.add(identityOf(in));
        }
        in.requireEnd();
        return wanted;
    }

    /// The answer to a question: all that was found, as far as it fits, but one record at least.
    ///
    /// @param found of the first of `wanted`, null for each that is not there; of the others
    ///     nothing is known yet
    /// @param mostBytes about how much of content to send
    static Bytes records(
            long epoch,
            int members,
            List<RecordIdentity> wanted,
            List<@Nullable JournalRecord> found,
            int mostBytes) {
        List<Answer> answers = new ArrayList<>(wanted.size());
        long bytes = 0;
        for (int i = 0; i < wanted.size(); i++) {
            boolean isKnown = i < found.size();
            JournalRecord record = isKnown ? found.get(i) : null;
            Bytes content = null;
            if (record != null && (bytes == 0 || bytes + record.content().size() <= mostBytes)) {
                content = record.content();
                bytes += content.size();
            }
            answers.add(new Answer(wanted.get(i), !isKnown || record != null, content));
        }
        return encode(new Records(epoch, members, answers));
    }

    /// How many of the first records that are wanted fit in one answer: one at least.
    static int fitting(List<RecordIdentity> wanted, int mostBytes) {
        long bytes = 0;
        int count = 0;
        while (count < wanted.size()
                && (count == 0 || bytes + wanted.get(count).length() <= mostBytes)) {
            bytes += wanted.get(count).length();
            count++;
        }
        return count;
    }

    static Bytes encode(Records records) {
        BytesWriter out = new BytesWriter(4_096);
        PeerFrames.begin(RECORDS, records.epoch(), out);
        out.putShort(records.members()).putShort(records.answers().size());
        for (Answer answer : records.answers()) {
            put(answer.identity(), out);
            Bytes content = answer.content();
            if (content != null) {
                out.putByte(HERE).putSized(content);
            } else {
                out.putByte(answer.isThere() ? LATER : ABSENT);
            }
        }
        return out.toBytes();
    }

    static Records decodeRecords(long epoch, Bytes content) {
        BytesReader in = new BytesReader(content);
        int members = in.getShort() & 0xffff;
        int count = countOf(in);
        List<Answer> answers = new ArrayList<>(count);
        for (int i = 0; i < count; i++) {
            RecordIdentity identity = identityOf(in);
            int says = in.getByte();
            answers.add(
                    switch (says) {
                        case ABSENT -> new Answer(identity, false, null);
                        case HERE ->
                                new Answer(
                                        identity, true, in.getSized(identity.length(), "record"));
                        case LATER -> new Answer(identity, true, null);
                        default ->
                                throw new MalformedException(
                                        "an answer about a record says " + says);
                    });
        }
        in.requireEnd();
        return new Records(epoch, members, answers);
    }

    private static int countOf(BytesReader in) {
        int count = in.getShort() & 0xffff;
        if (count > MOST_RECORDS) {
            throw new MalformedException(
                    "a question about " + count + " records, more than " + MOST_RECORDS);
        }
        return count;
    }

    private static void put(RecordIdentity identity, BytesWriter out) {
        out.putByte(identity.kind())
                .putLong(identity.epoch())
                .putInt(identity.length())
                .putInt(identity.checksum());
    }

    private static RecordIdentity identityOf(BytesReader in) {
        int kind = in.getByte() & 0xff;
        long epoch = in.getNonNegativeLong("epoch");
        int length = in.getInt();
        if (length < 0) {
            throw new MalformedException("a record of " + length + " bytes");
        }
        return new RecordIdentity(kind, epoch, length, in.getInt());
    }
}

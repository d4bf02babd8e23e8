package dev.lockstep.journal;

import dev.lockstep.core.ClusterId;
import dev.lockstep.core.GroupId;
import dev.lockstep.core.port.JournalRecord;
import dev.lockstep.core.port.StoredFile;
import dev.lockstep.core.wire.Bytes;
import dev.lockstep.fuzz.Target;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/// The files of a journal, damaged as the input says, and opened. A byte 1 at its beginning seals
/// the damage with the right checksums; then follow edits: a byte of what to do, one of which file,
/// two of where, one of how much, and bytes.
///
/// Whatever the damage, the journal opens or says in an exception that it does not, and what it
/// opened takes another record and is there again. Unless the damage is sealed, what it hands over
/// is what was written, from the beginning on.
public final class JournalTarget implements Target {

    private static final ClusterId CLUSTER = new ClusterId(1, 2);
    private static final JournalOptions OPTIONS =
            JournalOptions.DEFAULT.withSegmentBytes(JournalOptions.MIN_SEGMENT_BYTES).withSalt(42);
    private static final int EDIT_BYTES = 5;

    /// More edits say nothing new.
    private static final int MOST_EDITS = 64;

    private final Map<String, byte[]> files;
    private final List<JournalRecord> records;

    /// The target, with a journal of three segments.
    public JournalTarget() {
        MemoryStore store = new MemoryStore();
        try {
            SegmentJournal journal = open(store);
            for (int i = 1; i <= 20; i++) {
                byte[] content = new byte[40 * i];
                content[0] = (byte) i;
                journal.append(i, 1, Bytes.EMPTY, Bytes.wrap(content));
                drive(journal);
            }
            journal.close();
            files = contents(store);
            records = replay(open(store));
        } catch (IOException impossible) {
            throw new IllegalStateException(impossible);
        }
    }

    private static SegmentJournal open(MemoryStore store) throws IOException {
        return SegmentJournal.open(store, CLUSTER, GroupId.ZERO, OPTIONS);
    }

    private static void drive(SegmentJournal journal) throws IOException {
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

    private static List<JournalRecord> replay(SegmentJournal journal) throws IOException {
        List<JournalRecord> all = new ArrayList<>();
        journal.replay(all::add);
        return all;
    }

    private static Map<String, byte[]> contents(MemoryStore store) throws IOException {
        Map<String, byte[]> contents = new TreeMap<>();
        for (String name : store.list()) {
            StoredFile file = store.open(name);
            ByteBuffer content = ByteBuffer.allocate((int) file.size());
            file.read(0, content);
            contents.put(name, content.array());
        }
        return contents;
    }

    @Override
    public String name() {
        return "journal";
    }

    @Override
    public boolean takes(byte[] input) throws IOException {
        Map<String, byte[]> damaged = new TreeMap<>();
        files.forEach((name, content) -> damaged.put(name, content.clone()));
        boolean sealed = input.length > 0 && input[0] == 1;
        edit(damaged, input);
        if (sealed) {
            damaged.values().forEach(JournalSeals::seal);
        }
        MemoryStore store = new MemoryStore();
        for (Map.Entry<String, byte[]> file : damaged.entrySet()) {
            store.open(file.getKey()).write(0, ByteBuffer.wrap(file.getValue()));
        }
        List<JournalRecord> found;
        try (SegmentJournal journal = open(store)) {
            found = replay(journal);
            if (journal.lastSequence() >= Long.MAX_VALUE - 1) {
                return true;
            }
            journal.append(7, 1, Bytes.EMPTY, Bytes.wrap(new byte[1]));
            drive(journal);
        } catch (IOException refused) {
            return false;
        }
        if (!sealed && !found.equals(records.subList(0, Math.min(found.size(), records.size())))) {
            throw new AssertionError("what is read is not what was written: " + found);
        }
        try (SegmentJournal journal = open(store)) {
            if (replay(journal).size() != found.size() + 1) {
                throw new AssertionError("after " + found.size() + " records there is no other");
            }
        }
        return true;
    }

    private static void edit(Map<String, byte[]> contents, byte[] input) {
        int at = 1;
        for (int edits = 0; edits < MOST_EDITS && at + EDIT_BYTES <= input.length; edits++) {
            List<String> names = List.copyOf(contents.keySet());
            if (names.isEmpty()) {
                return;
            }
            String name = names.get((input[at + 1] & 0xff) % names.size());
            byte[] content = contents.getOrDefault(name, new byte[0]);
            int where = (input[at + 2] & 0xff) | (input[at + 3] & 0xff) << 8;
            int count = Math.min(input[at + 4] & 0x3f, input.length - at - EDIT_BYTES);
            switch (input[at] & 3) {
                case 0 -> {
                    int fits = Math.clamp(content.length - (long) where, 0, count);
                    System.arraycopy(
                            input, at + EDIT_BYTES, content, Math.min(where, content.length), fits);
                }
                case 1 ->
                        contents.put(name, Arrays.copyOf(content, Math.min(where, content.length)));
                case 2 -> contents.remove(name);
                default -> contents.put(SegmentFiles.segmentName(where), content.clone());
            }
            at += EDIT_BYTES + ((input[at] & 3) == 0 ? count : 0);
        }
    }

    /// Files and pages of 64 KiB each, windows of 256 KiB of each reader, and nothing that grows
    /// with what a header claims.
    @Override
    public long mostAllocatedBytes(int inputBytes) {
        return (16L << 20) + (2L << 10) * inputBytes;
    }

    @Override
    public Map<String, byte[]> seeds() {
        Map<String, byte[]> seeds = new LinkedHashMap<>();
        seeds.put("whole", new byte[] {0});
        seeds.put("sealed", new byte[] {1});
        int last = files.size() - 1;
        int segment = List.copyOf(files.keySet()).indexOf(SegmentFiles.segmentName(1));
        seeds.put("without-index", edits(0, 2, segment - 1, 0));
        seeds.put("index-damaged", edits(0, 0, segment - 1, 20, 1, 2, 3, 4));
        seeds.put("zeros-behind-the-end", edits(0, 0, last, 4_000, 0, 0, 0, 0));
        seeds.put("sealed-epoch", edits(1, 0, segment, 512 + 16, 9));
        return seeds;
    }

    private static byte[] edits(int sealed, int what, int file, int where, int... bytes) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        out.write(sealed);
        out.write(what);
        out.write(file);
        out.write(where & 0xff);
        out.write(where >> 8);
        out.write(bytes.length);
        for (int b : bytes) {
            out.write(b);
        }
        return out.toByteArray();
    }
}

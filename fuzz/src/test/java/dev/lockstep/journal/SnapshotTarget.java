package dev.lockstep.journal;

import dev.lockstep.core.port.SnapshotDescription;
import dev.lockstep.core.port.StoredFile;
import dev.lockstep.core.wire.Bytes;
import dev.lockstep.fuzz.Target;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/// A complete snapshot and a part of another, damaged as the input says and opened, or a chunk as
/// another member sends it. Of the input's first byte bit 0 seals the damage with the right
/// checksums; bit 1 says that the rest is a chunk. Otherwise edits follow: a byte of what to do,
/// one of which file, two of where, one of how much, and bytes.
///
/// Whatever the damage, a snapshot is read or an exception says that it is not, and what opened
/// takes another snapshot and has it again. Unless the damage is sealed, what is read is what was
/// written, and what goes on to be received becomes what was sent.
public final class SnapshotTarget implements Target {

    private static final Bytes LABEL = Bytes.wrap(new byte[] {'f', 'u', 'z', 'z'});
    private static final int CHUNK = 64;
    private static final int EDIT_BYTES = 5;

    /// More edits say nothing new.
    private static final int MOST_EDITS = 64;

    /// Past every position that an edit can name.
    private static final long LATER = 1_000_000;

    private static final int SEALED = 1;
    private static final int IS_CHUNK = 2;

    private final Map<String, byte[]> files;
    private final byte[] content = new byte[2 * CHUNK + 9];
    private final SnapshotDescription sent;
    private final List<Bytes> chunks = new ArrayList<>();

    /// The target, with a snapshot at 5 and two of the three chunks of one at 6.
    public SnapshotTarget() {
        for (int i = 0; i < content.length; i++) {
            content[i] = (byte) (i * 7);
        }
        try {
            SnapshotFiles sender = open(new MemoryStore());
            sent = write(sender, 6, content);
            for (int i = 0; i < sent.chunks(); i++) {
                chunks.add(sender.chunk(6, i));
            }
            MemoryStore store = new MemoryStore();
            SnapshotFiles receiver = open(store);
            write(receiver, 5, content);
            try (SnapshotReceiving receiving = receiver.receive(sent)) {
                receiving.add(chunks.get(0));
                receiving.add(chunks.get(1));
            }
            files = contents(store);
        } catch (IOException impossible) {
            throw new IllegalStateException(impossible);
        }
    }

    private static SnapshotFiles open(MemoryStore store) throws IOException {
        return SnapshotFiles.open(store, LABEL, CHUNK);
    }

    private static SnapshotDescription write(SnapshotFiles files, long position, byte[] content)
            throws IOException {
        try (SnapshotWriting writing = files.begin(position)) {
            writing.out().write(content);
            boolean done = false;
            while (!done) {
                done = writing.advance();
            }
            return writing.description();
        }
    }

    private static Map<String, byte[]> contents(MemoryStore store) throws IOException {
        Map<String, byte[]> contents = new TreeMap<>();
        for (String name : store.list()) {
            StoredFile file = store.open(name);
            ByteBuffer bytes = ByteBuffer.allocate((int) file.size());
            file.read(0, bytes);
            contents.put(name, bytes.array());
        }
        return contents;
    }

    @Override
    public String name() {
        return "snapshots";
    }

    @Override
    public boolean takes(byte[] input) throws IOException {
        int mode = input.length == 0 ? 0 : input[0];
        boolean sealed = (mode & SEALED) != 0;
        if ((mode & IS_CHUNK) != 0) {
            return takesChunk(Arrays.copyOfRange(input, 1, input.length), sealed);
        }
        Map<String, byte[]> damaged = new TreeMap<>();
        files.forEach((name, bytes) -> damaged.put(name, bytes.clone()));
        edit(damaged, input);
        MemoryStore store = new MemoryStore();
        for (Map.Entry<String, byte[]> file : damaged.entrySet()) {
            if (sealed) {
                SnapshotSeals.seal(file.getValue(), LABEL);
            }
            store.open(file.getKey()).write(0, ByteBuffer.wrap(file.getValue()));
        }
        SnapshotFiles opened;
        try {
            opened = open(store);
        } catch (SnapshotDamagedException e) {
            throw new AssertionError("damage is passed over", e);
        } catch (IOException foreign) {
            return false;
        }
        boolean read = readsAll(opened, sealed);
        boolean taken = receivesTheRest(opened, sealed) && read;
        takesAnother(store, opened);
        return taken;
    }

    private boolean takesChunk(byte[] bytes, boolean sealed) throws IOException {
        if (sealed) {
            SnapshotSeals.sealChunk(bytes, 0, bytes.length, LABEL);
        }
        try (SnapshotReceiving receiving = open(new MemoryStore()).receive(sent)) {
            receiving.add(Bytes.wrap(bytes));
            if (!sealed && !Bytes.wrap(bytes).equals(chunks.getFirst())) {
                throw new AssertionError("a chunk is taken that was not sent");
            }
            return true;
        } catch (SnapshotDamagedException refused) {
            return false;
        }
    }

    private boolean readsAll(SnapshotFiles opened, boolean sealed) throws IOException {
        boolean taken = !opened.complete().isEmpty();
        for (SnapshotDescription one : opened.complete()) {
            try (InputStream in = opened.read(one.position())) {
                ByteArrayOutputStream read = new ByteArrayOutputStream();
                in.transferTo(sealed ? OutputStream.nullOutputStream() : read);
                if (!sealed && !Arrays.equals(read.toByteArray(), content)) {
                    throw new AssertionError("what is read is not what was written");
                }
            } catch (SnapshotDamagedException refused) {
                opened.markDamaged(one.position());
                taken = false;
            }
        }
        return taken;
    }

    private boolean receivesTheRest(SnapshotFiles opened, boolean sealed) throws IOException {
        opened.markDamaged(sent.position());
        try (SnapshotReceiving receiving = opened.receive(sent)) {
            while (!receiving.isComplete()) {
                receiving.add(chunks.get(receiving.nextChunk()));
            }
            boolean done = false;
            while (!done) {
                done = receiving.advance();
            }
        } catch (SnapshotDamagedException refused) {
            if (!sealed) {
                throw new AssertionError("what is received is not what was sent", refused);
            }
            return false;
        }
        opened.verify(sent.position());
        return true;
    }

    private void takesAnother(MemoryStore store, SnapshotFiles opened) throws IOException {
        write(opened, LATER, content);
        opened.retain(1);
        SnapshotFiles again = open(store);
        again.verify(LATER);
        if (store.list().size() != 1 || !again.complete().equals(opened.complete())) {
            throw new AssertionError("of all but one something is left: " + store.list());
        }
    }

    private static void edit(Map<String, byte[]> contents, byte[] input) {
        int at = 1;
        for (int edits = 0; edits < MOST_EDITS && at + EDIT_BYTES <= input.length; edits++) {
            List<String> names = List.copyOf(contents.keySet());
            if (names.isEmpty()) {
                return;
            }
            String name = names.get((input[at + 1] & 0xff) % names.size());
            byte[] bytes = contents.getOrDefault(name, new byte[0]);
            int where = (input[at + 2] & 0xff) | (input[at + 3] & 0xff) << 8;
            int count = Math.min(input[at + 4] & 0x3f, input.length - at - EDIT_BYTES);
            switch (input[at] & 7) {
                case 0, 1, 2 -> {
                    int fits = Math.clamp(bytes.length - (long) where, 0, count);
                    System.arraycopy(
                            input, at + EDIT_BYTES, bytes, Math.min(where, bytes.length), fits);
                }
                case 3 -> contents.put(name, Arrays.copyOf(bytes, Math.min(where, 1024)));
                case 4 -> contents.remove(name);
                case 5 -> contents.put(SnapshotName.complete(where), bytes.clone());
                case 6 -> contents.put(SnapshotName.unpublished(where), bytes.clone());
                default -> contents.put(SnapshotName.setAside(where), bytes.clone());
            }
            at += EDIT_BYTES + ((input[at] & 7) < 3 ? count : 0);
        }
    }

    /// Files and pages of 64 KiB each; nothing that grows with what a header claims.
    @Override
    public long mostAllocatedBytes(int inputBytes) {
        return (2L << 20) + (24L << 10) * inputBytes;
    }

    @Override
    public Map<String, byte[]> seeds() {
        Map<String, byte[]> seeds = new LinkedHashMap<>();
        seeds.put("whole", new byte[] {0});
        seeds.put("sealed", new byte[] {SEALED});
        seeds.put("chunk", chunk(IS_CHUNK));
        seeds.put("sealed-chunk", chunk(IS_CHUNK | SEALED));
        int part = List.copyOf(files.keySet()).indexOf(SnapshotName.received(sent));
        seeds.put("part-torn", edits(0, 0, part, 250, 1, 2, 3));
        seeds.put("part-cut", edits(0, 3, part, 100));
        seeds.put("part-with-zeros", edits(0, 3, part, 1000));
        seeds.put("left-over", edits(0, 6, part, 9));
        seeds.put("set-aside", edits(0, 7, 0, 5));
        return seeds;
    }

    private byte[] chunk(int mode) {
        Bytes chunk = chunks.getFirst();
        byte[] input = new byte[1 + chunk.size()];
        input[0] = (byte) mode;
        chunk.copyTo(input, 1);
        return input;
    }

    private static byte[] edits(int mode, int what, int file, int where, int... bytes) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        out.write(mode);
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

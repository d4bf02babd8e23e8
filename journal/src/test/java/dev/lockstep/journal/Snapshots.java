package dev.lockstep.journal;

import dev.lockstep.core.port.FileStore;
import dev.lockstep.core.port.SnapshotDescription;
import dev.lockstep.core.wire.Bytes;

import java.io.IOException;
import java.io.InputStream;
import java.util.SplittableRandom;

/// Snapshots with chunks so small that tests can look at every byte.
final class Snapshots {

    static final Bytes LABEL = Bytes.wrap(new byte[] {'l', 'a', 'b', 'e', 'l'});
    static final int CHUNK = 40;

    /// Larger files than this are shortened before they are deleted.
    static final int CUT = 700;

    private Snapshots() {}

    static SnapshotFiles open(FileStore store) throws IOException {
        return SnapshotFiles.open(store, LABEL, CHUNK, CUT);
    }

    /// Content that is another for every number and size.
    static byte[] content(long number, int size) {
        byte[] bytes = new byte[size];
        new SplittableRandom(31 * number + size).nextBytes(bytes);
        return bytes;
    }

    static SnapshotDescription write(SnapshotFiles files, long position, byte[] content)
            throws IOException {
        try (SnapshotWriting writing = files.begin(position)) {
            writing.out().write(content);
            publish(writing);
            return writing.description();
        }
    }

    static void publish(SnapshotWriting writing) throws IOException {
        boolean done = false;
        while (!done) {
            done = writing.advance();
        }
    }

    static void publish(SnapshotReceiving receiving) throws IOException {
        boolean done = false;
        while (!done) {
            done = receiving.advance();
        }
    }

    /// Lets all but the newest so many go, to the last byte.
    static void retain(SnapshotFiles files, int newest) throws IOException {
        files.retain(newest);
        while (files.hasRemains()) {
            files.shorten();
        }
    }

    static byte[] read(SnapshotFiles files, long position) throws IOException {
        try (InputStream in = files.read(position)) {
            return in.readAllBytes();
        }
    }
}

package dev.lockstep.replica;

import dev.lockstep.core.port.SnapshotContent;
import dev.lockstep.core.port.SnapshotDescription;
import dev.lockstep.core.port.Snapshots;
import dev.lockstep.core.wire.Bytes;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;

/// Notes what is asked of it; what is kept is what a test says.
final class FakeSnapshots implements Snapshots {

    final List<String> asked = new ArrayList<>();
    final List<SnapshotDescription> kept = new ArrayList<>();

    /// What the last one that was written holds.
    final ByteArrayOutputStream content = new ByteArrayOutputStream();

    static SnapshotDescription at(long position, int chunks) {
        byte[] digest = new byte[SnapshotDescription.DIGEST_BYTES];
        digest[0] = (byte) position;
        return new SnapshotDescription(position, chunks, chunks * 1_000L, Bytes.wrap(digest));
    }

    /// What was asked since the last call.
    List<String> take() {
        List<String> taken = List.copyOf(asked);
        asked.clear();
        return taken;
    }

    @Override
    public List<SnapshotDescription> kept() {
        return List.copyOf(kept);
    }

    @Override
    public void write(long position, SnapshotContent content) {
        asked.add("write " + position);
        this.content.reset();
        try (content) {
            content.writeTo(this.content);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public void read(long token, long position, int chunk) {
        asked.add("read " + token + " " + position + " " + chunk);
    }

    @Override
    public void receive(SnapshotDescription description) {
        asked.add("receive " + description.position());
    }

    @Override
    public void add(Bytes chunk) {
        asked.add("add " + chunk.size());
    }

    @Override
    public long stopwatchNanos() {
        return 0;
    }
}

package dev.lockstep.replica;

import dev.lockstep.api.FrozenState;
import dev.lockstep.core.port.SnapshotContent;
import dev.lockstep.core.wire.Bytes;
import dev.lockstep.core.wire.BytesWriter;
import dev.lockstep.core.wire.MalformedException;

import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.OutputStream;

/// A replica's whole state at one position, as a snapshot holds it: the head, the host's state in
/// pieces, the service's state to the end.
final class FrozenReplica implements SnapshotContent {

    /// The host's state is written in pieces of this size.
    private static final int PIECE_BYTES = 64 << 10;

    private final SnapshotHead head;

    /// The host's state, copied: it has no frozen view of its own.
    private final byte[] host;

    private final FrozenState service;

    FrozenReplica(SnapshotHead head, HostState host, FrozenState service) {
        this.head = head;
        this.service = service;
        ByteArrayOutputStream copied = new ByteArrayOutputStream(1_024);
        try {
            host.writeTo(copied);
        } catch (IOException impossible) {
            throw new IllegalStateException("memory takes what is written to it", impossible);
        }
        this.host = copied.toByteArray();
    }

    @Override
    public void writeTo(OutputStream out) throws IOException {
        BytesWriter writer = new BytesWriter(256);
        head.encode(writer);
        flush(writer, out);
        for (int at = 0; at < host.length; at += PIECE_BYTES) {
            int size = Math.min(PIECE_BYTES, host.length - at);
            writer.putInt(size);
            flush(writer, out);
            out.write(host, at, size);
        }
        writer.putInt(0);
        flush(writer, out);
        service.writeTo(out);
    }

    private static void flush(BytesWriter writer, OutputStream out) throws IOException {
        out.write(writer.array(), 0, writer.size());
        writer.clear();
    }

    @Override
    public void close() {
        service.close();
    }

    /// Reads the host's state, which follows the head; what is left in `in` is the service's.
    ///
    /// @throws MalformedException if it is none
    static Bytes readHost(DataInputStream in) throws IOException {
        ByteArrayOutputStream host = new ByteArrayOutputStream(1_024);
        byte[] piece = new byte[PIECE_BYTES];
        for (int size = readSize(in); size > 0; size = readSize(in)) {
            if (size > PIECE_BYTES) {
                throw new MalformedException("a piece of " + size + " bytes in a snapshot");
            }
            in.readFully(piece, 0, size);
            host.write(piece, 0, size);
        }
        return Bytes.wrap(host.toByteArray());
    }

    private static int readSize(DataInputStream in) throws IOException {
        int size = Integer.reverseBytes(in.readInt());
        if (size < 0) {
            throw new EOFException("a piece of " + size + " bytes in a snapshot");
        }
        return size;
    }
}

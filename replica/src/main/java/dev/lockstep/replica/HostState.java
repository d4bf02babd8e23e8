package dev.lockstep.replica;

import dev.lockstep.core.wire.Bytes;
import dev.lockstep.core.wire.BytesReader;
import dev.lockstep.core.wire.BytesWriter;
import dev.lockstep.core.wire.MalformedException;

import java.io.IOException;
import java.io.OutputStream;

/// What the host itself replicates, as bytes: how far it has executed, agreed time, the reply
/// chain, delivered batches, sessions, what an operator wishes. Equal states have equal bytes.
final class HostState {

    private static final int VERSION = 1;

    /// With the client that has opened each session before it; written where there is one.
    private static final int VERSION_WITH_OWNERS = 2;

    /// Added to the version: the last wish that was ordered is at the end.
    private static final int WITH_WISH = 0x10;

    private final Executor executor;
    private final ReplyChain chain;
    private final DeliveredBatches delivered;
    private final Sessions sessions;

    HostState(Executor executor, ReplyChain chain, DeliveredBatches delivered, Sessions sessions) {
        this.executor = executor;
        this.chain = chain;
        this.delivered = delivered;
        this.sessions = sessions;
    }

    /// Writes everything, one session at a time.
    void writeTo(OutputStream out) throws IOException {
        BytesWriter writer = new BytesWriter(4_096);
        boolean haveOwners = sessions.haveOwners();
        int version = haveOwners ? VERSION_WITH_OWNERS : VERSION;
        boolean haveWish = !executor.wished().isNone();
        writer.putInt(haveWish ? version | WITH_WISH : version);
        writer.putLong(executor.position()).putLong(executor.timeNanos());
        writer.putLong(chain.digest());
        delivered.encode(writer);
        writer.putInt(sessions.size());
        flush(writer, out);
        for (long id : sessions.sortedIds()) {
            sessions.encode(id, haveOwners, writer);
            flush(writer, out);
        }
        if (haveWish) {
            writer.putSized(executor.wished().encode());
            flush(writer, out);
        }
    }

    private static void flush(BytesWriter writer, OutputStream out) throws IOException {
        out.write(writer.array(), 0, writer.size());
        writer.clear();
    }

    /// Reads what [#writeTo] wrote into a replica that has executed nothing.
    ///
    /// @throws MalformedException if it is none; the replica is then unusable
    void read(Bytes written) {
        BytesReader in = new BytesReader(written);
        int head = in.getInt();
        int version = head & ~WITH_WISH;
        boolean haveWish = version != head;
        boolean haveOwners = version == VERSION_WITH_OWNERS;
        if (version != VERSION && !haveOwners) {
            throw new MalformedException("host state of version " + head);
        }
        long position = in.getNonNegativeLong("position");
        long timeNanos = in.getLong();
        chain.restore(in.getLong());
        delivered.decode(in);
        int count = in.getCount(Sessions.MAX_SESSIONS, 48, "number of sessions");
        sessions.decode(count, haveOwners, in);
        Bytes wish = haveWish ? in.getSized(Wish.MAX_BYTES, "wish") : Bytes.EMPTY;
        in.requireEnd();
        executor.wished().restore(wish);
        executor.restore(position, timeNanos);
    }
}

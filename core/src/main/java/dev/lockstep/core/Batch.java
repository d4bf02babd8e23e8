package dev.lockstep.core;

import dev.lockstep.core.wire.Bytes;
import dev.lockstep.core.wire.BytesReader;
import dev.lockstep.core.wire.BytesWriter;
import dev.lockstep.core.wire.MalformedException;

import org.jspecify.annotations.Nullable;

/// The unit that is ordered, persisted and sent: requests that one replica admitted together.
///
/// A protocol sees identity, checksum and length; the payload is opaque to it. Immutable.
public final class Batch {

    /// No encoded batch is larger than this, so that decoders can refuse what claims to be.
    public static final int MAX_PAYLOAD_BYTES = 64 << 20;

    /// The size of an encoded batch without its payload.
    public static final int HEADER_BYTES = 4 + 16 + 4 + 8 + 8 + 4 + 4;

    private final BatchId id;
    private final long clockNanos;
    private final Bytes payload;
    private final int checksum;

    private Batch(BatchId id, long clockNanos, Bytes payload, int checksum) {
        this.id = id;
        this.clockNanos = clockNanos;
        this.payload = payload;
        this.checksum = checksum;
    }

    /// A new batch; computes its checksum.
    ///
    /// @param clockNanos the origin's wall clock when it closed the batch, nanoseconds since 1970
    /// @param payload what was admitted; empty for a batch that only moves agreed time
    public static Batch of(BatchId id, long clockNanos, Bytes payload) {
        if (payload.size() > MAX_PAYLOAD_BYTES) {
            throw new IllegalArgumentException("batch of " + payload.size() + " bytes");
        }
        return new Batch(id, clockNanos, payload, payload.crc32c());
    }

    /// What the batch is called.
    public BatchId id() {
        return id;
    }

    /// The origin's wall clock when it closed the batch, nanoseconds since 1970.
    public long clockNanos() {
        return clockNanos;
    }

    /// The requests, in the host's encoding.
    public Bytes payload() {
        return payload;
    }

    /// CRC32C of the payload, computed where the batch was made and checked where it is decoded.
    public int checksum() {
        return checksum;
    }

    /// How many bytes [#encode] writes.
    public int encodedSize() {
        return HEADER_BYTES + payload.size();
    }

    /// Writes the header and the payload, the latter without copying it if nothing follows
    /// ([BytesWriter#putShared]).
    public void encode(BytesWriter out) {
        encodeHeader(out);
        out.putShared(payload);
    }

    /// Writes all but the payload, [#HEADER_BYTES] bytes, for an adapter that sends the payload
    /// without copying it.
    public void encodeHeader(BytesWriter out) {
        out.putInt(id.origin().value());
        out.putLong(id.incarnation().high()).putLong(id.incarnation().low());
        out.putInt(id.boot()).putLong(id.sequence()).putLong(clockNanos);
        out.putInt(checksum).putInt(payload.size());
    }

    /// Reads what [#encode] wrote, sharing the payload's memory.
    ///
    /// @throws MalformedException if a field is out of range or the checksum does not match
    public static Batch decode(BytesReader in) {
        BatchId id = decodeId(in);
        long clockNanos = in.getLong();
        int checksum = in.getInt();
        Bytes payload = in.getSized(MAX_PAYLOAD_BYTES, "batch");
        if (payload.crc32c() != checksum) {
            throw new MalformedException("batch " + id + " does not match its checksum");
        }
        return new Batch(id, clockNanos, payload, checksum);
    }

    private static BatchId decodeId(BytesReader in) {
        int origin = in.getInt();
        Incarnation incarnation = new Incarnation(in.getLong(), in.getLong());
        int boot = in.getInt();
        long sequence = in.getLong();
        if (origin < 1 || origin > ReplicaId.MAX_VALUE || boot < 0 || sequence < 1) {
            throw new MalformedException(
                    "batch id out of range: origin "
                            + origin
                            + " boot "
                            + boot
                            + " sequence "
                            + sequence);
        }
        return new BatchId(new ReplicaId(origin), incarnation, boot, sequence);
    }

    @Override
    public boolean equals(@Nullable Object other) {
        return other instanceof Batch that
                && id.equals(that.id)
                && clockNanos == that.clockNanos
                && payload.equals(that.payload);
    }

    @Override
    public int hashCode() {
        return id.hashCode();
    }

    @Override
    public String toString() {
        return id + "(" + payload.size() + " B)";
    }
}

package dev.lockstep.ordering.leader;

import dev.lockstep.core.Batch;
import dev.lockstep.core.BatchId;
import dev.lockstep.core.StopSign;
import dev.lockstep.core.wire.BytesWriter;
import dev.lockstep.core.wire.StopSignCodec;

import org.jspecify.annotations.Nullable;

/// The chained checksum: 64 bits over an entry and everything before it.
///
/// Two logs with equal chains at an index are equal through it, up to accident. Against accidents
/// only, not against malice. Its value is on the wire and in journals: it cannot change within a
/// wire version.
final class Chain {

    /// The chain of the empty log.
    static final long START = 0x6c6f636b73746570L;

    private static final long FACTOR = 0x9e3779b97f4a7c15L;

    private Chain() {}

    /// The chain of an entry, from the chain of its predecessor.
    static long next(
            long previous,
            long term,
            long timeNanos,
            LogEntry.Purpose purpose,
            Batch batch,
            @Nullable StopSign sign) {
        BatchId id = batch.id();
        long chain = mix(previous, term);
        chain = mix(chain, timeNanos);
        chain = mix(chain, purposeCode(purpose) << 32 | id.origin().value());
        chain = mix(chain, id.incarnation().high());
        chain = mix(chain, id.incarnation().low());
        chain = mix(chain, id.boot());
        chain = mix(chain, id.sequence());
        chain = mix(chain, batch.clockNanos());
        chain = mix(chain, (long) batch.payload().size() << 32 | (batch.checksum() & 0xffffffffL));
        return sign == null ? chain : mix(chain, digestOf(sign));
    }

    private static long digestOf(StopSign sign) {
        BytesWriter out = new BytesWriter(256);
        StopSignCodec.encode(sign, out);
        return out.toBytes().crc32c();
    }

    private static long purposeCode(LogEntry.Purpose purpose) {
        return switch (purpose) {
            case BATCH -> 1;
            case SIGN -> 2;
            case CLOSING -> 3;
        };
    }

    /// A bijection of the chain for each value, so that a difference never gets lost.
    private static long mix(long chain, long value) {
        long mixed = (chain ^ value) * FACTOR;
        return mixed ^ (mixed >>> 32);
    }
}

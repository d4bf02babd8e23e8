package dev.lockstep.ordering.byzantine;

import dev.lockstep.core.Batch;
import dev.lockstep.core.StopSign;
import dev.lockstep.core.wire.BytesWriter;

import org.jspecify.annotations.Nullable;

/// What a block orders.
///
/// @param sign the stop sign, if that is what the block orders: then the batch is empty
record Payload(Batch batch, @Nullable StopSign sign) {

    Hash hash() {
        BytesWriter out = new BytesWriter(Batch.HEADER_BYTES + 64);
        ByzantineCodec.encodePayload(this, out);
        return Hash.of(Hash.Domain.PAYLOAD, out);
    }
}

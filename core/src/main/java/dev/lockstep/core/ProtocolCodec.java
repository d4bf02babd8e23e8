package dev.lockstep.core;

import dev.lockstep.core.wire.Bytes;
import dev.lockstep.core.wire.BytesWriter;
import dev.lockstep.core.wire.MalformedException;

/// The bytes of one protocol's messages and records. Stateless, pure, canonical: equal values have
/// equal bytes. Decoders believe nothing and share the memory of what they decode.
public interface ProtocolCodec<M extends ProtocolMessage, R extends ProtocolRecord> {

    /// Appends a message.
    void encodeMessage(M message, BytesWriter out);

    /// Reads one message that fills `bytes`.
    ///
    /// @throws MalformedException if it is none
    M decodeMessage(Bytes bytes);

    /// Appends a record, with its batch if it has one.
    void encodeRecord(R record, BytesWriter out);

    /// Reads one record that fills `bytes`.
    ///
    /// @throws MalformedException if it is none
    R decodeRecord(Bytes bytes);
}

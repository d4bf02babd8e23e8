package dev.lockstep.replica;

import dev.lockstep.core.wire.Bytes;

/// Whose a request is, and what proves it to everybody.
///
/// @param client the client's number; 0 where clients do not sign
/// @param proof what the client sent with the request; empty where clients do not sign
record Asker(int client, Bytes proof) {

    /// Where clients do not sign.
    static final Asker UNSIGNED = new Asker(0, Bytes.EMPTY);

    boolean hasSigned() {
        return client != 0;
    }
}

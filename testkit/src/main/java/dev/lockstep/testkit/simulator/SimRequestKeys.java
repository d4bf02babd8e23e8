package dev.lockstep.testkit.simulator;

import dev.lockstep.core.wire.Bytes;
import dev.lockstep.core.wire.BytesWriter;
import dev.lockstep.replica.Trust;

/// Symbolic signatures of clients, as [SimKeys] has them of replicas: a proof says for which epoch
/// it is and whose, and has a number that only this client computes.
final class SimRequestKeys implements Trust.Requests {

    static final SimRequestKeys ALL = new SimRequestKeys();

    /// Epoch, client, mark.
    private static final int PROOF_BYTES = 20;

    /// Replicas sign below.
    private static final int CLIENTS = 1_000;

    private SimRequestKeys() {}

    /// What a client proves with that a request is its own.
    ///
    /// @param client from 1
    static Bytes prove(long epoch, int client, int frameKind, Bytes content) {
        return new BytesWriter(PROOF_BYTES)
                .putLong(epoch)
                .putInt(client)
                .putLong(mark(epoch, client, frameKind, content))
                .toBytes();
    }

    private static long mark(long epoch, int client, int frameKind, Bytes content) {
        Bytes signed =
                new BytesWriter(content.size() + 16)
                        .putLong(epoch)
                        .putLong(frameKind)
                        .put(content)
                        .toBytes();
        return SimKeys.mark(CLIENTS + client, signed);
    }

    @Override
    public boolean areSigned() {
        return true;
    }

    @Override
    public boolean isOf(long epoch, Bytes proof) {
        return proof.size() == PROOF_BYTES && proof.getLong(0) == epoch;
    }

    @Override
    public int clientOf(long epoch, int frameKind, Bytes content, Bytes proof) {
        if (!isOf(epoch, proof)) {
            return 0;
        }
        int client = proof.getInt(8);
        boolean isGenuine =
                client > 0 && proof.getLong(12) == mark(epoch, client, frameKind, content);
        return isGenuine ? client : 0;
    }
}

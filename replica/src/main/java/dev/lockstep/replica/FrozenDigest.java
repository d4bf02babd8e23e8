package dev.lockstep.replica;

import dev.lockstep.api.FrozenState;

import org.jspecify.annotations.Nullable;

import java.io.ByteArrayOutputStream;
import java.io.IOException;

/// A replica's state at one position, unchanged by what is executed meanwhile, to be digested by
/// another thread than the replica's.
public final class FrozenDigest implements AutoCloseable {

    private final long position;
    /// Null if it cannot be frozen.
    private final @Nullable FrozenState service;

    /// The host's state, copied: it has no frozen view of its own.
    private final byte[] host;

    private final long chain;

    FrozenDigest(long position, @Nullable FrozenState service, HostState host, long chain) {
        this.position = position;
        this.service = service;
        this.chain = chain;
        ByteArrayOutputStream copied = new ByteArrayOutputStream(1_024);
        try {
            host.writeTo(copied);
        } catch (IOException impossible) {
            throw new IllegalStateException("memory takes what is written to it", impossible);
        }
        this.host = copied.toByteArray();
    }

    /// What is frozen is the state after this position.
    public long position() {
        return position;
    }

    /// Reads all of the state, but for that of a service that cannot be frozen. One thread.
    ///
    /// @param rest called now and then, after a mebibyte or so: may wait, or throw to end it
    public StateDigest digest(Runnable rest) {
        return StateDigest.of(position, service, out -> out.write(host), chain, rest);
    }

    /// Frees what is frozen.
    @Override
    public void close() {
        if (service != null) {
            service.close();
        }
    }
}

package dev.lockstep.replica;

import dev.lockstep.api.FrozenState;
import dev.lockstep.api.StateMachine;
import dev.lockstep.core.wire.Bytes;

import org.jspecify.annotations.Nullable;

import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.security.DigestOutputStream;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;

/// What the replicated state is at one position: equal on all correct replicas that have executed
/// exactly that far.
///
/// @param position everything through here is executed, nothing beyond
/// @param state SHA-256 of what the state machine's frozen state writes; empty if it has none that
///     could be read while commands go on
/// @param host SHA-256 of what the host itself replicates: sessions, delivered batches, agreed time
/// @param chain the reply chain
public record StateDigest(long position, Bytes state, Bytes host, long chain) {

    /// After so many bytes whoever digests may rest.
    private static final int REST_BYTES = 1 << 20;

    /// Takes everything, and rests now and then.
    private static final class Resting extends OutputStream {
        private final Runnable rest;
        private long untilRest = REST_BYTES;

        Resting(Runnable rest) {
            this.rest = rest;
        }

        @Override
        public void write(int one) {
            take(1);
        }

        @Override
        public void write(byte[] bytes, int offset, int length) {
            take(length);
        }

        private void take(int length) {
            untilRest -= length;
            if (untilRest <= 0) {
                untilRest = REST_BYTES;
                rest.run();
            }
        }
    }

    /// Writes something to a stream that digests it.
    private interface Written {
        void writeTo(OutputStream out) throws IOException;
    }

    /// The service's and the host's state in one number, for members to compare. The chain has
    /// comparisons of its own.
    long whole() {
        byte[] ofService = state.toByteArray();
        byte[] ofHost = host.toByteArray();
        long folded = Mixing.fold(position, ofService, 0, ofService.length);
        return Mixing.fold(folded, ofHost, 0, ofHost.length);
    }

    static StateDigest of(long position, StateMachine machine, HostState host, long chain) {
        try (FrozenState frozen = machine.snapshot()) {
            return of(position, frozen, host::writeTo, chain, () -> {});
        }
    }

    /// @param frozen null if there is none
    /// @param host what writes the host's state
    /// @param rest called after each [#REST_BYTES]
    static StateDigest of(
            long position,
            @Nullable FrozenState frozen,
            FrozenState host,
            long chain,
            Runnable rest) {
        Bytes state = frozen == null ? Bytes.EMPTY : sha256(frozen::writeTo, rest);
        return new StateDigest(position, state, sha256(host::writeTo, rest), chain);
    }

    private static Bytes sha256(Written written, Runnable rest) {
        try {
            MessageDigest digest = MessageDigest.getInstance("SHA-256");
            OutputStream nowhere = new Resting(rest);
            try (OutputStream out =
                    new BufferedOutputStream(new DigestOutputStream(nowhere, digest), 1 << 16)) {
                written.writeTo(out);
            }
            return Bytes.wrap(digest.digest());
        } catch (NoSuchAlgorithmException missing) {
            throw new IllegalStateException("this Java has no SHA-256; use another", missing);
        } catch (IOException failed) {
            throw new UncheckedIOException(
                    "the state machine could not write its state; see the cause", failed);
        }
    }
}

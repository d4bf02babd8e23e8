package dev.lockstep.node;

import dev.lockstep.core.Epoch;
import dev.lockstep.core.wire.Bytes;
import dev.lockstep.net.keys.KeyRefusedException;
import dev.lockstep.net.keys.MemberKeys;
import dev.lockstep.net.keys.RequestDomain;
import dev.lockstep.net.keys.RequestVerifier;
import dev.lockstep.net.keys.Resilience;
import dev.lockstep.replica.Trust;

import org.jspecify.annotations.Nullable;

/// Tells whose requests are, in whatever epoch the replica is in.
///
/// Threading: any thread.
final class RequestVerifiers implements Trust.Requests {

    private record OfEpoch(long epoch, RequestVerifier verifier) {}

    private final MemberKeys keys;
    private final Resilience resilience;

    /// Of the last epoch that was asked about: the clients' keys are read once for each.
    private volatile @Nullable OfEpoch last;

    RequestVerifiers(MemberKeys keys, Resilience resilience) {
        this.keys = keys;
        this.resilience = resilience;
    }

    @Override
    public boolean areSigned() {
        return true;
    }

    @Override
    public boolean isOf(long epoch, Bytes proof) {
        return RequestVerifier.epochOf(proof) == epoch;
    }

    @Override
    public int clientOf(long epoch, int frameKind, Bytes content, Bytes proof) {
        return of(epoch).clientOf(frameKind, content, proof).orElse(0);
    }

    private RequestVerifier of(long epoch) {
        OfEpoch known = last;
        if (known == null || known.epoch != epoch) {
            known = new OfEpoch(epoch, open(epoch));
            last = known;
        }
        return known.verifier;
    }

    /// Two threads may make it at once: one of the two remains, and answers are the same.
    ///
    /// @throws KeyRefusedException if the public keys are another cluster's
    private RequestVerifier open(long epoch) {
        RequestDomain domain =
                new RequestDomain(resilience.setting(), keys.ring().cluster(), new Epoch(epoch));
        return new RequestVerifier(keys.library(), keys.ring(), domain);
    }
}

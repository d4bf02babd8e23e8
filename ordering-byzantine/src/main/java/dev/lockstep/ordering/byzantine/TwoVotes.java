package dev.lockstep.ordering.byzantine;

import dev.lockstep.core.Accusation;
import dev.lockstep.core.ClusterId;
import dev.lockstep.core.Credentials;
import dev.lockstep.core.Epoch;
import dev.lockstep.core.ReplicaId;
import dev.lockstep.core.wire.Bytes;
import dev.lockstep.core.wire.BytesReader;
import dev.lockstep.core.wire.BytesWriter;
import dev.lockstep.core.wire.MalformedException;

import java.util.Optional;
import java.util.function.Function;

/// Proof that a member misbehaved: its signatures under two blocks in one place, which no honest
/// member gives. A leader's proposal is signed as its vote is, so that this is what proves an
/// equivocation as well.
///
/// It needs no other facts than the member's key, and not even to know who the members were.
///
/// @param setting which of the two settings
record TwoVotes(
        int setting,
        Epoch epoch,
        ReplicaId about,
        Phase phase,
        BlockRef first,
        Bytes firstSignature,
        BlockRef second,
        Bytes secondSignature) {

    private static final int VERSION = 1;
    private static final int MOST_SIGNATURE_BYTES = 256;

    Bytes encode() {
        BytesWriter out = new BytesWriter(512);
        out.putByte(VERSION).putByte(setting).putByte(phase.ordinal());
        out.putLong(epoch.value()).putInt(about.value());
        ByzantineCodec.encodeRef(first, out);
        out.putSized(firstSignature);
        ByzantineCodec.encodeRef(second, out);
        out.putSized(secondSignature);
        return out.toBytes();
    }

    /// @throws MalformedException if it is none
    static TwoVotes decode(Bytes bytes) {
        BytesReader in = new BytesReader(bytes);
        int version = in.getByte();
        int setting = in.getByte();
        int phase = in.getByte();
        if (version != VERSION || phase < 0 || phase >= Phase.values().length) {
            throw new MalformedException("a proof of version " + version + ", phase " + phase);
        }
        long epoch = in.getLong();
        int about = in.getInt();
        if (epoch < 1 || about < 1 || about > ReplicaId.MAX_VALUE) {
            throw new MalformedException("a proof about replica " + about + ", epoch " + epoch);
        }
        TwoVotes read =
                new TwoVotes(
                        setting,
                        new Epoch(epoch),
                        new ReplicaId(about),
                        Phase.values()[phase],
                        ByzantineCodec.decodeRef(in),
                        in.getSized(MOST_SIGNATURE_BYTES, "signature"),
                        ByzantineCodec.decodeRef(in),
                        in.getSized(MOST_SIGNATURE_BYTES, "signature"));
        in.requireEnd();
        return read;
    }

    /// What it shows; empty if it shows nothing.
    ///
    /// @param keys who tells signatures of an epoch by
    Optional<Accusation> judge(ClusterId cluster, Function<Epoch, Credentials.Verifier> keys) {
        SignedBytes signed = new SignedBytes(setting, cluster, epoch);
        Credentials.Verifier verifier = keys.apply(epoch);
        boolean isOfOnePlace = first.rank().equals(second.rank()) && !first.equals(second);
        boolean isProven =
                isOfOnePlace
                        && verifier.isGenuine(about, signed.vote(phase, first), firstSignature)
                        && verifier.isGenuine(about, signed.vote(phase, second), secondSignature);
        if (!isProven) {
            return Optional.empty();
        }
        String what =
                switch (phase) {
                    case FIRST -> "proposed or voted for";
                    case SECOND -> "voted to commit";
                };
        return Optional.of(
                new Accusation(
                        about,
                        epoch,
                        "%s two blocks in one place, view %d, block %d: %s and %s"
                                .formatted(
                                        what,
                                        first.view(),
                                        first.seq(),
                                        first.hash(),
                                        second.hash())));
    }
}

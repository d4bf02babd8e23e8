package dev.lockstep.ordering.byzantine;

import dev.lockstep.core.Batch;
import dev.lockstep.core.Membership;
import dev.lockstep.core.ProtocolCodec;
import dev.lockstep.core.StopSign;
import dev.lockstep.core.wire.Bytes;
import dev.lockstep.core.wire.BytesReader;
import dev.lockstep.core.wire.BytesWriter;
import dev.lockstep.core.wire.MalformedException;
import dev.lockstep.core.wire.StopSignCodec;

import org.jspecify.annotations.Nullable;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;

/// The bytes of messages, records and what is signed and hashed of them: fixed fields,
/// little-endian like everything of Lockstep, one encoding a value.
final class ByzantineCodec implements ProtocolCodec<ByzantineMessage, ByzantineRecord> {

    /// No signature is longer.
    static final int MAX_SIGNATURE_BYTES = 128;

    /// Not more blocks are sent at a time.
    static final int MAX_BLOCKS = 256;

    /// No anchor's path is longer.
    static final int MAX_PATH = 4096;

    private static final int HEADER_BYTES = 8 + 4 + 8 + 32 + 12 + 32 + 32 + 8 + 1;
    private static final int CLAIM_BYTES = 4 + 12 + 32 + 4;

    @Override
    public void encodeMessage(ByzantineMessage message, BytesWriter out) {
        switch (message) {
            case ByzantineMessage.Propose it -> {
                out.putByte(3);
                encodeHeader(it.header(), out);
                out.putSized(it.leaderVote1());
                encodeOptional(it.justify(), ByzantineCodec::encodeCertificate, out);
                encodeOptional(
                        it.timeoutCertificate(), ByzantineCodec::encodeTimeoutCertificate, out);
                encodePayload(it.payload(), out);
            }
            case ByzantineMessage.Vote1 it -> {
                out.putByte(4);
                encodeRef(it.block(), out);
                out.putSized(it.signature());
                encodeOptional(it.echo(), ByzantineCodec::encodeEcho, out);
            }
            case ByzantineMessage.Vote2 it -> {
                out.putByte(5);
                encodeRef(it.block(), out);
                out.putSized(it.signature());
                encodeOptional(it.lock(), ByzantineCodec::encodeCertificate, out);
            }
            case ByzantineMessage.Timeout it -> {
                out.putByte(8).putLong(it.view());
                encodeCertificate(it.highQc1(), out);
                out.putSized(it.signature());
            }
            case ByzantineMessage.Status it -> {
                out.putByte(10).putLong(it.view());
                encodeCertificate(it.highQc1(), out);
            }
            case ByzantineMessage.Equivocation it -> {
                out.putByte(11);
                encodeEcho(it.first(), out);
                encodeEcho(it.second(), out);
            }
            case ByzantineMessage.Fetch it -> {
                out.putByte(12);
                it.hash().encode(out);
                out.putLong(it.downTo());
            }
            case ByzantineMessage.Blocks it -> {
                out.putByte(13).putInt(it.blocks().size());
                it.blocks().forEach(block -> encodeBlock(block, out));
            }
            case ByzantineMessage.SyncInfo it -> {
                out.putByte(16);
                encodeOptional(
                        it.timeoutCertificate(), ByzantineCodec::encodeTimeoutCertificate, out);
                encodeCertificate(it.highQc1(), out);
                encodeOptional(it.committed(), ByzantineCodec::encodeCertificate, out);
            }
        }
    }

    @Override
    public ByzantineMessage decodeMessage(Bytes bytes) {
        BytesReader in = new BytesReader(bytes);
        int kind = in.getByte();
        ByzantineMessage message =
                switch (kind) {
                    case 3 -> decodePropose(in);
                    case 4 ->
                            new ByzantineMessage.Vote1(
                                    decodeRef(in),
                                    decodeSignature(in),
                                    decodeOptional(in, ByzantineCodec::decodeEcho));
                    case 5 ->
                            new ByzantineMessage.Vote2(
                                    decodeRef(in),
                                    decodeSignature(in),
                                    decodeOptional(in, ByzantineCodec::decodeCertificate));
                    case 8 ->
                            new ByzantineMessage.Timeout(
                                    in.getNonNegativeLong("view"),
                                    decodeCertificate(in),
                                    decodeSignature(in));
                    case 10 ->
                            new ByzantineMessage.Status(
                                    in.getNonNegativeLong("view"), decodeCertificate(in));
                    case 11 -> new ByzantineMessage.Equivocation(decodeEcho(in), decodeEcho(in));
                    case 12 ->
                            new ByzantineMessage.Fetch(
                                    Hash.decode(in), in.getNonNegativeLong("height"));
                    case 13 ->
                            new ByzantineMessage.Blocks(
                                    decodeList(
                                            in,
                                            MAX_BLOCKS,
                                            HEADER_BYTES + Batch.HEADER_BYTES,
                                            ByzantineCodec::decodeBlock));
                    case 16 ->
                            new ByzantineMessage.SyncInfo(
                                    decodeOptional(in, ByzantineCodec::decodeTimeoutCertificate),
                                    decodeCertificate(in),
                                    decodeOptional(in, ByzantineCodec::decodeCertificate));
                    default -> throw new MalformedException("no Byzantine message is " + kind);
                };
        in.requireEnd();
        return message;
    }

    private static ByzantineMessage decodePropose(BytesReader in) {
        Header header = decodeHeader(in);
        Bytes leaderVote1 = decodeSignature(in);
        Certificate justify = decodeOptional(in, ByzantineCodec::decodeCertificate);
        TimeoutCertificate timeouts = decodeOptional(in, ByzantineCodec::decodeTimeoutCertificate);
        return new ByzantineMessage.Propose(
                header, decodePayload(in), leaderVote1, justify, timeouts);
    }

    @Override
    public void encodeRecord(ByzantineRecord record, BytesWriter out) {
        switch (record) {
            case ByzantineRecord.Safety it -> {
                out.putByte(1).putLong(it.view()).putLong(it.timeoutSent());
                encodeOptional(it.vote1(), ByzantineCodec::encodeRef, out);
                encodeOptional(it.vote2(), ByzantineCodec::encodeRef, out);
                encodeCertificate(it.highQc1(), out);
                out.putLong(it.proposedIn());
                encodeOptional(
                        it.timeoutCertificate(), ByzantineCodec::encodeTimeoutCertificate, out);
            }
            case ByzantineRecord.Stored it -> {
                out.putByte(2);
                encodeBlock(it.block(), out);
            }
            case ByzantineRecord.Delivered it -> {
                out.putByte(3);
                encodeAnchor(it.anchor(), out);
            }
        }
    }

    @Override
    public ByzantineRecord decodeRecord(Bytes bytes) {
        BytesReader in = new BytesReader(bytes);
        int kind = in.getByte();
        ByzantineRecord record =
                switch (kind) {
                    case 1 ->
                            new ByzantineRecord.Safety(
                                    in.getNonNegativeLong("view"),
                                    decodeView(in),
                                    decodeOptional(in, ByzantineCodec::decodeRef),
                                    decodeOptional(in, ByzantineCodec::decodeRef),
                                    decodeCertificate(in),
                                    decodeView(in),
                                    decodeOptional(in, ByzantineCodec::decodeTimeoutCertificate));
                    case 2 -> new ByzantineRecord.Stored(decodeBlock(in));
                    case 3 -> new ByzantineRecord.Delivered(decodeAnchor(in));
                    default -> throw new MalformedException("no Byzantine record is " + kind);
                };
        in.requireEnd();
        return record;
    }

    static void encodeRank(Rank rank, BytesWriter out) {
        out.putLong(rank.view()).putInt(rank.seq());
    }

    private static Rank decodeRank(BytesReader in) {
        return new Rank(decodeView(in), decodeSeq(in));
    }

    static void encodeRef(BlockRef block, BytesWriter out) {
        out.putLong(block.view()).putInt(block.seq()).putLong(block.height());
        block.hash().encode(out);
    }

    static BlockRef decodeRef(BytesReader in) {
        return new BlockRef(
                decodeView(in), decodeSeq(in), in.getNonNegativeLong("height"), Hash.decode(in));
    }

    static void encodeHeader(Header header, BytesWriter out) {
        out.putLong(header.view()).putInt(header.seq()).putLong(header.height());
        header.parent().encode(out);
        encodeRank(header.justify(), out);
        header.timeoutCertificate().encode(out);
        header.payload().encode(out);
        out.putLong(header.timeNanos()).putByte(header.isClosing() ? 1 : 0);
    }

    private static Header decodeHeader(BytesReader in) {
        long view = in.getNonNegativeLong("view");
        int seq = decodeSeq(in);
        if (seq == 0) {
            throw new MalformedException("the blocks of a view count from 1");
        }
        return new Header(
                view,
                seq,
                in.getNonNegativeLong("height"),
                Hash.decode(in),
                decodeRank(in),
                Hash.decode(in),
                Hash.decode(in),
                in.getLong(),
                decodeFlag(in));
    }

    static void encodePayload(Payload payload, BytesWriter out) {
        encodeOptional(payload.sign(), StopSignCodec::encode, out);
        payload.batch().encode(out);
    }

    private static Payload decodePayload(BytesReader in) {
        StopSign sign = decodeOptional(in, StopSignCodec::decode);
        return new Payload(Batch.decode(in), sign);
    }

    private static void encodeBlock(Block block, BytesWriter out) {
        encodeHeader(block.header(), out);
        encodePayload(block.payload(), out);
    }

    private static Block decodeBlock(BytesReader in) {
        return Block.of(decodeHeader(in), decodePayload(in));
    }

    private static void encodeEcho(Echo echo, BytesWriter out) {
        encodeHeader(echo.header(), out);
        out.putSized(echo.leaderVote1());
    }

    private static Echo decodeEcho(BytesReader in) {
        return new Echo(decodeHeader(in), decodeSignature(in));
    }

    static void encodeCertificate(Certificate certificate, BytesWriter out) {
        out.putByte(certificate.phase().ordinal());
        encodeRef(certificate.block(), out);
        int members = 0;
        for (Endorsement vote : certificate.votes()) {
            members |= 1 << vote.rank();
        }
        out.putInt(members);
        certificate.votes().forEach(vote -> out.putSized(vote.signature()));
    }

    private static Certificate decodeCertificate(BytesReader in) {
        int phase = in.getByte();
        if (phase >= Phase.values().length) {
            throw new MalformedException("no certificate is of phase " + phase);
        }
        BlockRef block = decodeRef(in);
        int members = in.getInt();
        List<Endorsement> votes = new ArrayList<>();
        for (int rank = 0; rank < Integer.SIZE; rank++) {
            if ((members & 1 << rank) != 0) {
                votes.add(new Endorsement(rank, decodeSignature(in)));
            }
        }
        return new Certificate(Phase.values()[phase], block, votes);
    }

    static void encodeTimeoutCertificate(TimeoutCertificate certificate, BytesWriter out) {
        out.putLong(certificate.view()).putInt(certificate.claims().size());
        for (TimeoutClaim claim : certificate.claims()) {
            out.putInt(claim.member());
            encodeRank(claim.highRank(), out);
            claim.highHash().encode(out);
            out.putSized(claim.signature());
        }
        encodeCertificate(certificate.highQc1(), out);
    }

    private static TimeoutCertificate decodeTimeoutCertificate(BytesReader in) {
        long view = in.getNonNegativeLong("view");
        List<TimeoutClaim> claims =
                decodeList(in, Membership.MAX_MEMBERS, CLAIM_BYTES, ByzantineCodec::decodeClaim);
        return new TimeoutCertificate(view, claims, decodeCertificate(in));
    }

    private static TimeoutClaim decodeClaim(BytesReader in) {
        int member = in.getInt();
        if (member < 0 || member >= Membership.MAX_MEMBERS) {
            throw new MalformedException("no member has rank " + member);
        }
        return new TimeoutClaim(member, decodeRank(in), Hash.decode(in), decodeSignature(in));
    }

    static void encodeAnchor(Anchor anchor, BytesWriter out) {
        out.putLong(anchor.epoch());
        encodeRef(anchor.root(), out);
        encodeHeader(anchor.header(), out);
        out.putInt(anchor.path().size());
        anchor.path().forEach(header -> encodeHeader(header, out));
        encodeOptional(anchor.commit(), ByzantineCodec::encodeCertificate, out);
        encodeOptional(anchor.sign(), StopSignCodec::encode, out);
    }

    static Anchor decodeAnchor(BytesReader in) {
        return new Anchor(
                in.getNonNegativeLong("epoch"),
                decodeRef(in),
                decodeHeader(in),
                decodeList(in, MAX_PATH, HEADER_BYTES, ByzantineCodec::decodeHeader),
                decodeOptional(in, ByzantineCodec::decodeCertificate),
                decodeOptional(in, StopSignCodec::decode));
    }

    private static long decodeView(BytesReader in) {
        long view = in.getLong();
        if (view < -1) {
            throw new MalformedException("view out of range: " + view);
        }
        return view;
    }

    private static int decodeSeq(BytesReader in) {
        int seq = in.getInt();
        if (seq < 0) {
            throw new MalformedException("place out of range: " + seq);
        }
        return seq;
    }

    private static Bytes decodeSignature(BytesReader in) {
        return in.getSized(MAX_SIGNATURE_BYTES, "signature");
    }

    private static boolean decodeFlag(BytesReader in) {
        int flag = in.getByte();
        if (flag > 1) {
            throw new MalformedException("neither true nor false: " + flag);
        }
        return flag == 1;
    }

    @FunctionalInterface
    private interface Encoder<T> {
        void encode(T value, BytesWriter out);
    }

    private static <T> void encodeOptional(@Nullable T value, Encoder<T> encoder, BytesWriter out) {
        out.putByte(value == null ? 0 : 1);
        if (value != null) {
            encoder.encode(value, out);
        }
    }

    private static <T> @Nullable T decodeOptional(
            BytesReader in, Function<BytesReader, T> decoder) {
        return decodeFlag(in) ? decoder.apply(in) : null;
    }

    private static <T> List<T> decodeList(
            BytesReader in, int most, int bytesEach, Function<BytesReader, T> decoder) {
        int count = in.getCount(most, bytesEach, "list");
        List<T> list = new ArrayList<>(count);
        for (int i = 0; i < count; i++) {
            list.add(decoder.apply(in));
        }
        return list;
    }
}

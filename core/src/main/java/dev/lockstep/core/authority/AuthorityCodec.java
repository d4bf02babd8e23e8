package dev.lockstep.core.authority;

import dev.lockstep.core.ClusterId;
import dev.lockstep.core.Incarnation;
import dev.lockstep.core.Member;
import dev.lockstep.core.ReplicaId;
import dev.lockstep.core.StopSign;
import dev.lockstep.core.wire.Bytes;
import dev.lockstep.core.wire.BytesReader;
import dev.lockstep.core.wire.BytesWriter;
import dev.lockstep.core.wire.MalformedException;
import dev.lockstep.core.wire.StopSignCodec;

import java.nio.charset.StandardCharsets;

/// Questions to the authority and its answers as bytes: a version, then the fields in the order of
/// the records' components, little-endian. Stateless.
public final class AuthorityCodec {

    static final int MEMBER_BYTES = 4 + 16;
    private static final int VERSION = 1;
    private static final int HEARTBEAT = 1;
    private static final int SUSPICION = 2;
    private static final int SEALED = 3;
    private static final int STANDS = 1;
    private static final int REFUSED = 2;
    private static final int MAX_REASON_BYTES = 1 << 12;

    private AuthorityCodec() {}

    /// A question as the command of the authority's service.
    public static Bytes encode(AuthorityQuestion question) {
        BytesWriter out = new BytesWriter(256);
        out.putByte(VERSION);
        out.putLong(question.cluster().high()).putLong(question.cluster().low());
        StopSignCodec.encode(question.first(), out);
        encodeMember(question.by(), out);
        switch (question.word()) {
            case AuthorityQuestion.Heartbeat beat -> {
                out.putByte(HEARTBEAT).putLong(beat.epoch());
                out.putByte(beat.isUpToDate() ? 1 : 0);
            }
            case AuthorityQuestion.Suspicion suspicion ->
                    out.putByte(SUSPICION).putInt(suspicion.peer().value());
            case AuthorityQuestion.Sealed agreed -> {
                out.putByte(SEALED);
                StopSignCodec.encode(agreed.next(), out);
                out.putLong(agreed.attempt());
            }
        }
        return out.toBytes();
    }

    /// Reads what [#encode(AuthorityQuestion)] wrote.
    ///
    /// @throws MalformedException if it is none
    public static AuthorityQuestion decodeQuestion(Bytes bytes) {
        BytesReader in = new BytesReader(bytes);
        requireVersion(in);
        ClusterId cluster = new ClusterId(in.getLong(), in.getLong());
        StopSign first = StopSignCodec.decode(in);
        Member by = decodeMember(in);
        int kind = in.getByte();
        AuthorityQuestion.Word word =
                switch (kind) {
                    case HEARTBEAT ->
                            new AuthorityQuestion.Heartbeat(
                                    in.getNonNegativeLong("epoch"), decodeFlag(in));
                    case SUSPICION -> new AuthorityQuestion.Suspicion(decodeReplica(in));
                    case SEALED ->
                            new AuthorityQuestion.Sealed(
                                    StopSignCodec.decode(in), in.getNonNegativeLong("attempt"));
                    default ->
                            throw new MalformedException("no question to the authority is " + kind);
                };
        in.requireEnd();
        return new AuthorityQuestion(cluster, first, by, word);
    }

    /// An answer as the reply of the authority's service.
    public static Bytes encode(AuthorityAnswer answer) {
        BytesWriter out = new BytesWriter(256);
        out.putByte(VERSION);
        switch (answer) {
            case AuthorityAnswer.Stands stands -> {
                out.putByte(STANDS);
                encodeView(stands.view(), out);
            }
            case AuthorityAnswer.Refused refused -> {
                byte[] reason = refused.reason().getBytes(StandardCharsets.UTF_8);
                out.putByte(REFUSED).putSized(Bytes.wrap(reason));
            }
        }
        return out.toBytes();
    }

    /// Reads what [#encode(AuthorityAnswer)] wrote.
    ///
    /// @throws MalformedException if it is none
    public static AuthorityAnswer decodeAnswer(Bytes bytes) {
        BytesReader in = new BytesReader(bytes);
        requireVersion(in);
        int kind = in.getByte();
        AuthorityAnswer answer =
                switch (kind) {
                    case STANDS -> new AuthorityAnswer.Stands(decodeView(in));
                    case REFUSED -> {
                        Bytes reason = in.getSized(MAX_REASON_BYTES, "reason");
                        yield new AuthorityAnswer.Refused(
                                new String(reason.toByteArray(), StandardCharsets.UTF_8));
                    }
                    default ->
                            throw new MalformedException("no answer of the authority is " + kind);
                };
        in.requireEnd();
        return answer;
    }

    static void encodeView(AuthorityView view, BytesWriter out) {
        StopSignCodec.encode(view.active(), out);
        out.putLong(view.activeAttempt());
        StopSign pending = view.pending();
        out.putByte(pending == null ? 0 : 1);
        if (pending != null) {
            StopSignCodec.encode(pending, out);
        }
        out.putLong(view.attempt());
    }

    static AuthorityView decodeView(BytesReader in) {
        return new AuthorityView(
                StopSignCodec.decode(in),
                in.getNonNegativeLong("attempt"),
                decodeFlag(in) ? StopSignCodec.decode(in) : null,
                in.getNonNegativeLong("attempt"));
    }

    static void encodeMember(Member member, BytesWriter out) {
        out.putInt(member.id().value());
        out.putLong(member.incarnation().high()).putLong(member.incarnation().low());
    }

    static Member decodeMember(BytesReader in) {
        return new Member(decodeReplica(in), new Incarnation(in.getLong(), in.getLong()));
    }

    static boolean decodeFlag(BytesReader in) {
        int value = in.getByte();
        if (value > 1) {
            throw new MalformedException("neither true nor false: " + value);
        }
        return value == 1;
    }

    private static ReplicaId decodeReplica(BytesReader in) {
        int value = in.getInt();
        if (value < 1 || value > ReplicaId.MAX_VALUE) {
            throw new MalformedException("replica id out of range: " + value);
        }
        return new ReplicaId(value);
    }

    private static void requireVersion(BytesReader in) {
        int version = in.getByte();
        if (version != VERSION) {
            throw new MalformedException(
                    "version "
                            + version
                            + " of what replicas and their authority say to each other is not"
                            + " known");
        }
    }
}

package dev.lockstep.replica;

import dev.lockstep.core.ClusterId;
import dev.lockstep.core.StopSign;
import dev.lockstep.core.wire.Bytes;
import dev.lockstep.core.wire.BytesReader;
import dev.lockstep.core.wire.BytesWriter;
import dev.lockstep.core.wire.MalformedException;
import dev.lockstep.core.wire.StopSignCodec;

import java.nio.charset.StandardCharsets;

/// What an operator of a cluster whose members may lie wants of its next epoch: the whole stop
/// sign, signed. Without that no honest member votes for one.
///
/// @param sign the stop sign, with a key for each member
/// @param operator the number of the operator, from 1
/// @param signature the operator's, under [#signedBytes]
public record Wish(StopSign sign, int operator, Bytes signature) {

    /// A wish has no more bytes.
    public static final int MAX_BYTES = 8_192;

    /// Where the signature's first bytes are.
    static final int NAME_OFFSET = 8;

    private static final int MAX_SIGNATURE_BYTES = 256;
    private static final int MIN_SIGNATURE_BYTES = 8;

    /// Tells what is signed here from all else that is signed in a cluster.
    private static final byte[] DOMAIN = "LSWISH1".getBytes(StandardCharsets.US_ASCII);

    /// What the operator signs.
    public static Bytes signedBytes(ClusterId cluster, int operator, StopSign sign) {
        BytesWriter out = new BytesWriter(512);
        out.put(DOMAIN, 0, DOMAIN.length).putByte(0);
        out.putLong(cluster.high()).putLong(cluster.low()).putInt(operator);
        StopSignCodec.encode(sign, out);
        return out.toBytes();
    }

    /// The wish as bytes: operator, signature, stop sign.
    public Bytes encode() {
        BytesWriter out = new BytesWriter(512);
        out.putInt(operator).putSized(signature);
        StopSignCodec.encode(sign, out);
        return out.toBytes();
    }

    /// Reads what [#encode] wrote.
    ///
    /// @throws MalformedException if it is none
    public static Wish decode(Bytes written) {
        if (written.size() > MAX_BYTES) {
            throw new MalformedException("a wish of " + written.size() + " bytes");
        }
        BytesReader in = new BytesReader(written);
        int operator = in.getInt();
        if (operator < 1) {
            throw new MalformedException("no operator has number " + operator);
        }
        Bytes signature = in.getSized(MAX_SIGNATURE_BYTES, "signature");
        if (signature.size() < MIN_SIGNATURE_BYTES) {
            throw new MalformedException("a signature of " + signature.size() + " bytes");
        }
        StopSign sign = StopSignCodec.decode(in);
        in.requireEnd();
        return new Wish(sign, operator, signature);
    }

    /// What tells it from other wishes, in batches and in memory.
    long name() {
        return signature.getLong(0);
    }

    /// The epoch that it ends.
    long endsEpoch() {
        return sign.next().value() - 1;
    }

    boolean isSigned(ClusterId cluster, Trust.Operators operators) {
        return operators.isGenuine(operator, signedBytes(cluster, operator, sign), signature);
    }
}

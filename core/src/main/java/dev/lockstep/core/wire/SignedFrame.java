package dev.lockstep.core.wire;

/// The content of a SIGNED frame: another frame of the client's, and what proves whose it is.
///
/// | field | bytes |
/// |---|---|
/// | the other frame's kind | u8 |
/// | size of the proof | u16 |
/// | proof | |
/// | the other frame's content, to the end | |
///
/// @param frameKind the other frame's kind
/// @param content its content
/// @param proof opaque here; see the package that makes it
public record SignedFrame(int frameKind, Bytes content, Bytes proof) {

    private static final int MAX_PROOF_BYTES = 0xffff;

    /// Appends what stands before the other frame's content.
    ///
    /// @throws IllegalArgumentException if the proof has more than 65,535 bytes
    public static void encodeHeader(int frameKind, Bytes proof, BytesWriter out) {
        if (proof.size() > MAX_PROOF_BYTES) {
            throw new IllegalArgumentException("a proof of " + proof.size() + " bytes");
        }
        out.putByte(frameKind).putShort(proof.size()).put(proof);
    }

    /// Reads a SIGNED frame's content, sharing its memory. What the other frame's kind and content
    /// are is not looked at.
    ///
    /// @throws MalformedException if it is too short
    public static SignedFrame decode(Bytes bytes) {
        BytesReader in = new BytesReader(bytes);
        int kind = in.getByte();
        Bytes proof = in.getBytes(in.getShort());
        return new SignedFrame(kind, in.getBytes(in.remaining()), proof);
    }
}

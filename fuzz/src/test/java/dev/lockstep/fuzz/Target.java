package dev.lockstep.fuzz;

import java.util.Map;

/// One decoder of bytes from outside, and what must hold whatever the bytes are.
///
/// Threading: one thread at a time; a target may keep objects that the product keeps as well.
public interface Target {

    /// A short word: of the seeds' file, of reports and of `-Dfuzz.target`.
    String name();

    /// Decodes `input` and checks what must hold of the result. Anything thrown is a finding.
    ///
    /// @return true if the decoder took it, false if it refused it as it declares
    boolean takes(byte[] input) throws Exception;

    /// Inputs with real encodings, at least one of every kind, by name. Each is taken.
    Map<String, byte[]> seeds() throws Exception;

    /// The most that decoding an input of this size may allocate, everything that [#takes] itself
    /// allocates included.
    default long mostAllocatedBytes(int inputBytes) {
        return (256L << 10) + 256L * inputBytes;
    }
}

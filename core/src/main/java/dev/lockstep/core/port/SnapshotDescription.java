package dev.lockstep.core.port;

import dev.lockstep.core.wire.Bytes;

/// One complete snapshot: where it was taken and what its content is, chunk headers and all else of
/// the file left out.
///
/// @param position the last position whose effects it holds
/// @param chunks how many chunks the content is cut into; 0 if there is no content
/// @param sizeBytes of the content
/// @param digest SHA-256 of the content
public record SnapshotDescription(long position, int chunks, long sizeBytes, Bytes digest) {

    /// The size of a digest.
    public static final int DIGEST_BYTES = 32;

    public SnapshotDescription {
        if (position < 0
                || chunks < 0
                || sizeBytes < chunks
                || (chunks == 0) != (sizeBytes == 0)
                || digest.size() != DIGEST_BYTES) {
            throw new IllegalArgumentException(
                    "no snapshot has position "
                            + position
                            + ", "
                            + chunks
                            + " chunks, "
                            + sizeBytes
                            + " bytes and a digest of "
                            + digest.size()
                            + " bytes");
        }
    }
}

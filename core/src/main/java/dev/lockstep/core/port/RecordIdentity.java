package dev.lockstep.core.port;

import dev.lockstep.core.wire.Bytes;

/// What tells a record of a journal from others, on whatever replica it is: enough to know it again
/// without its content.
///
/// @param kind the host's tag
/// @param epoch the epoch it was written in
/// @param length of its content, in bytes
/// @param checksum CRC32C of its content
public record RecordIdentity(int kind, long epoch, int length, int checksum) {

    /// True if this is the content of such a record.
    public boolean fits(Bytes content) {
        return content.size() == length && content.crc32c() == checksum;
    }
}

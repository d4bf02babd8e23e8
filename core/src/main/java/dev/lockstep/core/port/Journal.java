package dev.lockstep.core.port;

import dev.lockstep.core.wire.Bytes;

import java.util.List;

/// A replica's append-only durable log, as the replica sees it.
///
/// The host appends within a duty cycle; whoever drives the host writes and syncs what was appended
/// (group commit) and reports back with `Replica.onDurable`. Nothing here blocks on a sync.
///
/// Threading: the replica's thread.
public interface Journal {

    /// Appends one record and returns its sequence: one more than the last, the first being 1.
    ///
    /// The bytes of `head` are copied before the call returns; `body` is kept until written.
    ///
    /// @param kind the host's tag for what wrote the record, 0 to 255
    /// @param epoch the epoch of the record
    /// @param head the beginning of the record's content
    /// @param body the rest of the content, often a batch's payload; may be empty
    long append(int kind, long epoch, Bytes head, Bytes body);

    /// The same of a record for which nothing waits: it is written together with one that comes
    /// after it, or in a quiet moment.
    default long appendLazily(int kind, long epoch, Bytes head, Bytes body) {
        return append(kind, epoch, head, body);
    }

    /// How many bytes were appended since it was opened, with what the journal adds to each record.
    long appendedBytes();

    /// Records below `sequence` are not needed any more. They may go at any time, or stay.
    void dropBefore(long sequence);

    /// The first record that [#read] can read; one more than [#lastSequence] if there is none.
    long firstSequence();

    /// The highest sequence appended; 0 before the first.
    long lastSequence();

    /// The highest sequence known to be durable.
    long durableThrough();

    /// Bytes appended and not yet durable: for back-pressure.
    long pendingBytes();

    /// False while the disk is full, or nearly: admission then answers `OVERLOADED`.
    boolean hasRoom();

    /// Reads one record back; for history, not for the path of a request. May block on the disk.
    ///
    /// @throws java.io.UncheckedIOException if the file cannot be read or the record is damaged
    JournalRecord read(long sequence);

    /// Begins to look for durable records by what they are: for a replica that has lost some. It
    /// goes through the whole journal and may block on the disk.
    RecordSearch search(List<RecordIdentity> wanted);
}

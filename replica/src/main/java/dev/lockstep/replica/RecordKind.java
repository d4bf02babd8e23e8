package dev.lockstep.replica;

/// The host's tags of journal records. Codes are on disks: add, never renumber.
final class RecordKind {

    /// A record of the epoch's protocol.
    static final int PROTOCOL = 1;

    /// A chunk of the host's own index of delivered history ([HistoryIndex]).
    static final int HISTORY_INDEX = 2;

    /// From here on the journal leads on from a snapshot ([JournalPrefix]).
    static final int BASE = 3;

    /// A snapshot was taken of a state that the journal before this record leads to
    /// ([JournalPrefix]).
    static final int TAKEN = 4;

    /// An epoch begins ([EpochRecord]).
    static final int EPOCH = 5;

    /// Nothing: it stands where a record was that is damaged and can be done without.
    static final int VOID = 6;

    /// The state that the journal before this record leads to is not to be believed
    /// ([Quarantine]).
    static final int DISTRUST = 7;

    private RecordKind() {}
}

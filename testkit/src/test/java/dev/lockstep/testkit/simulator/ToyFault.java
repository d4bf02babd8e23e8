package dev.lockstep.testkit.simulator;

/// A mistake that a [ToySequencer] can be made to make, so that the simulator shows that it would
/// notice.
enum ToyFault {
    /// The protocol as it should be.
    NONE,
    /// A follower says that it has durable what it has only written.
    ACKNOWLEDGES_BEFORE_DURABLE,
    /// The sequencer tells the others what it has only written.
    SENDS_BEFORE_DURABLE,
    /// The sequencer executes what it has only written, before anybody else has heard of it.
    DELIVERS_BEFORE_DURABLE,
    /// The sequencer numbers a batch as often as it arrives.
    NUMBERS_TWICE,
    /// The sequencer numbers a batch whose predecessor is still on its way.
    NUMBERS_OUT_OF_TURN,
    /// The sequencer gives the last member other batches than the rest.
    EQUIVOCATES,
    /// The sequencer makes up a batch now and then.
    INVENTS,
    /// A follower reads what it has.
    READS_WITHOUT_ASKING,
    /// Agreed time is whatever the sequencer's clock says.
    TIME_GOES_BACK,
    /// Agreed time never moves.
    TIME_STANDS_STILL,
    /// The sequencer does not look at the last record after a restart.
    FORGETS_A_POSITION,
    /// A batch is forwarded once.
    NEVER_REPEATS,
    /// A follower does not ask for what it lacks.
    NEVER_CATCHES_UP,
    /// A replica changes its mind about where to go although nothing happens.
    PREFERS_ANOTHER,
    /// A follower's message waits for a write that nobody makes.
    HOLDS_BACK,
    /// A follower gives up.
    HALTS,
    /// A follower accuses the sequencer.
    ACCUSES
}

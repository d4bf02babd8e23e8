package dev.lockstep.replica;

/// What a replica was asked itself, as far as the judgement of others' batches is concerned.
interface KnownRequests {

    /// Of a replica that keeps nothing that it was asked.
    KnownRequests NONE =
            new KnownRequests() {
                @Override
                public void beginJudgement() {}

                @Override
                public Knowledge of(RequestCursor request) {
                    return Knowledge.NO_SUCH_NAME;
                }
            };

    /// What is known of a request.
    enum Knowledge {
        /// This replica has it, byte for byte, and checked then whose it is.
        KNOWN,
        /// This replica has another one of this name.
        DIFFERENT,
        /// The batch has one of this name already, which this replica was asked about before.
        REPEATED,
        /// This replica has none of this name.
        NO_SUCH_NAME
    }

    /// The requests of one batch come now, each once.
    void beginJudgement();

    /// What is known of the one that the cursor is at.
    Knowledge of(RequestCursor request);
}

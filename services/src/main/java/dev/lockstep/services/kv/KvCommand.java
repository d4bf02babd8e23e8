package dev.lockstep.services.kv;

/// A command that the state machine executes.
public final class KvCommand {

    /// How a command has to be sent.
    public enum Access {
        /// Changes nothing: a query.
        READ,
        /// Changes nothing, but looks at agreed time or draws a random number, which only commands
        /// have.
        ORDERED_READ,
        /// May change the state.
        WRITE
    }

    /// What a command does.
    @FunctionalInterface
    interface Action {

        /// Executes a call whose arity is right.
        ///
        /// @throws RedisError before anything was changed or written
        void execute(Call call);
    }

    private final CommandSpec spec;
    private final int code;
    private final Access access;
    private final Action action;

    /// @param code stands for the name in requests and journals: add, never renumber
    KvCommand(CommandSpec spec, int code, Access access, Action action) {
        this.spec = spec;
        this.code = code;
        this.access = access;
        this.action = action;
    }

    /// What Redis's `COMMAND` says about it.
    public CommandSpec spec() {
        return spec;
    }

    /// What stands for its name in a request.
    public int code() {
        return code;
    }

    /// How it has to be sent.
    public Access access() {
        return access;
    }

    Action action() {
        return action;
    }
}

package dev.lockstep.testkit.history;

/// What people call those who called operations.
enum Callers {
    /// Sessions, in hexadecimal.
    SESSIONS("session") {
        @Override
        String numberOf(long session) {
            return Long.toHexString(session);
        }
    },
    /// Jepsen's processes, of which each is the session of the next number.
    PROCESSES("process") {
        @Override
        String numberOf(long session) {
            return Long.toString(session - 1);
        }
    };

    private final String noun;

    Callers(String noun) {
        this.noun = noun;
    }

    abstract String numberOf(long session);

    /// Such as `session 7`, or `no session`.
    String nameOf(Operation operation) {
        return operation.session() == 0 ? "no " + noun : noun + " " + numberOf(operation.session());
    }
}

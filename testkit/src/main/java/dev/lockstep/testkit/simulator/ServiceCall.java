package dev.lockstep.testkit.simulator;

import dev.lockstep.testkit.history.Operation;

import java.nio.ByteBuffer;

/// One call of the simulated service, as bytes and as a word of the history.
///
/// @param first the difference, the value, the old value, or the delay in nanoseconds
/// @param second the new value
record ServiceCall(Function function, int key, long first, long second) {

    static final int BYTES = 1 + 1 + 8 + 8;

    /// Keys below are counters, those from here on registers.
    static final int FIRST_REGISTER = 4;

    static final int KEYS = 8;

    enum Function {
        /// Adds to a counter and returns the sum.
        ADD,
        /// Writes a register and returns what it was.
        WRITE,
        /// Compares a register with `first` and, if equal, writes `second`: returns 1, or 0.
        CAS,
        /// Draws a random number, adds it to the state and returns it.
        RANDOM,
        /// Counts one at a later agreed time; returns that time.
        LATER,
        /// Throws.
        BOOM,
        /// Returns a counter or register.
        READ
    }

    private static final Function[] FUNCTIONS = Function.values();

    byte[] encode() {
        return ByteBuffer.allocate(BYTES)
                .put((byte) function.ordinal())
                .put((byte) key)
                .putLong(first)
                .putLong(second)
                .array();
    }

    static ServiceCall decode(ByteBuffer in) {
        Function function = FUNCTIONS[in.get()];
        return new ServiceCall(function, in.get(), in.getLong(), in.getLong());
    }

    boolean isCounter() {
        return key < FIRST_REGISTER;
    }

    /// True if histories have a word for it.
    boolean isOfHistory() {
        return switch (function) {
            case ADD, WRITE, CAS, READ -> true;
            case RANDOM, LATER, BOOM -> false;
        };
    }

    String word() {
        return switch (function) {
            case ADD -> "add";
            case WRITE -> "getset";
            case CAS -> "cas";
            case READ -> "get";
            case RANDOM, LATER, BOOM -> throw new IllegalArgumentException(function.name());
        };
    }

    String argument() {
        return switch (function) {
            case ADD, WRITE -> Long.toString(first);
            case CAS -> text(first) + " " + second;
            default -> "";
        };
    }

    /// What the history says was returned.
    String result(long value) {
        return switch (function) {
            case ADD -> Long.toString(value);
            case CAS -> value == 1 ? "ok" : "no";
            default -> text(value);
        };
    }

    @Override
    public String toString() {
        String where =
                key < FIRST_REGISTER ? "counter " + key : "register " + (key - FIRST_REGISTER);
        return switch (function) {
            case ADD -> "add " + first + " to " + where;
            case WRITE -> "write " + first + " to " + where;
            case CAS -> "set " + where + " from " + first + " to " + second;
            case READ -> "read " + where;
            case RANDOM -> "draw a number";
            case LATER -> "count in " + first / 1_000_000 + " ms";
            case BOOM -> "throw";
        };
    }

    private static String text(long value) {
        return value == 0 ? Operation.NIL : Long.toString(value);
    }
}

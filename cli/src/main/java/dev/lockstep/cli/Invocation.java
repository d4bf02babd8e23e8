package dev.lockstep.cli;

/// This run of the command.
public final class Invocation {

    private static volatile boolean ending;

    private Invocation() {}

    /// What people type to run the command: the launcher says what it was called.
    public static String name() {
        return System.getProperty("lockstep.command", "lockstep");
    }

    /// To be called when the process begins to shut down.
    static void ending() {
        ending = true;
    }

    static boolean isEnding() {
        return ending;
    }
}

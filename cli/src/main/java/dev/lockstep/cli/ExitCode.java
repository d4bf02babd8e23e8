package dev.lockstep.cli;

/// What the process tells its caller.
public final class ExitCode {

    /// What was asked for is done.
    public static final int DONE = 0;

    /// It could not be done, or what was checked does not hold.
    public static final int FAILED = 1;

    /// The command line makes no sense; nothing was tried.
    public static final int USAGE = 2;

    /// Whether what was checked holds could not be found out.
    static final int UNDECIDED = 3;

    private ExitCode() {}
}

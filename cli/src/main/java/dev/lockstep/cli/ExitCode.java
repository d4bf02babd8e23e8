package dev.lockstep.cli;

/// What the process tells its caller.
final class ExitCode {

    /// What was asked for is done.
    static final int DONE = 0;

    /// It could not be done, or what was checked does not hold.
    static final int FAILED = 1;

    /// The command line makes no sense; nothing was tried.
    static final int USAGE = 2;

    private ExitCode() {}
}

package dev.lockstep.testkit.simulator;

/// What clients want of the cluster in one run, and how one knows that all of it has come about.
interface Demand {

    /// The cluster is starting, and so do its clients.
    void begin();

    /// Lets time pass until it is time for the faults to end.
    ///
    /// @throws Exception what a test's own code throws
    void pass() throws Exception;

    /// The faults are over: nothing new is asked for, but for what shows that all is well.
    void finish();

    /// True once everything that was asked for has an outcome, and what [#finish] asked for has
    /// come about.
    boolean isFinished();
}

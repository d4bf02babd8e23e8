package dev.lockstep.testkit.simulator;

/// What clients and a test do with a simulated cluster: the code between its start and the end of
/// all faults.
///
/// It runs once a seed, each time with a cluster of its own. For the same seed it must do the same:
/// whatever it decides by chance it draws from [SimulatedCluster#random()]; it keeps nothing from
/// one seed to the next. When it returns, everything is healed and every promise is checked, of the
/// cluster and of the service; what it throws ends the run as a failure.
///
/// Threading: the thread that runs the seed; nobody else may touch the cluster.
@FunctionalInterface
public interface Scenario {

    /// Runs it.
    ///
    /// @throws Exception a failure of this seed
    void play(SimulatedCluster cluster) throws Exception;
}

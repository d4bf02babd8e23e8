package dev.lockstep.cli.soak;

import java.io.IOException;
import java.util.List;

/// Something bad that is done to a cluster and later undone.
///
/// Threading: one thread at a time.
interface Fault {

    /// Which it is.
    FaultKind kind();

    /// What is done to whom, such as `kill of replica 2`.
    @Override
    String toString();

    /// Whom it harms.
    List<SoakReplica> victims();

    /// True if nobody can be answered while it lasts.
    default boolean stopsAll() {
        return false;
    }

    /// Does it.
    ///
    /// @throws IOException if the system refuses
    /// @throws ViolationException if the cluster reacts in a way that it must not
    void begin() throws IOException, InterruptedException, ViolationException;

    /// Halfway through: does something more of the same.
    default void stir() throws IOException, InterruptedException, ViolationException {}

    /// Undoes it as far as it was done; does nothing if it was not, or is undone already. What was
    /// stopped is started and need not be up when this returns.
    void end() throws IOException, InterruptedException, ViolationException;
}

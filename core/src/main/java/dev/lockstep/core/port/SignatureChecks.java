package dev.lockstep.core.port;

import java.util.function.BooleanSupplier;

/// Where signatures are checked: at once on the replica's own thread, or on others.
///
/// Who does it elsewhere answers [Verdict#LATER], and the driver hands the result in
/// (`Replica.onChecked`) on the replica's thread, in whatever order. Every check is answered once,
/// unless the replica is dropped before. Results that the driver has by some time are handed in
/// before it calls `advance` with that time.
@FunctionalInterface
public interface SignatureChecks {

    /// What is known when [#check] returns.
    enum Verdict {
        /// Everything is signed by whom it should be.
        GENUINE,
        /// It is not.
        FORGED,
        /// Not known yet.
        LATER
    }

    /// On the calling thread.
    SignatureChecks AT_ONCE =
            (_, isGenuine) -> isGenuine.getAsBoolean() ? Verdict.GENUINE : Verdict.FORGED;

    /// Runs a check, or has it run.
    ///
    /// @param ticket names the check in its later answer; ascends within a boot
    /// @param isGenuine pure; may run on any thread
    Verdict check(long ticket, BooleanSupplier isGenuine);
}

package dev.lockstep.replica;

import dev.lockstep.core.Epoch;

/// What becomes of a [MemberChange].
public sealed interface ChangeAnswer {

    /// A stop sign is on its way; it may still lose to another one.
    ///
    /// @param next the epoch that it begins
    record Begun(Epoch next) implements ChangeAnswer {}

    /// It is so already.
    record Done() implements ChangeAnswer {}

    /// It is not done now.
    ///
    /// @param sentence why, and what to do
    /// @param isPassing true if the reason may go away by itself, such as a newcomer that is still
    ///     behind: ask again
    record Refused(String sentence, boolean isPassing) implements ChangeAnswer {}
}

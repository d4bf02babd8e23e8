package dev.lockstep.replica;

import dev.lockstep.core.ReplicaId;

import java.util.HexFormat;

/// The first command to which this replica gave another reply than the majority, or that changed
/// something else here, as far as the service says what commands change.
///
/// @param command the command, and the reply chain that it led to here
/// @param peer a replica of the majority
/// @param peerChain the reply chain that it led to there
public record FirstDifference(ExecutedCommand command, ReplicaId peer, long peerChain) {

    /// One sentence without its end.
    @Override
    public String toString() {
        HexFormat hex = HexFormat.of();
        return "the first command with another reply or effect is at position %d: %s (number %d of session %d), after which the reply chain is %s here and %s at replica %s"
                .formatted(
                        command.position(),
                        command.words(),
                        command.sequence(),
                        command.session(),
                        hex.toHexDigits(command.chain()),
                        hex.toHexDigits(peerChain),
                        peer);
    }
}

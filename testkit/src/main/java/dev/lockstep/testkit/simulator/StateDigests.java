package dev.lockstep.testkit.simulator;

import dev.lockstep.replica.Replica;
import dev.lockstep.replica.StateDigest;

import java.util.HashMap;
import java.util.HexFormat;
import java.util.Map;

/// What the replicated state was after positions. Every replica that has executed exactly as far
/// must have the same, however it got there: by executing, from its journal or from a snapshot.
///
/// Threading: that of the run.
final class StateDigests {

    /// For so many bytes of state one more position is passed over after each, so that large states
    /// do not make a run slow.
    private static final long BYTES_A_POSITION = 4_096;

    private static final HexFormat HEX = HexFormat.of();
    private static final int SHOWN_BYTES = 4;

    /// Where a process was when it was last looked at.
    private record Look(int boot, long position) {}

    /// By replica's index.
    private final Map<Integer, Look> looks = new HashMap<>();

    /// By position.
    private final Map<Long, StateDigest> known = new HashMap<>();

    /// Of so many positions one is compared.
    private long stride = 1;

    /// A replica has done something.
    void look(SimNode node) {
        Replica replica = node.replica();
        Look look = new Look(node.boot(), replica.executedPosition());
        if (!node.isFlawed()
                && !replica.isExecutionPaused()
                && !look.equals(looks.put(node.index(), look))) {
            compare(node, replica, look.position());
        }
    }

    private void compare(SimNode node, Replica replica, long position) {
        StateDigest before = known.get(position);
        if (before == null && position % stride != 0) {
            return;
        }
        StateDigest digest = replica.stateDigest();
        if (before == null) {
            known.put(position, digest);
            stride = 1 + node.service().frozenBytes() / BYTES_A_POSITION;
        } else if (!before.equals(digest)) {
            throw new Violation(
                    "states are equal at equal positions: after position %d %s has %s, another replica %s"
                            .formatted(
                                    position, node, words(digest, before), words(before, digest)));
        }
    }

    /// What of a state differs from another, in words.
    private static String words(StateDigest digest, StateDigest other) {
        if (!digest.state().equals(other.state())) {
            return "a machine whose snapshot has the SHA-256 "
                    + HEX.formatHex(digest.state().toByteArray(), 0, SHOWN_BYTES);
        }
        if (!digest.host().equals(other.host())) {
            return "sessions and delivered batches with the SHA-256 "
                    + HEX.formatHex(digest.host().toByteArray(), 0, SHOWN_BYTES);
        }
        return "a reply chain of %016x".formatted(digest.chain());
    }
}

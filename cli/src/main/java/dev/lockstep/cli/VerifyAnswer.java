package dev.lockstep.cli;

import org.jspecify.annotations.Nullable;

import java.util.LinkedHashMap;
import java.util.Map;

/// What came of asking one replica for its digests.
///
/// @param admin whom to ask for more
/// @param name the replica's number, or its address if it told none
/// @param digest null if there is none
/// @param trouble why there is no digest; empty if there is one
/// @param hasPassed true if there is none because the position was executed already
/// @param millis how long it took
record VerifyAnswer(
        AdminClient admin,
        String name,
        @Nullable Digest digest,
        String trouble,
        boolean hasPassed,
        long millis) {

    /// Equal on all replicas at equal positions.
    ///
    /// @param state of the service; empty if it cannot be frozen
    /// @param host of what the host replicates: sessions, delivered batches, agreed time
    /// @param chain of all replies
    record Digest(long position, String state, String host, String chain) {

        boolean hasState() {
            return !state.isEmpty();
        }
    }

    Map<String, Object> asJson() {
        Map<String, Object> one = new LinkedHashMap<>();
        one.put("replica", name);
        one.put("address", admin.address());
        if (digest == null) {
            one.put("error", trouble);
        } else {
            one.put("position", digest.position());
            one.put("state", digest.state());
            one.put("host", digest.host());
            one.put("chain", digest.chain());
        }
        return one;
    }
}

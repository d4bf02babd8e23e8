package dev.lockstep.testkit.simulator;

import dev.lockstep.api.LockstepException;
import dev.lockstep.api.OverloadedException;
import dev.lockstep.api.RefusedException;
import dev.lockstep.api.ServiceFailureException;
import dev.lockstep.api.SessionExpiredException;
import dev.lockstep.api.UnavailableException;
import dev.lockstep.api.UnknownOutcomeException;
import dev.lockstep.client.Outcome;
import dev.lockstep.core.wire.Bytes;

import org.jspecify.annotations.Nullable;

import java.nio.charset.StandardCharsets;

/// A command or a query of a [SimulatedClient] that is under way, or was.
///
/// Threading: the thread that runs the scenario.
public final class Pending {

    private final SimulatedCluster cluster;
    private final String words;
    private final long latestNanos;
    private @Nullable Outcome outcome;
    private byte[] reply = new byte[0];

    /// True once the scenario has looked at the outcome.
    private boolean isNoticed;

    /// @param latestNanos when there is an outcome at the latest
    Pending(SimulatedCluster cluster, String words, long latestNanos) {
        this.cluster = cluster;
        this.words = words;
        this.latestNanos = latestNanos;
    }

    void learn(Outcome told, Bytes bytes) {
        outcome = told;
        reply = bytes.toByteArray();
    }

    /// True once the outcome is known, whatever it is.
    public boolean isDone() {
        return outcome != null;
    }

    /// Lets time pass until the outcome is known, and returns the machine's reply; at once if it is
    /// known already. The client's deadline bounds the wait.
    ///
    /// @throws LockstepException if there is no reply; the subtype says what is known, as with
    ///     [dev.lockstep.api.Client]
    public byte[] await() {
        cluster.runUntil(this::isDone, latestNanos);
        isNoticed = true;
        Outcome known = outcome;
        if (known != Outcome.OK && known != Outcome.SERVICE_FAILURE) {
            cluster.faults().requireChanges(words + " is answered");
        }
        if (known == null) {
            // A query of a session that has expired: nobody answers it any more.
            throw new UnavailableException(words + ": the client's session has ended");
        }
        if (known == Outcome.OK) {
            return reply.clone();
        }
        throw exception(known, words + ": " + new String(reply, StandardCharsets.UTF_8));
    }

    private static LockstepException exception(Outcome outcome, String sentence) {
        return switch (outcome) {
            case SERVICE_FAILURE -> new ServiceFailureException(sentence);
            case REFUSED -> new RefusedException(sentence);
            case OVERLOADED -> new OverloadedException(sentence);
            case SESSION_EXPIRED -> new SessionExpiredException(sentence);
            case UNKNOWN -> new UnknownOutcomeException(sentence);
            case UNAVAILABLE -> new UnavailableException(sentence);
            case OK -> throw new IllegalArgumentException("a reply is no failure");
        };
    }

    /// A bug of the service must not go unseen because nobody waited for the command.
    void requireNoticed() {
        Violation.check(
                outcome != Outcome.SERVICE_FAILURE || isNoticed,
                "the service threw and the test did not look: "
                        + words
                        + ": "
                        + new String(reply, StandardCharsets.UTF_8));
    }

    @Override
    public String toString() {
        return words + " " + (outcome == null ? "is under way" : outcome);
    }
}

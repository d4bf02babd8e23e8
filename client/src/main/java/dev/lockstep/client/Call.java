package dev.lockstep.client;

import dev.lockstep.api.LockstepException;
import dev.lockstep.api.OverloadedException;
import dev.lockstep.api.RefusedException;
import dev.lockstep.api.Reply;
import dev.lockstep.api.ServiceFailureException;
import dev.lockstep.api.SessionExpiredException;
import dev.lockstep.api.UnavailableException;
import dev.lockstep.api.UnknownOutcomeException;
import dev.lockstep.core.wire.Bytes;
import dev.lockstep.core.wire.ClientRequest.Freshness;

import org.jspecify.annotations.Nullable;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicInteger;

/// One call on its way to the client's thread and back: stage, queue node and completion in one,
/// because there is one for every request.
final class Call extends CompletableFuture<Reply> implements Completion {

    private final byte[] request;

    /// Null for a command.
    private final @Nullable Freshness freshness;

    /// On the clock of [System#nanoTime].
    private final long deadline;

    /// How many calls of its kind have no outcome.
    private final AtomicInteger inFlight;

    /// The call pushed before this one, while in the queue.
    @Nullable Call previous;

    private Call(
            byte[] request,
            @Nullable Freshness freshness,
            long timeoutNanos,
            AtomicInteger inFlight) {
        this.request = request;
        this.freshness = freshness;
        this.deadline = System.nanoTime() + timeoutNanos;
        this.inFlight = inFlight;
    }

    static Call command(byte[] command, long timeoutNanos, AtomicInteger inFlight) {
        return new Call(command, null, timeoutNanos, inFlight);
    }

    static Call query(
            byte[] query, Freshness freshness, long timeoutNanos, AtomicInteger inFlight) {
        return new Call(query, freshness, timeoutNanos, inFlight);
    }

    static Call nobody() {
        return new Call(new byte[0], null, 0, new AtomicInteger());
    }

    /// Counts the call as in flight.
    ///
    /// @return false if there are `most` already
    boolean begin(int most) {
        if (inFlight.incrementAndGet() > most) {
            inFlight.decrementAndGet();
            return false;
        }
        return true;
    }

    void issueOn(LoopClient session) {
        long timeout = deadline - System.nanoTime();
        if (freshness == null) {
            session.command(request, timeout, this);
        } else {
            session.query(Bytes.wrap(request), freshness, timeout, this);
        }
    }

    @Override
    public void onOutcome(Outcome outcome, long position, byte[] bytes, int offset, int length) {
        byte[] copy = Arrays.copyOfRange(bytes, offset, offset + length);
        if (outcome == Outcome.OK) {
            inFlight.decrementAndGet();
            complete(new Reply(copy, position));
        } else {
            fail(exception(outcome, new String(copy, StandardCharsets.UTF_8)));
        }
    }

    void fail(LockstepException why) {
        inFlight.decrementAndGet();
        completeExceptionally(why);
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
}

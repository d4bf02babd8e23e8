package dev.lockstep.cli;

import com.fasterxml.jackson.databind.JsonNode;

import org.jspecify.annotations.Nullable;

import java.io.IOException;
import java.time.Duration;

/// Asks one replica for its digests at a position, again and again until they are there.
///
/// Threading: one thread.
final class VerifyPoll {

    private static final long POLL_MILLIS = 25;

    /// A replica that does not come nearer the position for so long does not answer.
    private static final long STANDS_NANOS = 10_000_000_000L;

    private final AdminClient replica;
    private final long position;
    private final Duration patience;
    private final long begun = System.nanoTime();

    /// What it is called: its number; with its address until it has answered.
    private String name;

    private long executed = -1;
    private long movedAt = begun;

    VerifyPoll(AdminClient replica, long position, Duration patience) {
        this.replica = replica;
        this.position = position;
        this.patience = patience;
        this.name = AdminClient.nameOf(replica.replica(), replica.address());
    }

    VerifyAnswer answer() {
        try {
            VerifyAnswer answer = ask();
            while (answer == null) {
                Thread.sleep(POLL_MILLIS);
                answer = ask();
            }
            return answer;
        } catch (IOException e) {
            return none("it does not answer (" + Reason.of(e) + ")");
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return none("the comparison was interrupted");
        }
    }

    /// Null if there is none yet.
    private @Nullable VerifyAnswer ask() throws IOException {
        JsonNode page = replica.get("/digest", "at=" + position);
        name = page.path("self").asText();
        long now = System.nanoTime();
        switch (page.path("phase").asText()) {
            case "done" -> {
                return done(page, (now - begun) / 1_000_000);
            }
            case "passed" -> {
                String late = "it had passed position " + position + " when it was asked";
                return new VerifyAnswer(replica, name, null, late, true, 0);
            }
            case "unable" -> {
                return none(page.path("reason").asText());
            }
            case "digesting" -> movedAt = now;
            default -> {
                long reached = page.path("executedPosition").asLong();
                movedAt = reached > executed ? now : movedAt;
                executed = reached;
            }
        }
        if (now - movedAt > STANDS_NANOS) {
            return none("it stands at position %d, before %d".formatted(executed, position));
        }
        return now - begun > patience.toNanos()
                ? none("it did not answer within %d s".formatted(patience.toSeconds()))
                : null;
    }

    private VerifyAnswer done(JsonNode page, long millis) {
        VerifyAnswer.Digest digest =
                new VerifyAnswer.Digest(
                        page.path("position").asLong(),
                        page.path("state").asText(),
                        page.path("host").asText(),
                        page.path("chain").asText());
        return new VerifyAnswer(replica, name, digest, "", false, millis);
    }

    private VerifyAnswer none(String trouble) {
        return new VerifyAnswer(replica, name, null, trouble, false, 0);
    }
}

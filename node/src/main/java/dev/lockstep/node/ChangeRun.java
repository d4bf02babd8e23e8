package dev.lockstep.node;

import com.fasterxml.jackson.databind.JsonNode;

import dev.lockstep.node.ChangeProgress.Phase;

import org.jspecify.annotations.Nullable;

import java.io.IOException;
import java.time.Duration;
import java.util.function.Consumer;

/// Asks for one change again and again until it is done, or it is clear that it will not be.
///
/// Threading: one thread.
final class ChangeRun {

    private static final long POLL_MILLIS = 10;

    /// What is missing and does not come nearer for so long does not come.
    private static final long STANDS_NANOS = 10_000_000_000L;

    /// A newcomer may just be starting.
    private static final long NEWCOMER_STANDS_NANOS = 60_000_000_000L;

    /// A stop sign that was asked for is asked for again after this.
    private static final long ORDER_NANOS = 1_000_000_000L;

    private final ClusterAdmin admin;
    private final String path;
    private final String query;

    /// The number of the replica that must catch up; 0 if there is none.
    private final int newcomer;

    private final Duration timeout;
    private final Consumer<ChangeProgress> progress;
    private final long begun = System.nanoTime();

    /// What was waited for last, and since when nothing of it has changed.
    private Phase phase = Phase.WAITING;

    private long reached = -1;
    private long movedAt = begun;

    /// What a member answered last, or a replica if none has: it says more than that another one
    /// does not answer, or is no member.
    private String heard = "";

    private boolean hasHeardMember;

    ChangeRun(
            ClusterAdmin admin,
            String path,
            String query,
            int newcomer,
            Duration timeout,
            Consumer<ChangeProgress> progress) {
        this.admin = admin;
        this.path = path;
        this.query = query;
        this.newcomer = newcomer;
        this.timeout = timeout;
        this.progress = progress;
    }

    ClusterMembers run() throws InterruptedException {
        while (true) {
            try {
                JsonNode page = admin.ask("POST", path, query);
                ClusterMembers done = onAnswer(page);
                if (done != null) {
                    return done;
                }
            } catch (IOException e) {
                String silence = "a replica does not answer: " + e.getMessage();
                wait(Phase.WAITING, 0, 0, 0, heard.isEmpty() ? silence : heard);
            }
        }
    }

    /// Null if it is not done yet.
    private @Nullable ClusterMembers onAnswer(JsonNode page)
            throws IOException, InterruptedException {
        String sentence = page.path("sentence").asText();
        if (!page.has("members")) {
            heard = hasHeardMember ? heard : sentence;
            admin.askAnother();
            wait(Phase.WAITING, 0, 0, 0, sentence);
            return null;
        }
        ClusterMembers members = ClusterMembers.of(page);
        heard = members.isMember() || !hasHeardMember ? sentence : heard;
        hasHeardMember |= members.isMember();
        switch (page.path("answer").asText()) {
            case "done" -> {
                if (members.isSettled()) {
                    return members;
                }
                wait(Phase.SETTLING, members.epoch(), 0, members.position(), sentence);
            }
            case "begun" -> awaitEpoch(page.path("next").asLong());
            case "refused" -> {
                if (!page.path("passing").asBoolean()) {
                    throw new MemberChangeException(sentence);
                }
                onRefusedForNow(members, sentence);
            }
            default -> throw new IOException("it gives no answer");
        }
        return null;
    }

    private void onRefusedForNow(ClusterMembers members, String sentence)
            throws InterruptedException {
        ClusterMembers.Learner learner = members.learner(newcomer);
        if (!members.isMember()) {
            // Others know better; of those there are, one was a member a moment ago.
            admin.askAnother();
            pause(phase, reached, heard);
        } else if (learner == null) {
            admin.askAnother();
            wait(Phase.WAITING, 0, 0, members.position(), sentence);
        } else {
            wait(
                    Phase.CATCHING_UP,
                    learner.position(),
                    learner.position(),
                    members.position(),
                    sentence);
        }
    }

    /// The stop sign takes a moment, and may lose to another.
    private void awaitEpoch(long next) throws IOException, InterruptedException {
        long asked = System.nanoTime();
        while (System.nanoTime() - asked < ORDER_NANOS) {
            JsonNode page = admin.ask("GET", MemberPages.PATH, null);
            if (page.path("epoch").asLong() >= next) {
                return;
            }
            wait(
                    Phase.ORDERING,
                    next,
                    0,
                    page.path("position").asLong(),
                    "the stop sign of epoch " + next + " is being ordered");
        }
    }

    private void wait(
            Phase now, long measure, long learnerPosition, long clusterPosition, String sentence)
            throws InterruptedException {
        progress.accept(new ChangeProgress(now, learnerPosition, clusterPosition, sentence));
        pause(now, measure, sentence);
    }

    /// @throws MemberChangeException if that was for too long
    private void pause(Phase now, long measure, String sentence) throws InterruptedException {
        long nanos = System.nanoTime();
        if (now != phase || measure > reached) {
            phase = now;
            reached = measure;
            movedAt = nanos;
        }
        long patience = newcomer == 0 ? STANDS_NANOS : NEWCOMER_STANDS_NANOS;
        boolean isOver = nanos - begun >= timeout.toNanos();
        if (isOver || nanos - movedAt >= patience) {
            long seconds = (nanos - (isOver ? begun : movedAt)) / 1_000_000_000L;
            throw new MemberChangeException(
                    isOver
                            ? "not done after %d s: %s".formatted(seconds, sentence)
                            : "nothing has changed for %d s: %s".formatted(seconds, sentence));
        }
        Thread.sleep(POLL_MILLIS);
    }
}

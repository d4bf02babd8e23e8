package dev.lockstep.cli;

import com.fasterxml.jackson.databind.JsonNode;

import org.jspecify.annotations.Nullable;

import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;

/// Has all replicas digest their state at one position, and says who differs.
///
/// The position is a little ahead of all of them: further, the quicker they execute, so that each
/// has heard of it before it gets there.
final class VerifyRun {

    /// How far ahead the position is when nothing happens.
    private static final long LEAST_LEAD = 4;

    /// How long a question may take to reach a replica; doubled when one has come too late.
    private static final double LEAD_SECONDS = 0.5;

    private static final int MOST_ATTEMPTS = 6;
    private static final long RATE_MILLIS = 200;
    private final List<AdminClient> replicas;
    private final Duration patience;
    private long position;

    VerifyRun(List<AdminClient> replicas, Duration patience) {
        this.replicas = List.copyOf(replicas);
        this.patience = patience;
    }

    /// At which the replicas were compared.
    long position() {
        return position;
    }

    /// Each replica's answer, by number.
    List<VerifyAnswer> compare() throws InterruptedException {
        double leadSeconds = LEAD_SECONDS;
        List<VerifyAnswer> answers = List.of();
        for (int attempt = 1; attempt <= MOST_ATTEMPTS; attempt++) {
            long before = furthest();
            Thread.sleep(RATE_MILLIS);
            long now = furthest();
            if (now == 0) {
                throw new OperatorException(
                        "no replica answers, or none has executed anything: see 'lockstep status'");
            }
            double perSecond = (now - before) * 1_000.0 / RATE_MILLIS;
            position = now + LEAST_LEAD + (long) (perSecond * leadSeconds);
            answers =
                    ClusterSurvey.all(
                            replicas,
                            replica -> new VerifyPoll(replica, position, patience).answer());
            if (answers.stream().noneMatch(VerifyAnswer::hasPassed)) {
                return answers;
            }
            leadSeconds *= 2;
        }
        return answers;
    }

    private long furthest() throws InterruptedException {
        return ClusterSurvey.all(replicas, VerifyRun::executed).stream()
                .mapToLong(Long::longValue)
                .max()
                .orElse(0);
    }

    private static long executed(AdminClient replica) {
        try {
            return replica.get("/status").path("executedPosition").asLong();
        } catch (IOException silent) {
            return 0;
        }
    }

    /// A sentence about each replica that differs or did not answer; empty if all are equal.
    List<String> verdict(List<VerifyAnswer> answers) {
        List<String> sentences = new ArrayList<>();
        VerifyAnswer.Digest right = majority(answers);
        VerifyAnswer reference = null;
        for (VerifyAnswer answer : answers) {
            if (reference == null && Objects.equals(answer.digest(), right)) {
                reference = answer;
            }
        }
        if (right == null && answers.stream().anyMatch(answer -> answer.digest() != null)) {
            sentences.add(
                    "No majority of the replicas has the same digests at position "
                            + position
                            + ".");
        }
        for (VerifyAnswer answer : answers) {
            VerifyAnswer.Digest digest = answer.digest();
            if (digest == null) {
                sentences.add("Replica %s: %s.".formatted(answer.name(), answer.trouble()));
            } else if (right != null && reference != null && !digest.equals(right)) {
                sentences.add(difference(answer, digest, reference, right));
            }
        }
        return sentences;
    }

    /// What more than half of all replicas have; null if they do not.
    private static VerifyAnswer.@Nullable Digest majority(List<VerifyAnswer> answers) {
        for (VerifyAnswer candidate : answers) {
            long votes =
                    answers.stream()
                            .filter(each -> Objects.equals(each.digest(), candidate.digest()))
                            .count();
            if (candidate.digest() != null && 2 * votes > answers.size()) {
                return candidate.digest();
            }
        }
        return null;
    }

    private String difference(
            VerifyAnswer of,
            VerifyAnswer.Digest digest,
            VerifyAnswer reference,
            VerifyAnswer.Digest right) {
        List<String> what = new ArrayList<>();
        if (!digest.state().equals(right.state())) {
            what.add("state");
        }
        if (!digest.host().equals(right.host())) {
            what.add("sessions");
        }
        if (digest.chain().equals(right.chain())) {
            return "Replica %s differs from the majority in its %s at position %d, and has given the same replies so far."
                    .formatted(of.name(), String.join(" and ", what), position);
        }
        what.add("replies");
        return "Replica %s differs from the majority in its %s at position %d; %s."
                .formatted(
                        of.name(),
                        String.join(" and ", what),
                        position,
                        firstDifference(of, reference));
    }

    /// Where the replies of two replicas began to differ, as far as both remember.
    private String firstDifference(VerifyAnswer one, VerifyAnswer other) {
        try {
            JsonNode ours = one.admin().get("/chain");
            JsonNode theirs = other.admin().get("/chain");
            long from = Math.max(ours.path("first").asLong(), theirs.path("first").asLong());
            for (long at = from; at <= position; at++) {
                String here = at(ours, at);
                if (!here.isEmpty() && !here.equals(at(theirs, at))) {
                    return at == from
                            ? "its replies differ since position " + from + " or before"
                            : firstCommand(one, other, at);
                }
            }
        } catch (IOException e) {
            return "where its replies began to differ could not be asked (" + Reason.of(e) + ")";
        }
        return "where its replies began to differ is not known any more";
    }

    /// The command of `position` to which two replicas gave different replies.
    private static String firstCommand(VerifyAnswer one, VerifyAnswer other, long position)
            throws IOException {
        JsonNode ours = one.admin().get("/commands", "at=" + position).path("commands");
        JsonNode theirs = other.admin().get("/commands", "at=" + position).path("commands");
        for (int i = 0; i < Math.min(ours.size(), theirs.size()); i++) {
            JsonNode command = ours.get(i);
            String here = command.path("chain").asText();
            String there = theirs.get(i).path("chain").asText();
            if (!here.equals(there)) {
                return "the first reply that differs is of position %d, to %s (number %s of session %s), after which the reply chain is %s there and %s at replica %s"
                        .formatted(
                                position,
                                command.path("command").asText(),
                                command.path("sequence").asText(),
                                command.path("session").asText(),
                                here,
                                there,
                                other.name());
            }
        }
        return "the first reply that differs is of position " + position;
    }

    private static String at(JsonNode chain, long position) {
        return chain.path("digests")
                .path((int) (position - chain.path("first").asLong()))
                .asText("");
    }
}

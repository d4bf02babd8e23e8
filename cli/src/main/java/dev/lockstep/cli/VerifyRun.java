package dev.lockstep.cli;

import com.fasterxml.jackson.databind.JsonNode;

import org.jspecify.annotations.Nullable;

import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;

/// Has all replicas digest their state at one position, and says who differs. The replicas compare
/// the same digests with each other, and who differs from the majority of the members heals itself.
///
/// The position is a little ahead of all of them: further, the quicker they execute, so that each
/// has heard of it before it gets there.
final class VerifyRun {

    /// How far ahead the position is when nothing happens.
    private static final long LEAST_LEAD = 4;

    /// How long a question may take to reach a replica; doubled when one has come too late.
    private static final double LEAD_SECONDS = 0.5;

    private static final int MOST_ATTEMPTS = 6;
    private static final long POLL_MILLIS = 25;
    private static final long RATE_MILLIS = 200;

    /// Who differs has heard of the others' digests by then, unless it does not hear them.
    private static final Duration UNTIL_QUARANTINE = Duration.ofSeconds(5);

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
                    "No majority of the replicas has the same digests at position %d: nobody can say who is right. Compare what the service holds, and remove who is wrong with 'lockstep member remove'."
                            .formatted(position));
        }
        for (VerifyAnswer answer : answers) {
            VerifyAnswer.Digest digest = answer.digest();
            if (digest == null) {
                sentences.add("Replica %s: %s.".formatted(answer.name(), answer.trouble()));
            } else if (right != null && reference != null && !digest.equals(right)) {
                sentences.add(difference(answer, digest, reference, right));
                sentences.add(remedy(answer));
            }
        }
        return sentences;
    }

    /// What becomes of a replica that differs.
    private static String remedy(VerifyAnswer of) {
        long until = System.nanoTime() + UNTIL_QUARANTINE.toNanos();
        try {
            int before = of.admin().get("/status").path("quarantines").asInt();
            do {
                JsonNode status = of.admin().get("/status");
                if (status.hasNonNull("quarantineReason")
                        || status.path("quarantines").asInt() > before) {
                    return "Replica %s is quarantined: it answers nobody until it has the majority's state, which it takes by itself. Find out why it differed: see its log, and test its memory and its disk."
                            .formatted(of.name());
                }
                Thread.sleep(POLL_MILLIS);
            } while (System.nanoTime() < until);
        } catch (IOException e) {
            return "What became of replica %s could not be asked (%s)."
                    .formatted(of.name(), Reason.of(e));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        return "Replica %s has not been quarantined: it is no member, or does not hear the others. See 'lockstep status' and its log."
                .formatted(of.name());
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
            return "Replica %s differs from the majority in its %s at position %d, and has given the same replies so far: no command shows where that began."
                    .formatted(of.name(), String.join(" and ", what), position);
        }
        what.add("replies or effects");
        return "Replica %s differs from the majority in its %s at position %d; %s."
                .formatted(
                        of.name(),
                        String.join(" and ", what),
                        position,
                        firstDifference(of, reference));
    }

    /// Where the replies or effects of two replicas began to differ, as far as both remember.
    private String firstDifference(VerifyAnswer one, VerifyAnswer other) {
        try {
            JsonNode ours = one.admin().get("/chain");
            JsonNode theirs = other.admin().get("/chain");
            long from = Math.max(ours.path("first").asLong(), theirs.path("first").asLong());
            for (long at = from; at <= position; at++) {
                String here = at(ours, at);
                if (!here.isEmpty() && !here.equals(at(theirs, at))) {
                    return at == from
                            ? "its replies or effects differ since position " + from + " or before"
                            : firstCommand(one, other, at);
                }
            }
        } catch (IOException e) {
            return "where they began to differ could not be asked (" + Reason.of(e) + ")";
        }
        return "where they began to differ is not known any more";
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
                return "the first reply or effect that differs is of position %d, to %s (number %s of session %s), after which the reply chain is %s there and %s at replica %s"
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
        return "the first reply or effect that differs is of position " + position;
    }

    private static String at(JsonNode chain, long position) {
        return chain.path("digests")
                .path((int) (position - chain.path("first").asLong()))
                .asText("");
    }
}

package dev.lockstep.cli;

import org.jspecify.annotations.Nullable;

import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.Callable;

/// `lockstep verify`: whether all replicas have the same state.
@Command(
        name = "verify",
        description = {
            "Compares all replicas while the cluster runs: each digests its whole state, the"
                    + " service's and the sessions', as it is when exactly one agreed position has been"
                    + " executed, without stopping for it. Of a service whose state cannot be frozen the"
                    + " replies and the sessions are compared.",
            "",
            "The members are asked, as they are now: those that the configuration does not name are"
                    + " found through the others.",
            "",
            "Exits with 0 if all are equal, with 1 if one differs, or does not answer."
        },
        footer = {
            "",
            "Examples:",
            "  lockstep verify                  the cluster of cluster.yaml, or of the demo",
            "  lockstep verify --timeout 600    a large state takes a while to digest",
            "  lockstep verify --json | jq .equal"
        })
final class VerifyCommand implements Callable<Integer> {

    /// As many digits as tell digests apart at a glance.
    private static final int SHOWN_DIGITS = 16;

    @Spec private @Nullable CommandSpec spec;
    @Mixin private ConfigOption config = new ConfigOption();
    @Mixin private AdminOption admin = new AdminOption();

    @Option(
            names = "--timeout",
            paramLabel = "SECONDS",
            defaultValue = "60",
            description = "How long a replica may take to digest. Default: ${DEFAULT-VALUE}.")
    private int timeout;

    @Option(names = "--json", description = "Prints one JSON object.")
    private boolean json;

    @Override
    public Integer call() throws InterruptedException {
        if (timeout < 1) {
            throw new ParameterException(
                    Objects.requireNonNull(spec).commandLine(),
                    "--timeout is " + timeout + "; choose at least 1.");
        }
        // Addresses are hints, and members come and go: whoever answers says who they are now.
        ClusterSurvey survey = ClusterSurvey.of(admin.clients(config, spec));
        VerifyRun run = new VerifyRun(survey.replicas(), Duration.ofSeconds(timeout));
        List<VerifyAnswer> answers = run.compare();
        Console console = Console.of(spec);
        List<String> verdict = run.verdict(answers);
        boolean isEqual = verdict.isEmpty();
        if (json) {
            Map<String, Object> page = new LinkedHashMap<>();
            page.put("equal", isEqual);
            page.put("position", run.position());
            List<Map<String, Object>> replicas = new ArrayList<>();
            answers.forEach(answer -> replicas.add(answer.asJson()));
            page.put("statesCompared", haveStates(answers));
            page.put("replicas", replicas);
            page.put("findings", verdict);
            console.json(page);
        } else {
            table(answers).lines().forEach(line -> console.line("%s", line));
            verdict.forEach(sentence -> console.line("%s", sentence));
            if (isEqual) {
                console.line(
                        haveStates(answers)
                                ? "All %d replicas are equal at position %d."
                                : "All %d replicas have given the same replies through position %d and have the same sessions; their service's state cannot be frozen and was not compared.",
                        answers.size(),
                        run.position());
            }
        }
        return isEqual ? ExitCode.DONE : ExitCode.FAILED;
    }

    private static boolean haveStates(List<VerifyAnswer> answers) {
        return answers.stream()
                .map(VerifyAnswer::digest)
                .anyMatch(digest -> digest != null && digest.hasState());
    }

    private static Table table(List<VerifyAnswer> answers) {
        Table table = new Table("replica", "position", "state", "sessions", "replies", "answer");
        for (VerifyAnswer answer : answers) {
            VerifyAnswer.Digest digest = answer.digest();
            if (digest == null) {
                table.row(answer.name(), "-", "-", "-", "-", answer.trouble());
            } else {
                table.row(
                        answer.name(),
                        digest.position(),
                        digest.hasState() ? digest.state().substring(0, SHOWN_DIGITS) : "-",
                        digest.host().substring(0, SHOWN_DIGITS),
                        digest.chain(),
                        "in " + answer.millis() + " ms");
            }
        }
        return table;
    }
}

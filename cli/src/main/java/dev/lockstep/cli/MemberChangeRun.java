package dev.lockstep.cli;

import dev.lockstep.node.ChangeProgress;
import dev.lockstep.node.ClusterAdmin;
import dev.lockstep.node.ClusterMembers;
import dev.lockstep.node.MemberChangeException;

import org.jspecify.annotations.Nullable;

import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;

import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Collectors;

/// Makes one change of a running cluster, and shows on the console how it goes.
///
/// Threading: one thread.
final class MemberChangeRun {

    /// What is over so soon is not worth a line.
    private static final long WORTH_TELLING_NANOS = 800_000_000L;

    /// Where no bar is drawn, it is told so often how far a newcomer is.
    private static final long AGAIN_NANOS = 5_000_000_000L;

    /// One of the changes of [ClusterAdmin].
    interface Change {

        ClusterMembers make(MemberChangeRun run) throws InterruptedException;
    }

    private final Console console;
    private final ProgressBar bar;
    private final boolean json;
    private final ClusterAdmin admin;
    private final Duration timeout;
    private final long begun = System.nanoTime();

    private ChangeProgress.@Nullable Phase told;
    private long toldAt;

    MemberChangeRun(@Nullable CommandSpec spec, ClusterAdmin admin, int timeout, boolean json) {
        if (timeout < 1) {
            throw new ParameterException(
                    Objects.requireNonNull(spec).commandLine(),
                    "--timeout is " + timeout + "; choose at least 1.");
        }
        this.console = Console.of(spec);
        this.bar = ProgressBar.on(Objects.requireNonNull(spec).commandLine().getErr());
        this.json = json;
        this.admin = admin;
        this.timeout = Duration.ofSeconds(timeout);
    }

    ClusterAdmin admin() {
        return admin;
    }

    Duration timeout() {
        return timeout;
    }

    /// @param done what to say when it is done
    /// @param wasSo what to say if nothing had to be done
    int make(Change change, String done, String wasSo) throws InterruptedException {
        try {
            ClusterMembers before = admin.members();
            ClusterMembers after = change.make(this);
            bar.end();
            show(before, after, before.epoch() == after.epoch() ? wasSo : done);
            return ExitCode.DONE;
        } catch (MemberChangeException e) {
            bar.end();
            throw new OperatorException(String.valueOf(e.getMessage()), e);
        }
    }

    private void show(ClusterMembers before, ClusterMembers after, String sentence) {
        List<Integer> ids = after.members().stream().map(ClusterMembers.Entry::id).toList();
        if (json) {
            Map<String, Object> page = new LinkedHashMap<>();
            page.put("changed", before.epoch() != after.epoch());
            page.put("epoch", after.epoch());
            page.put("order", after.order());
            page.put("members", ids);
            console.json(page);
            return;
        }
        console.line("%s", sentence);
        String names = ids.stream().map(Object::toString).collect(Collectors.joining(", "));
        if (after.faults().equals("byzantine")) {
            console.line("Epoch %d: the members are %s.", after.epoch(), names);
            return;
        }
        int mayFail = (ids.size() - 1) / 2;
        console.line(
                "Epoch %d: the members are %s; %s of them may fail at a time.",
                after.epoch(), names, mayFail == 0 ? "none" : mayFail);
    }

    /// Shows how far it is.
    void onProgress(ChangeProgress step) {
        long now = System.nanoTime();
        if (json || now - begun < WORTH_TELLING_NANOS) {
            return;
        }
        boolean isBar = step.phase() == ChangeProgress.Phase.CATCHING_UP && bar.isShown();
        if (isBar) {
            bar.show("catch-up", step.learnerPosition(), step.clusterPosition());
            told = step.phase();
        } else if (step.phase() != told || now - toldAt >= AGAIN_NANOS) {
            bar.end();
            told = step.phase();
            toldAt = now;
            console.line("%s", words(step));
        }
    }

    private static String words(ChangeProgress step) {
        String sentence = step.sentence();
        return Character.toUpperCase(sentence.charAt(0))
                + sentence.substring(1)
                + (sentence.endsWith(".") ? "" : ".");
    }
}

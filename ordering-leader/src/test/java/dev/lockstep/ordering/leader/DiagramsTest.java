package dev.lockstep.ordering.leader;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lockstep.testkit.simulator.DiagramWindow;
import dev.lockstep.testkit.simulator.Explanation;
import dev.lockstep.testkit.simulator.Schedule;
import dev.lockstep.testkit.simulator.Shrinker;
import dev.lockstep.testkit.simulator.Shrunk;
import dev.lockstep.testkit.simulator.Simulation;
import dev.lockstep.testkit.simulator.SimulationFailure;
import dev.lockstep.testkit.simulator.SimulationRunner;
import dev.lockstep.testkit.simulator.SimulationSetup;

import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// The diagrams in `docs/images`, which `-Ddiagrams.directory=DIRECTORY` writes anew: an election,
/// and a promise that is broken because a rule of the protocol is.
class DiagramsTest {

    private static final String DIRECTORY = System.getProperty("diagrams.directory", "");

    private static final String CALM =
            "calm:loss,duplication,slow-frames,slow-syncs,blocking-disks,skew,drift,coincidence";

    /// From here on a failing seed comes that is shrunk to what fits a page.
    private static final long FIRST = 400;

    private static final int TRIED = 3;

    private static final List<String> ALL_OF_IT =
            List.of("killed", "PreVote t2", "RequestVote t2", "Vote t2 yes", "leads");

    private static final Pattern KILLED = Pattern.compile(" *([0-9,]+) µs  replica (.) is killed");

    private static final Pattern ELECTED =
            Pattern.compile(" *([0-9,]+) µs  replica (.)'s best entry was .*, is \\2");

    private static void write(String name, Explanation explanation) throws IOException {
        if (!DIRECTORY.isEmpty()) {
            Files.writeString(Path.of(DIRECTORY, name), explanation.diagram());
        }
    }

    @Test
    void aBrokenPromise() throws IOException {
        SimulationSetup setup = Mutant.READS_BEFORE_IT_KNOWS.setup().withReplicas(3);
        Shrunk shrunk = shortest(setup);
        System.out.println(shrunk + " " + shrunk.schedule());
        assertThat(shrunk.after().events()).isLessThan(shrunk.before().events());
        Explanation explanation = Simulation.explain(setup, shrunk.schedule(), DiagramWindow.LAST);
        assertThat(explanation.failure()).hasMessage(shrunk.failure().getMessage());
        assertThat(explanation.diagram())
                .contains("the promise is broken here", "Append t", "leads", "sync ");
        write("broken-promise.svg", explanation);
    }

    /// The shortest that some failing seeds are shrunk to.
    private static Shrunk shortest(SimulationSetup setup) {
        Shrunk shortest = null;
        long first = FIRST;
        for (int i = 0; i < TRIED; i++) {
            SimulationFailure failure =
                    SimulationRunner.of(setup).run(first, first + 200).failures().getFirst();
            Shrunk shrunk = Shrinker.of(setup).withBudget(Duration.ofSeconds(60)).shrink(failure);
            if (shortest == null || shrunk.after().events() < shortest.after().events()) {
                shortest = shrunk;
            }
            first = failure.seed() + 1;
        }
        return Objects.requireNonNull(shortest);
    }

    @Test
    void anElection() throws IOException {
        SimulationSetup setup = LeaderSetup.of(Rules.CORRECT).withReplicas(3);
        @Nullable Explanation found = null;
        for (int seed = 1; found == null && seed <= 60; seed++) {
            for (int fault = 1; found == null && fault <= 8; fault++) {
                String kept = "faults:" + fault + "/operations:1-3/" + CALM + "/until:900ms";
                found = election(setup, Schedule.parse(seed, kept));
            }
        }
        Explanation election = Objects.requireNonNull(found);
        assertThat(election.failure()).isNull();
        assertThat(election.diagram()).contains(ALL_OF_IT);
        write("election.svg", election);
    }

    /// The part of a run from the death of a leader to the first deeds of the next; null if there
    /// is none, or much else.
    private static @Nullable Explanation election(SimulationSetup setup, Schedule schedule) {
        List<String> lines = Simulation.explain(setup, schedule, DiagramWindow.LAST).lines();
        List<Matcher> killed = matches(KILLED, lines);
        List<Matcher> elected = matches(ELECTED, lines);
        if (killed.size() != 1 || elected.size() != 2) {
            return null;
        }
        boolean isLeader = elected.getFirst().group(2).equals(killed.getFirst().group(2));
        long from = nanos(killed.getFirst()) - 12_000_000;
        long to = nanos(elected.getLast()) + 12_000_000;
        boolean isAnother = !elected.getLast().group(2).equals(killed.getFirst().group(2));
        if (!isLeader || !isAnother || from < nanos(elected.getFirst()) || to < from) {
            return null;
        }
        DiagramWindow window = new DiagramWindow(from, to, 120);
        Explanation told = Simulation.explain(setup, schedule, window);
        return ALL_OF_IT.stream().allMatch(told.diagram()::contains) ? told : null;
    }

    private static List<Matcher> matches(Pattern pattern, List<String> lines) {
        return lines.stream().map(pattern::matcher).filter(Matcher::matches).toList();
    }

    private static long nanos(Matcher line) {
        return Long.parseLong(line.group(1).replace(",", "")) * 1_000;
    }
}

package dev.lockstep.cli.soak;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lockstep.cli.MemberPorts;
import dev.lockstep.cli.ReplicaProcess;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/// On replicas that were never started: what is drawn, and not what comes of it.
final class NemesisTest {

    /// Without those that need root.
    private static final Set<FaultKind> KINDS =
            EnumSet.complementOf(EnumSet.of(FaultKind.PARTITION, FaultKind.FULL_DISK));

    private static final int DRAWS = 2_000;

    @TempDir private Path directory;

    private final List<AutoCloseable> opened = new ArrayList<>();

    @AfterEach
    void close() throws Exception {
        for (AutoCloseable each : opened.reversed()) {
            each.close();
        }
    }

    private Nemesis nemesis(int replicas, long seed, Path root) {
        SoakPlan plan =
                new SoakPlan(
                        root, replicas, KINDS, seed, 1, Duration.ZERO, Integer.MAX_VALUE, null);
        RunDirectory run = new RunDirectory(root);
        opened.add(run);
        SoakCluster cluster = new SoakCluster(plan, run, null);
        opened.add(cluster);
        for (int id = 1; id <= replicas; id++) {
            cluster.replicas()
                    .add(
                            new SoakReplica(
                                    new MemberPorts(id, "127.0.0.1", 1, 1, 1, 1),
                                    new ReplicaProcess(root, id, run.log(id), List.of(), List.of()),
                                    run.data(id)));
        }
        SoakLoad load = new SoakLoad(cluster, 1, seed);
        opened.add(load);
        return new Nemesis(plan, KINDS, cluster, load);
    }

    private static List<Episode> draw(Nemesis nemesis) {
        List<Episode> drawn = new ArrayList<>();
        for (int i = 0; i < DRAWS; i++) {
            drawn.add(nemesis.next());
        }
        return drawn;
    }

    @Test
    void a_majority_is_well_unless_all_are_killed() {
        for (int replicas : new int[] {3, 5}) {
            int together = 0;
            for (Episode episode : draw(nemesis(replicas, 7, directory.resolve("" + replicas)))) {
                Set<SoakReplica> harmed = new HashSet<>();
                episode.faults().forEach(fault -> harmed.addAll(fault.victims()));
                if (episode.stopsAll()) {
                    assertThat(episode.faults()).hasSize(1);
                } else {
                    assertThat(harmed).as(episode.toString()).hasSizeBetween(1, (replicas - 1) / 2);
                }
                together += episode.faults().size() > 1 ? 1 : 0;
            }
            assertThat(together).isGreaterThan(DRAWS / 10);
        }
    }

    @Test
    void damage_comes_alone() {
        for (Episode episode : draw(nemesis(5, 7, directory))) {
            if (episode.faults().stream().anyMatch(DamageFault.class::isInstance)) {
                assertThat(episode.faults()).as(episode.toString()).hasSize(1);
            }
        }
    }

    @Test
    void each_fault_comes_once_before_any_comes_again() {
        List<Episode> drawn = draw(nemesis(3, 7, directory));
        assertThat(drawn.subList(0, KINDS.size()))
                .extracting(episode -> episode.faults().getFirst().kind())
                .containsExactlyInAnyOrderElementsOf(KINDS);
        assertThat(drawn).anyMatch(Episode::stopsAll);
    }

    @Test
    void a_seed_draws_the_same_again_and_another_something_else() {
        String drawn = draw(nemesis(3, 7, directory.resolve("a"))).toString();
        assertThat(draw(nemesis(3, 7, directory.resolve("b")))).hasToString(drawn);
        assertThat(draw(nemesis(3, 8, directory.resolve("c"))).toString()).isNotEqualTo(drawn);
    }
}

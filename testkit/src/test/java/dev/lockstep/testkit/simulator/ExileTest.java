package dev.lockstep.testkit.simulator;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lockstep.core.ProtocolMessage;
import dev.lockstep.core.ReplicaId;
import dev.lockstep.testkit.simulator.Exercised.Deed;
import dev.lockstep.testkit.simulator.Exile.Banishment;

import org.junit.jupiter.api.Test;

import java.util.ArrayList;
import java.util.List;

/// Exiles of whole runs of a protocol that never has another best entry, unless a test says so.
class ExileTest {

    private static final long MS = 1_000_000L;
    private static final int REPLICAS = 5;
    private static final int SEEDS = 60;

    /// What a protocol says once in a run.
    private record Word() implements ProtocolMessage {}

    /// One run in which something looks on.
    private abstract static class Watch implements Lookout {
        final Simulation simulation;
        final World world;
        final List<Banishment> banishments = new ArrayList<>();

        Watch(long seed) {
            simulation =
                    new Simulation(ToyChecks.setup(ToyFault.NONE).withReplicas(REPLICAS), seed);
            world = simulation.world();
            world.addLookout(this);
        }

        abstract void watch(Banishment banishment);

        @Override
        public void onExile(Banishment banishment) {
            banishments.add(banishment);
            watch(banishment);
        }

        /// Again and again until it is over.
        void poll(Banishment banishment, Runnable look) {
            world.timeline.after(
                    5 * MS,
                    () -> {
                        if (!banishment.isOver()) {
                            look.run();
                            poll(banishment, look);
                        }
                    });
        }

        List<SimNode> held(Banishment banishment) {
            return world.nodes.stream().filter(banishment::holds).toList();
        }

        SimNode free(Banishment banishment) {
            return world.nodes.stream()
                    .filter(node -> !banishment.holds(node))
                    .findFirst()
                    .orElseThrow();
        }

        static boolean isCutOff(Banishment banishment) {
            return banishment.pauseNanos(true) == 10 * MS;
        }

        @Override
        public void onNewEntry(SimNode node) {}

        @Override
        public void onSent(int fromIndex, ReplicaId to, ProtocolMessage message) {}

        @Override
        public void onHeard(SimNode from) {}
    }

    @Test
    void theBestEntryGoesWithFewerThanHalfOfAllAndComesBack() {
        int all = 0;
        long exiles = 0;
        for (long seed = 1; seed <= SEEDS; seed++) {
            Watch run =
                    new Watch(seed) {
                        @Override
                        void watch(Banishment banishment) {
                            List<SimNode> held = held(banishment);
                            assertThat(held).hasSizeBetween(1, (REPLICAS - 1) / 2);
                            assertThat(held)
                                    .anyMatch(
                                            node -> node.isUp() && node.id().equals(node.entry()));
                            assertThat(banishment.isOver()).isFalse();
                        }
                    };
            exiles += run.simulation.run().exercised().count(Deed.EXILES);
            assertThat(run.banishments).allMatch(Banishment::isOver);
            all += run.banishments.size();
        }
        assertThat(exiles).isPositive().isLessThanOrEqualTo(all);
    }

    @Test
    void itIsOverSoonAfterTheOthersHaveFoundAnotherBestEntry() {
        List<Banishment> replaced = new ArrayList<>();
        for (long seed = 1; seed <= SEEDS; seed++) {
            new Watch(seed) {
                @Override
                void watch(Banishment banishment) {
                    poll(
                            banishment,
                            () -> {
                                if (isCutOff(banishment)) {
                                    replace(banishment);
                                }
                            });
                }

                private void replace(Banishment banishment) {
                    world.lookout().onNewEntry(free(banishment));
                    assertThat(banishment.pauseNanos(true)).isEqualTo(MS);
                    replaced.add(banishment);
                    world.timeline.after(500 * MS, () -> assertThat(banishment.isOver()).isTrue());
                }
            }.simulation.run();
        }
        assertThat(replaced).isNotEmpty();
    }

    @Test
    void whoWasToldASeldomWordIsNotExiled() {
        List<Banishment> told = new ArrayList<>();
        for (long seed = 1; seed <= SEEDS; seed++) {
            new Watch(seed) {
                @Override
                void watch(Banishment banishment) {
                    // Late enough that something may be called seldom.
                    world.timeline.after(50 * MS, () -> tell(banishment));
                }

                private void tell(Banishment banishment) {
                    List<SimNode> held = held(banishment);
                    if (banishment.isOver() || isCutOff(banishment) || held.size() < 2) {
                        return;
                    }
                    SimNode entry = held.stream().filter(this::isEntry).findFirst().orElse(null);
                    SimNode other = held.stream().filter(node -> node != entry).findFirst().get();
                    if (entry == null) {
                        return;
                    }
                    world.lookout().onReceived(other, entry.id(), new Word());
                    if (isCutOff(banishment)) {
                        told.add(banishment);
                        assertThat(banishment.holds(other)).isFalse();
                        assertThat(banishment.holds(entry)).isTrue();
                        assertThat(held(banishment)).hasSameSizeAs(held);
                    }
                }

                private boolean isEntry(SimNode node) {
                    return node.id().equals(node.entry());
                }
            }.simulation.run();
        }
        assertThat(told).isNotEmpty();
    }

    @Test
    void neighboursAskOneReplicaAndNoOther() {
        int exiles = 0;
        for (long seed = 1; seed <= SEEDS; seed++) {
            Watch run =
                    new Watch(seed) {
                        @Override
                        void watch(Banishment banishment) {
                            poll(banishment, this::look);
                            look();
                        }

                        private void look() {
                            for (SimClient client : world.clients) {
                                SimNode home = client.home();
                                int entry = client.life().engine().entry();
                                if (home != null) {
                                    assertThat(entry).isIn(0, home.id().value());
                                }
                            }
                        }
                    };
            run.simulation.run();
            if (!run.banishments.isEmpty()) {
                exiles++;
                assertThat(run.world.clients)
                        .filteredOn(client -> client.home() != null)
                        .hasSize(REPLICAS);
            }
        }
        assertThat(exiles).isPositive();
    }
}

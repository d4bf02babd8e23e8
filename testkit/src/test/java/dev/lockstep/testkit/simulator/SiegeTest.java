package dev.lockstep.testkit.simulator;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lockstep.core.ProtocolMessage;
import dev.lockstep.core.ReplicaId;
import dev.lockstep.replica.ReplicaListener;
import dev.lockstep.testkit.simulator.Exercised.Deed;
import dev.lockstep.testkit.simulator.Happening.Sign;

import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.atomic.AtomicReference;

/// What sieges do to a cluster, and what clients do when there is a new best entry, as whoever
/// looks at the run sees it.
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class SiegeTest {

    private static final long MS = 1_000_000L;
    private static final long SEEDS = 60;

    /// No cut of a siege lasts longer, and a blow that comes later mends it too.
    private static final long LONGEST_NANOS = 1_000 * MS;

    /// What a client has under way at most when it is in a hurry.
    private static final int MOST_PENDING = 40;

    /// One run and what happened in it.
    ///
    /// @param pending the most that one client had under way whenever a replica heard another
    private record Run(
            Weather weather, int replicas, Exercised exercised, List<Happening> all, int pending) {

        boolean hasSieges() {
            return weather.process().siegeEvery() < Chance.NEVER;
        }

        /// Whatever comes before this moment comes before the faults are over.
        long lastFault() {
            return all.stream()
                    .filter(SiegeTest::isBlow)
                    .mapToLong(Happening::atNanos)
                    .max()
                    .orElse(0);
        }
    }

    private final List<Run> runs = new ArrayList<>();

    private static boolean isBlow(Happening happening) {
        return happening instanceof Happening.Noted noted && noted.text().equals("besieged");
    }

    private static boolean is(Happening happening, Sign sign) {
        return happening instanceof Happening.Noted noted && noted.sign() == sign;
    }

    private static Run run(long seed, Schedule schedule) {
        AtomicReference<World> world = new AtomicReference<>();
        int[] pending = {0};
        ReplicaListener looksOn =
                new ReplicaListener() {
                    @Override
                    public void onReceived(ReplicaId from, ProtocolMessage message) {
                        for (SimClient client : world.get().clients) {
                            pending[0] = Math.max(pending[0], client.life().pending());
                        }
                    }
                };
        SimulationSetup setup =
                ToyChecks.setup(ToyFault.NONE)
                        .withChecks(() -> _ -> looksOn)
                        .traced()
                        .withReplicas(5);
        Script script = SeedScript.WHOLE;
        if (!schedule.isWhole()) {
            SimulationSetup unseen = setup.withChecks(() -> _ -> ReplicaListener.NONE);
            script = new PlayedScript(Simulation.record(unseen, seed), schedule);
        }
        Simulation simulation = new Simulation(setup, schedule, script);
        world.set(simulation.world());
        Exercised exercised = simulation.run().exercised();
        List<Happening> all = simulation.world().trace.happenings();
        return new Run(simulation.world().weather, 5, exercised, all, pending[0]);
    }

    @BeforeAll
    void run() {
        for (long seed = 1; seed <= SEEDS; seed++) {
            runs.add(run(seed, Schedule.of(seed)));
        }
    }

    @Test
    void itComesWhereTheWeatherSaysSoAndNowhereElse() {
        int besieged = 0;
        for (Run run : runs) {
            long blows = run.all().stream().filter(SiegeTest::isBlow).count();
            assertThat(run.exercised().count(Deed.SIEGES)).isEqualTo(blows);
            assertThat(run.hasSieges() || blows == 0).isTrue();
            besieged += blows > 1 ? 1 : 0;
        }
        assertThat(besieged).isPositive();
    }

    /// The toy's sequencer is the only one that ever leads.
    @Test
    void itHitsWhoLeads() {
        int blows = 0;
        for (Run run : runs) {
            boolean hasLed = false;
            for (Happening happening : run.all()) {
                hasLed |= is(happening, Sign.LEADS);
                if (isBlow(happening)) {
                    assertThat(((Happening.Noted) happening).line()).isZero();
                    assertThat(hasLed).isTrue();
                    blows++;
                }
            }
        }
        assertThat(blows).isPositive();
    }

    /// Whatever a blow cuts, a majority of the cluster still hears each other, and whoever is hit
    /// is not among them unless its process is dead.
    @Test
    void itNeverCutsOffHalf() {
        int cuts = 0;
        for (Run run : runs) {
            for (int i = 0; i < run.all().size(); i++) {
                if (isBlow(run.all().get(i)) && !isCoincidence(run, i)) {
                    boolean[][] cut = cutBy(run, i);
                    cuts += isAny(cut) ? 1 : 0;
                    assertThat(largestGroup(cut)).isGreaterThan(run.replicas() / 2);
                    if (isAny(cut) && !isDown(run, i)) {
                        assertThat(companyOf(0, cut)).isLessThanOrEqualTo(run.replicas() / 2);
                    }
                }
            }
        }
        assertThat(cuts).isPositive();
    }

    /// True if the process that is hit dies of it, or was dead before.
    private static boolean isDown(Run run, int blow) {
        long now = run.all().get(blow).atNanos();
        boolean isDown = true;
        for (Happening one : run.all()) {
            if (one.atNanos() > now) {
                break;
            }
            if (one instanceof Happening.Noted noted && noted.line() == 0) {
                isDown =
                        switch (noted.sign()) {
                            case START -> false;
                            case KILLED, POWER_LOST, ENDED -> true;
                            default -> isDown;
                        };
            }
        }
        return isDown;
    }

    /// How many can talk to a replica, itself among them.
    private static int companyOf(int one, boolean[][] cut) {
        int company = 0;
        for (int other = 0; other < cut.length; other++) {
            company += cut[one][other] || cut[other][one] ? 0 : 1;
        }
        return company;
    }

    /// True if something else cuts at the moment of a blow too, as a cut that comes twice shows.
    private static boolean isCoincidence(Run run, int blow) {
        Set<Happening> cuts = new HashSet<>();
        long now = run.all().get(blow).atNanos();
        for (int i = blow; i < run.all().size() && run.all().get(i).atNanos() == now; i++) {
            if (run.all().get(i) instanceof Happening.Cut one && !cuts.add(one)) {
                return true;
            }
        }
        return false;
    }

    /// What is cut at the moment of a blow.
    private static boolean[][] cutBy(Run run, int blow) {
        boolean[][] cut = new boolean[run.replicas()][run.replicas()];
        long now = run.all().get(blow).atNanos();
        for (int i = blow; i < run.all().size() && run.all().get(i).atNanos() == now; i++) {
            switch (run.all().get(i)) {
                case Happening.Mended _ -> cut = new boolean[run.replicas()][run.replicas()];
                case Happening.Cut one -> cut[one.from()][one.to()] = true;
                default -> {
                    // Nothing of the network.
                }
            }
        }
        return cut;
    }

    private static boolean isAny(boolean[][] cut) {
        for (boolean[] row : cut) {
            for (boolean one : row) {
                if (one) {
                    return true;
                }
            }
        }
        return false;
    }

    /// How many at most can all hear each other.
    private static int largestGroup(boolean[][] cut) {
        int largest = 0;
        for (int members = 1; members < 1 << cut.length; members++) {
            boolean isWhole = true;
            for (int one = 0; one < cut.length; one++) {
                for (int other = 0; other < cut.length; other++) {
                    boolean isIn = (members >> one & members >> other & 1) != 0;
                    isWhole &= !isIn || !cut[one][other];
                }
            }
            largest = isWhole ? Math.max(largest, Integer.bitCount(members)) : largest;
        }
        return largest;
    }

    @Test
    void whatItCutIsMendedInTime() {
        int mended = 0;
        for (Run run : runs) {
            for (int i = 0; i < run.all().size(); i++) {
                if (isBlow(run.all().get(i)) && isAny(cutBy(run, i))) {
                    long since = run.all().get(i).atNanos();
                    long until =
                            run.all().stream()
                                    .skip(i)
                                    .filter(one -> one instanceof Happening.Mended)
                                    .mapToLong(Happening::atNanos)
                                    .filter(at -> at > since)
                                    .findFirst()
                                    .orElseThrow();
                    assertThat(until - since).isBetween(0L, LONGEST_NANOS + 10 * MS);
                    mended++;
                }
            }
        }
        assertThat(mended).isPositive();
    }

    /// Its beginning is a fault of its own number, and so is every blow.
    @Test
    void everyBlowCanBeLeftOut() {
        int besieged = 0;
        long blows = 0;
        for (long seed = 1; seed <= SEEDS && besieged < 4; seed++) {
            if (runs.get((int) seed - 1).exercised().count(Deed.SIEGES) > 0) {
                besieged++;
                for (int kept = 1; kept <= 16; kept *= 4) {
                    Run part = run(seed, Schedule.parse(seed, "faults:1-" + kept));
                    long left = part.exercised().count(Deed.SIEGES);
                    assertThat(left).isLessThan(kept);
                    blows += left;
                }
                Run calm = run(seed, Schedule.parse(seed, "faults:none"));
                assertThat(calm.exercised().count(Deed.SIEGES)).isZero();
            }
        }
        assertThat(blows).isPositive();
    }

    @Test
    void clientsAreInAHurryOnlyWhereTheWeatherSaysSoAndThereIsANewEntry() {
        int hurried = 0;
        for (Run run : runs) {
            long rushes = run.exercised().count(Deed.RUSHES);
            if (run.weather().load().rush() == 0) {
                assertThat(rushes).isZero();
            }
            hurried += rushes > 0 ? 1 : 0;
        }
        assertThat(hurried).isPositive();
    }

    /// In a hurry a client asks for more than it has under way otherwise, but not without bound.
    @Test
    void whoIsInAHurryAsksForMore() {
        int most = 0;
        for (Run run : runs) {
            int usual = run.weather().load().pipeline();
            if (run.exercised().count(Deed.EXILES) > 0) {
                // Those who read from exiles have a window of their own.
                continue;
            }
            assertThat(run.pending()).isLessThanOrEqualTo(Math.max(usual, MOST_PENDING));
            if (run.exercised().count(Deed.RUSHES) == 0) {
                assertThat(run.pending()).isLessThanOrEqualTo(usual);
            }
            most = Math.max(most, run.pending() - usual);
        }
        assertThat(most).isGreaterThan(5);
    }

    /// Where every other client only reads, it does so in a hurry too, until the faults are over.
    @Test
    void whoOnlyLooksOnChangesNothing() {
        int reads = 0;
        for (Run run : runs) {
            if (!run.weather().load().haveRoles()) {
                continue;
            }
            for (Happening happening : run.all()) {
                if (happening instanceof Happening.Noted noted
                        && noted.sign() == Sign.INVOKE
                        && (noted.line() - run.replicas()) % 2 == 1
                        && noted.atNanos() < run.lastFault()) {
                    assertThat(noted.text()).startsWith("read ");
                    reads++;
                }
            }
        }
        assertThat(reads).isPositive();
    }
}

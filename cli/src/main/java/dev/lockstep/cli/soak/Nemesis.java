package dev.lockstep.cli.soak;

import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.SplittableRandom;

/// Draws what happens to a cluster: first each fault once, then whatever comes, also several at a
/// time. Never are more replicas faulty at once than a minority, except that all may be killed.
///
/// Threading: one thread at a time.
final class Nemesis implements Script {

    private static final int SHORTEST_MILLIS = 500;
    private static final int LONGEST_MILLIS = 4_000;

    /// Each as likely as the others.
    private static final List<Long> OFFSETS_MILLIS =
            List.of(20L, 400L, 900L, 5_000L, 3_600_000L, 86_400_000L);

    private final SoakPlan plan;
    private final Set<FaultKind> kinds;
    private final SoakCluster cluster;
    private final SoakLoad load;
    private final SplittableRandom random;

    /// Those that are still to come once each.
    private final List<FaultKind> first;

    /// Some faults come in several forms, which take turns.
    private int turn;

    /// @param kinds those of the plan that this machine allows
    Nemesis(SoakPlan plan, Set<FaultKind> kinds, SoakCluster cluster, SoakLoad load) {
        this.plan = plan;
        this.kinds = EnumSet.copyOf(kinds);
        this.cluster = cluster;
        this.load = load;
        this.random = new SplittableRandom(plan.seed());
        this.first = new ArrayList<>(this.kinds);
    }

    @Override
    public Episode next() {
        Duration hold = Duration.ofMillis(random.nextInt(SHORTEST_MILLIS, LONGEST_MILLIS));
        if (!first.isEmpty()) {
            return new Episode(List.of(one(first.remove(random.nextInt(first.size())))), hold);
        }
        if (kinds.contains(FaultKind.KILL) && random.nextInt(8) == 0) {
            return new Episode(List.of(new KillAllFault(cluster.replicas())), hold);
        }
        List<FaultKind> choice = List.copyOf(kinds);
        FaultKind kind = choice.get(random.nextInt(choice.size()));
        return new Episode(
                kind == FaultKind.DAMAGE || random.nextBoolean()
                        ? List.of(one(kind))
                        : several(kind),
                hold);
    }

    private Fault one(FaultKind kind) {
        return make(kind, kind == FaultKind.FULL_DISK ? cluster.withSmallDisk() : victim());
    }

    /// Half of the time the leader.
    private SoakReplica victim() {
        SoakReplica any = cluster.replicas().get(random.nextInt(cluster.replicas().size()));
        SoakReplica leader = cluster.leader();
        return random.nextBoolean() || leader == null ? any : leader;
    }

    /// Different ones, of which none hides another, on no more than a minority.
    private List<Fault> several(FaultKind otherwise) {
        List<FaultKind> left = new ArrayList<>(kinds);
        left.remove(FaultKind.DAMAGE);
        // What is dead cannot be paused, and only who is up and hears notices that its disk is
        // full.
        if (random.nextInt(5) == 0) {
            left.removeAll(List.of(FaultKind.PAUSE, FaultKind.KILL, FaultKind.PARTITION));
        } else {
            left.remove(FaultKind.FULL_DISK);
            left.remove(random.nextBoolean() ? FaultKind.PAUSE : FaultKind.KILL);
        }
        if (left.isEmpty()) {
            return List.of(one(otherwise));
        }
        List<SoakReplica> victims = new ArrayList<>();
        if (left.contains(FaultKind.FULL_DISK)) {
            victims.add(cluster.withSmallDisk());
        }
        while (victims.size() < plan.minority()) {
            SoakReplica victim = victim();
            if (!victims.contains(victim)) {
                victims.add(victim);
            }
        }
        List<Fault> faults = new ArrayList<>();
        int count = Math.min(left.size(), 2 + random.nextInt(2));
        while (faults.size() < count) {
            FaultKind kind = left.remove(random.nextInt(left.size()));
            SoakReplica victim =
                    kind == FaultKind.FULL_DISK
                            ? cluster.withSmallDisk()
                            : victims.get(random.nextInt(victims.size()));
            faults.add(make(kind, victim));
        }
        return faults;
    }

    private Fault make(FaultKind kind, SoakReplica victim) {
        boolean leads = victim == cluster.leader();
        return switch (kind) {
            case KILL -> new KillFault(victim, leads);
            case PAUSE -> new PauseFault(victim, leads);
            case PARTITION -> {
                List<SoakReplica> others = cluster.othersThan(victim);
                yield new CutFault(
                        cluster.namespaces(),
                        victim,
                        others.get(random.nextInt(others.size())),
                        turn(CutFault.Extent.values()));
            }
            case DAMAGE -> {
                boolean flip = random.nextInt(3) > 0;
                yield new DamageFault(
                        cluster, load, victim, flip, random.nextBoolean(), random.split());
            }
            case FULL_DISK ->
                    new FullDiskFault(
                            cluster.namespaces(), victim, cluster.directory().data(victim.id()));
            case CLOCK -> {
                long offset = OFFSETS_MILLIS.get(random.nextInt(OFFSETS_MILLIS.size()));
                yield new ClockFault(cluster, victim, random.nextBoolean() ? offset : -offset);
            }
        };
    }

    private <T> T turn(T[] values) {
        return values[turn++ % values.length];
    }
}

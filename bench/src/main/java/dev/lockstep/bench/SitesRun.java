package dev.lockstep.bench;

import dev.lockstep.cli.OperatorException;
import dev.lockstep.net.NetworkLoop;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.function.IntFunction;

/// Measures one order with a replica and clients at each site: every site alone, then all at once.
/// The clients of a site talk to its replica and to no other.
///
/// Threading: one thread; while all sites ask, each has one of its own.
final class SitesRun {

    private static final long SECOND = 1_000_000_000L;

    /// Of the requests while all sites ask, so many of a hundred are of one key.
    static final int HOT_PERCENT = 20;

    /// The leader is asked for again after a while: it may have been elected just now.
    private static final int LEADER_LOOKS = 50;

    private static final long LOOK_MILLIS = 100;

    private final BenchCluster cluster;
    private final Sites sites;
    private final String order;
    private final Plan plan;
    private final Progress progress;

    /// @param inFlight requests of each site while all ask
    /// @param sessions of each site; never more than requests
    /// @param seconds how long each phase is
    /// @param warmUpSeconds how long all sites ask before anything is measured
    /// @param workload makes what a site asks; its argument is the share of requests that are of
    ///     one key
    record Plan(
            int inFlight,
            int sessions,
            int seconds,
            int warmUpSeconds,
            IntFunction<Workload> workload) {}

    SitesRun(BenchCluster cluster, Sites sites, String order, Plan plan, Progress progress) {
        this.cluster = cluster;
        this.sites = sites;
        this.order = order;
        this.plan = plan;
        this.progress = progress;
    }

    SitesFigures measure() throws InterruptedException {
        int leader = order.equals(Orders.LEADER) ? leader() : 0;
        if (plan.warmUpSeconds() > 0) {
            show("warming up");
            together(plan.warmUpSeconds(), leader);
        }
        List<SiteFigures> quiet = new ArrayList<>();
        for (int site = 1; site <= Sites.COUNT; site++) {
            show("site " + site + " alone");
            double formula = Orders.quiet(sites, order, site, leader);
            quiet.add(one(site, 1, 1, plan.seconds(), 0, formula));
        }
        show("all sites at once");
        List<SiteFigures> contended = together(plan.seconds(), leader);
        if (order.equals(Orders.LEADER) && cluster.leader() != leader) {
            throw new OperatorException(
                    "the leader was replica "
                            + leader
                            + " and is another now, so the figures are of neither: measure again"
                            + " with less other work on this machine");
        }
        return new SitesFigures(order, leader, quiet, contended);
    }

    private void show(String what) {
        progress.show(String.format(Locale.ROOT, "%s: %s", order, what));
    }

    private int leader() throws InterruptedException {
        int leader = cluster.leader();
        for (int look = 0; leader == 0 && look < LEADER_LOOKS; look++) {
            Thread.sleep(LOOK_MILLIS);
            leader = cluster.leader();
        }
        if (leader == 0) {
            throw new OperatorException(
                    "the cluster names no leader: see the replicas' logs in "
                            + cluster.directory());
        }
        return leader;
    }

    private List<SiteFigures> together(int seconds, int leader) throws InterruptedException {
        List<Callable<SiteFigures>> tasks = new ArrayList<>();
        for (int site = 1; site <= Sites.COUNT; site++) {
            int at = site;
            double formula = Orders.contended(sites, order, site, leader);
            tasks.add(
                    () ->
                            one(
                                    at,
                                    plan.inFlight(),
                                    Math.min(plan.sessions(), plan.inFlight()),
                                    seconds,
                                    HOT_PERCENT,
                                    formula));
        }
        List<SiteFigures> all = new ArrayList<>();
        try (ExecutorService threads = Executors.newFixedThreadPool(Sites.COUNT)) {
            for (Future<SiteFigures> each : threads.invokeAll(tasks)) {
                all.add(each.get());
            }
        } catch (ExecutionException e) {
            if (e.getCause() instanceof RuntimeException cause) {
                throw cause;
            }
            throw new IllegalStateException(e.getCause());
        }
        return all;
    }

    private SiteFigures one(
            int site, int inFlight, int sessions, int seconds, int hotPercent, double formula) {
        try (NetworkLoop loop = NetworkLoop.create();
                ClosedLoop load =
                        new ClosedLoop(
                                loop,
                                cluster.clientOf(site),
                                sessions,
                                inFlight,
                                plan.workload().apply(hotPercent))) {
            // The first requests open the session.
            load.run(SECOND);
            load.forget();
            load.run(seconds * SECOND);
            if (load.answered() == 0 && load.failed() > 0) {
                throw new OperatorException(
                        "site " + site + " is not served: " + load.lastFailure());
            }
            return SiteFigures.of(site, load.answered(), load.failed(), load.latencies(), formula);
        }
    }
}

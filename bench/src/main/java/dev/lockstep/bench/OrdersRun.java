package dev.lockstep.bench;

import dev.lockstep.net.NetworkLoop;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/// Measures several orders at one level of concurrency, in turn: the same replicas are switched
/// from one to the next before each window, so that what changes on the machine meanwhile is the
/// same for all.
final class OrdersRun {

    /// After a switch, before a window.
    private static final int SETTLE_SECONDS = 1;

    private final BenchCluster cluster;
    private final LevelRun levels;
    private final List<String> orders;
    private final int repetitions;

    OrdersRun(BenchCluster cluster, LevelRun levels, List<String> orders, int repetitions) {
        this.cluster = cluster;
        this.levels = levels;
        this.orders = orders;
        this.repetitions = repetitions;
    }

    /// Loads the cluster for `seconds` under each order and measures nothing.
    void load(int inFlight, int seconds) throws InterruptedException {
        for (String order : orders) {
            cluster.switchTo(order);
            levels.load(inFlight, seconds);
        }
    }

    /// The medians of each order, in their order.
    Map<String, Measurement> measure(int inFlight) throws InterruptedException {
        Map<String, List<Measurement>> windows = new LinkedHashMap<>();
        orders.forEach(order -> windows.put(order, new ArrayList<>()));
        try (NetworkLoop loop = NetworkLoop.create();
                ClosedLoop load = levels.start(loop, inFlight)) {
            for (String order : orders) {
                cluster.switchTo(order);
                levels.warmUp(inFlight, load);
            }
            for (int i = 1; i <= repetitions; i++) {
                for (Map.Entry<String, List<Measurement>> each : windows.entrySet()) {
                    cluster.switchTo(each.getKey());
                    levels.settle(inFlight, load, SETTLE_SECONDS);
                    each.getValue().add(levels.window(inFlight, load, i));
                }
            }
        }
        Map<String, Measurement> medians = new LinkedHashMap<>();
        windows.forEach((order, all) -> medians.put(order, Measurement.medianOf(all)));
        return medians;
    }
}

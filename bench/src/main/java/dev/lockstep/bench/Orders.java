package dev.lockstep.bench;

import java.util.LinkedHashSet;
import java.util.List;

/// The orders that can be measured, by their names in cluster.yaml.
final class Orders {

    static final String LEADER = "leader";
    static final String SYNCHRONIZED_CLOCK = "synchronized-clock";
    static final List<String> ALL =
            List.of(LEADER, "logical-clock", SYNCHRONIZED_CLOCK, "replica-ids");

    private Orders() {}

    /// Why these cannot be measured beside each other; empty if they can.
    static String problem(List<String> orders) {
        for (String order : orders) {
            if (!ALL.contains(order)) {
                return "--order knows " + String.join(", ", ALL) + ", not " + order;
            }
        }
        return new LinkedHashSet<>(orders).size() == orders.size()
                ? ""
                : "--order names an order twice: " + String.join(",", orders);
    }

    /// What is to be expected of an order at a site while nobody else asks.
    static double quiet(Sites sites, String order, int site, int leader) {
        return order.equals(LEADER) ? sites.withLeader(site, leader) : sites.alone(site);
    }

    /// What is to be expected at most when all sites ask.
    static double contended(Sites sites, String order, int site, int leader) {
        return switch (order) {
            case LEADER -> sites.withLeader(site, leader);
            case SYNCHRONIZED_CLOCK -> sites.contendedByTime(site);
            default -> sites.contended(site);
        };
    }

    /// Options for replicas so far apart: nothing is repeated, and nobody is taken for dead, while
    /// an answer can still be on its way.
    static String options(Sites sites, String order) {
        long way = Math.max(10, (long) Math.ceil(sites.longest()));
        return order.equals(LEADER)
                ? "order-options: {election-timeout-min: %dms, election-timeout-max: %dms, retry-interval: %dms, election-priorities: 1=9}"
                        .formatted(20 * way, 40 * way, 8 * way)
                : "order-options: {retry-interval: %dms, recovery-timeout: %dms, clock.max-lead: %dms}"
                        .formatted(8 * way, 20 * way, 4 * way);
    }
}

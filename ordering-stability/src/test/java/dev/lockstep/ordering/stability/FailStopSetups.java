package dev.lockstep.ordering.stability;

/// Providers by the name of their order.
final class FailStopSetups {

    private FailStopSetups() {}

    static FailStopProvider provider(String order, FailStopRules rules) {
        return switch (order) {
            case "logical-clock" -> new FailStopLogicalClockProvider(rules);
            case "synchronized-clock" -> new FailStopSynchronizedClockProvider(rules);
            case "replica-ids" -> new FailStopReplicaIdsProvider(rules);
            default -> throw new IllegalArgumentException(order);
        };
    }
}

package dev.lockstep.ordering.stability;

/// Providers by the name of their order.
final class FailStopSetups {

    private FailStopSetups() {}

    static FailStopProvider provider(String order, FailStopRules rules) {
        return switch (order) {
            case "logical-clock" -> new FailStopProvider(new LogicalClock(), false, rules);
            case "synchronized-clock" ->
                    new FailStopProvider(new SynchronizedClock(), false, rules);
            case "replica-ids" -> new FailStopProvider(new ReplicaIds(), true, rules);
            default -> throw new IllegalArgumentException(order);
        };
    }
}

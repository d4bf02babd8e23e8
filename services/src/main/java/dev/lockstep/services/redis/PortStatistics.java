package dev.lockstep.services.redis;

/// What the port counts for `INFO`.
final class PortStatistics {

    private final long startNanos = System.nanoTime();
    private long acceptedConnections;
    private long rejectedConnections;
    private long commands;

    void acceptedConnection() {
        acceptedConnections++;
    }

    void rejectedConnection() {
        rejectedConnections++;
    }

    void command() {
        commands++;
    }

    /// `CONFIG RESETSTAT`.
    void reset() {
        acceptedConnections = 0;
        rejectedConnections = 0;
        commands = 0;
    }

    long uptimeSeconds() {
        return (System.nanoTime() - startNanos) / 1_000_000_000L;
    }

    long acceptedConnections() {
        return acceptedConnections;
    }

    long rejectedConnections() {
        return rejectedConnections;
    }

    long commands() {
        return commands;
    }
}

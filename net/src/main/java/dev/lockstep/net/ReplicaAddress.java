package dev.lockstep.net;

/// Where a replica is reached, as it says itself.
///
/// @param host a name or a literal address
/// @param peerPort for the other replicas, 1 to 65,535
/// @param clientPort for clients; 0 if it is not known
/// @param adminPort for operators; 0 if there is none or it is not known
public record ReplicaAddress(String host, int peerPort, int clientPort, int adminPort) {

    private static final int MAX_HOST_LENGTH = 255;
    private static final int MAX_PORT = 0xffff;

    public ReplicaAddress {
        if (!isHost(host)) {
            throw new IllegalArgumentException("\"" + host + "\" is not the name of a host");
        }
        if (peerPort < 1 || peerPort > MAX_PORT) {
            throw new IllegalArgumentException(
                    "a port is a number from 1 to 65535, not " + peerPort);
        }
        if (clientPort < 0 || clientPort > MAX_PORT || adminPort < 0 || adminPort > MAX_PORT) {
            throw new IllegalArgumentException(
                    "a port is a number up to 65535, not " + clientPort + " or " + adminPort);
        }
    }

    /// True if this can be the name of a host: one word, as it stands in files and logs.
    static boolean isHost(String text) {
        return !text.isEmpty()
                && text.length() <= MAX_HOST_LENGTH
                && text.chars()
                        .noneMatch(c -> Character.isWhitespace(c) || Character.isISOControl(c));
    }

    /// The port for the other replicas, such as `10.0.0.1:7101`.
    @Override
    public String toString() {
        return host + ":" + peerPort;
    }
}

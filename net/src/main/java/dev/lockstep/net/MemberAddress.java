package dev.lockstep.net;

import dev.lockstep.core.ReplicaId;

/// Where a member listens for one kind of caller.
///
/// @param host a name or a literal address
/// @param port 1 to 65,535
public record MemberAddress(ReplicaId id, String host, int port) {

    public MemberAddress {
        if (host.isBlank() || host.length() > 255) {
            throw new IllegalArgumentException("\"" + host + "\" is not the name of a host");
        }
        if (port < 1 || port > 0xffff) {
            throw new IllegalArgumentException("a port is a number from 1 to 65535, not " + port);
        }
    }

    /// Such as `10.0.0.1:7101`.
    @Override
    public String toString() {
        return host + ":" + port;
    }
}

package dev.lockstep.client;

import org.jspecify.annotations.Nullable;

/// Where a replica listens for clients.
///
/// @param host a name or a literal address
record ServerAddress(String host, int port) {

    ServerAddress {
        if (host.isBlank() || host.length() > 255) {
            throw new IllegalArgumentException("\"" + host + "\" is not the name of a host");
        }
        if (port < 1 || port > 0xffff) {
            throw new IllegalArgumentException("a port is a number from 1 to 65535, not " + port);
        }
    }

    /// Reads `host:port`; an IPv6 address stands in brackets.
    static ServerAddress parse(String text) {
        String trimmed = text.strip();
        int colon = trimmed.lastIndexOf(':');
        if (colon > 0) {
            String host = trimmed.substring(0, colon);
            if (host.startsWith("[") && host.endsWith("]")) {
                host = host.substring(1, host.length() - 1);
            }
            try {
                return new ServerAddress(host, Integer.parseInt(trimmed.substring(colon + 1)));
            } catch (NumberFormatException e) {
                throw notAnAddress(trimmed, e);
            }
        }
        throw notAnAddress(trimmed, null);
    }

    private static IllegalArgumentException notAnAddress(String text, @Nullable Throwable cause) {
        return new IllegalArgumentException(
                "\"" + text + "\" is not the address of a replica; write host:port", cause);
    }

    @Override
    public String toString() {
        return host.indexOf(':') >= 0 ? "[" + host + "]:" + port : host + ":" + port;
    }
}

package dev.lockstep.cli;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;

import org.jspecify.annotations.Nullable;

import java.io.IOException;
import java.io.InputStream;
import java.net.HttpURLConnection;
import java.net.URI;
import java.net.URISyntaxException;
import java.time.Duration;
import java.util.Optional;

/// Asks a node's admin port.
public final class AdminClient {

    private static final ObjectMapper JSON = new ObjectMapper();
    private static final Duration TIMEOUT = Duration.ofSeconds(2);
    private static final Duration PIECE_TIMEOUT = Duration.ofSeconds(20);

    /// Of a node whose replica is not known before it has told its number.
    static final int UNKNOWN = 0;

    private final int replica;
    private final String host;
    private final int port;

    /// Of the node whose admin port this is.
    public AdminClient(String host, int port) {
        this(UNKNOWN, host, port);
    }

    /// Of the node that should have this replica.
    AdminClient(int replica, String host, int port) {
        this.replica = replica;
        this.host = host;
        this.port = port;
    }

    /// Of the node whose admin port is at `HOST:PORT`.
    static AdminClient of(String address) {
        return of(UNKNOWN, address);
    }

    /// The same if the node should have this replica.
    static AdminClient of(int replica, String address) {
        int colon = address.lastIndexOf(':');
        return new AdminClient(
                replica,
                address.substring(0, colon),
                Integer.parseInt(address.substring(colon + 1)));
    }

    /// Which replica should be there; [#UNKNOWN] if nobody says.
    int replica() {
        return replica;
    }

    /// What to call a replica that has told nothing: by its number as far as that is known, and by
    /// its address.
    static String nameOf(int replica, String address) {
        return replica == UNKNOWN ? address : "%d (%s)".formatted(replica, address);
    }

    /// True if the replica serves; false if it says it does not, or nobody answers.
    public boolean isServing() {
        try {
            HttpURLConnection connection = open("/health");
            try {
                return connection.getResponseCode() == HttpURLConnection.HTTP_OK;
            } finally {
                connection.disconnect();
            }
        } catch (IOException nobody) {
            return false;
        }
    }

    /// True if the replica runs and is not a member, so that it will not serve.
    boolean isFollowing() {
        try {
            return !get("/status").path("member").asBoolean(true);
        } catch (IOException nobody) {
            return false;
        }
    }

    /// The object that `path` answers with.
    ///
    /// @throws IOException if nobody answers, or not with that
    public JsonNode get(String path) throws IOException {
        return get(path, null);
    }

    JsonNode get(String path, @Nullable String query) throws IOException {
        HttpURLConnection connection = open(path, query);
        try (InputStream in = connection.getInputStream()) {
            return JSON.readTree(in);
        } finally {
            connection.disconnect();
        }
    }

    /// As [#get], and has the replica prepare what the object tells of.
    JsonNode post(String path) throws IOException {
        HttpURLConnection connection = open(path);
        connection.setRequestMethod("POST");
        try (InputStream in = connection.getInputStream()) {
            return JSON.readTree(in);
        } finally {
            connection.disconnect();
        }
    }

    /// A piece of something, which may take longer than a page. The connection is kept.
    ///
    /// @return empty if it is not there, or not any more
    /// @throws IOException if nobody answers, or with a refusal
    Optional<byte[]> piece(String path, String query) throws IOException {
        HttpURLConnection connection = open(path, query);
        connection.setReadTimeout((int) PIECE_TIMEOUT.toMillis());
        int code = connection.getResponseCode();
        if (code == HttpURLConnection.HTTP_OK) {
            try (InputStream in = connection.getInputStream()) {
                return Optional.of(in.readAllBytes());
            }
        }
        try (InputStream in = connection.getErrorStream()) {
            String why = in == null ? "" : new String(in.readAllBytes(), UTF_8).strip();
            if (code == HttpURLConnection.HTTP_GONE) {
                return Optional.empty();
            }
            throw new IOException(why.isEmpty() ? "it answered with " + code : why);
        }
    }

    String address() {
        return host + ":" + port;
    }

    private HttpURLConnection open(String path) throws IOException {
        return open(path, null);
    }

    private HttpURLConnection open(String path, @Nullable String query) throws IOException {
        try {
            // Plain HttpURLConnection: the newer client's threads cost a tenth of a second to
            // start.
            HttpURLConnection connection =
                    (HttpURLConnection)
                            new URI("http", null, host, port, path, query, null)
                                    .toURL()
                                    .openConnection();
            connection.setConnectTimeout((int) TIMEOUT.toMillis());
            connection.setReadTimeout((int) TIMEOUT.toMillis());
            return connection;
        } catch (URISyntaxException e) {
            throw new IOException("no address: " + host + ":" + port, e);
        }
    }
}

package dev.lockstep.cli;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;

import java.io.IOException;
import java.io.InputStream;
import java.net.HttpURLConnection;
import java.net.URI;
import java.net.URISyntaxException;
import java.time.Duration;

/// Asks a node's admin port.
public final class AdminClient {

    private static final ObjectMapper JSON = new ObjectMapper();
    private static final Duration TIMEOUT = Duration.ofSeconds(2);

    private final String host;
    private final int port;

    /// Of the node whose admin port this is.
    public AdminClient(String host, int port) {
        this.host = host;
        this.port = port;
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

    /// The object that `path` answers with.
    ///
    /// @throws IOException if nobody answers, or not with that
    public JsonNode get(String path) throws IOException {
        HttpURLConnection connection = open(path);
        try (InputStream in = connection.getInputStream()) {
            return JSON.readTree(in);
        } finally {
            connection.disconnect();
        }
    }

    String address() {
        return host + ":" + port;
    }

    private HttpURLConnection open(String path) throws IOException {
        try {
            // Plain HttpURLConnection: the newer client's threads cost a tenth of a second to
            // start.
            HttpURLConnection connection =
                    (HttpURLConnection)
                            new URI("http", null, host, port, path, null, null)
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

package dev.lockstep.node;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;

import org.jspecify.annotations.Nullable;

import java.io.IOException;
import java.io.InputStream;
import java.net.HttpURLConnection;
import java.net.URI;
import java.net.URISyntaxException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;

/// Asks the pages of [MemberPages] of any node.
///
/// Threading: any thread.
final class AdminCalls {

    private static final JsonMapper JSON = new JsonMapper();
    private static final int TIMEOUT_MILLIS = (int) Duration.ofSeconds(2).toMillis();

    private AdminCalls() {}

    /// The page of the node at `address`, also if it is a refusal.
    ///
    /// @param method GET or POST
    /// @param query encoded as in a URI
    /// @throws IOException if nobody answers, or not with a page
    static JsonNode ask(String address, String method, String path, @Nullable String query)
            throws IOException {
        HttpURLConnection connection = open(address, path, query);
        connection.setRequestMethod(method);
        connection.setConnectTimeout(TIMEOUT_MILLIS);
        connection.setReadTimeout(TIMEOUT_MILLIS);
        int code = connection.getResponseCode();
        boolean isError = code >= HttpURLConnection.HTTP_BAD_REQUEST;
        try (InputStream in = isError ? connection.getErrorStream() : connection.getInputStream()) {
            byte[] body = in == null ? new byte[0] : in.readAllBytes();
            boolean isPage = AdminExchange.JSON.equals(connection.getContentType());
            if (!isPage) {
                String text = new String(body, StandardCharsets.UTF_8).strip();
                throw new IOException(text.isEmpty() ? "it answered with " + code : text);
            }
            return JSON.readTree(body);
        }
    }

    private static HttpURLConnection open(String address, String path, @Nullable String query)
            throws IOException {
        int colon = address.lastIndexOf(':');
        try {
            int port = Integer.parseInt(address.substring(colon + 1));
            String host = address.substring(0, Math.max(0, colon));
            String page = new URI("http", null, host, port, path, null, null).toString();
            return (HttpURLConnection)
                    new URI(query == null ? page : page + "?" + query).toURL().openConnection();
        } catch (URISyntaxException | IllegalArgumentException e) {
            throw new IOException("'" + address + "' is no HOST:PORT of an admin port", e);
        }
    }
}

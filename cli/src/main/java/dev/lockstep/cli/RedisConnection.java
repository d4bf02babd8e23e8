package dev.lockstep.cli;

import java.io.BufferedInputStream;
import java.io.BufferedOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/// The least of a Redis client: sends commands and reads single replies, as text.
///
/// Threading: one thread at a time.
final class RedisConnection implements AutoCloseable {

    private static final int TIMEOUT_MILLIS = 10_000;

    /// What `GET` answers for a key that is not there.
    static final String NOTHING = "(nil)";

    private final Socket socket = new Socket();
    private final InputStream in;
    private final OutputStream out;

    RedisConnection(String host, int port) throws IOException {
        socket.connect(new InetSocketAddress(host, port), TIMEOUT_MILLIS);
        socket.setSoTimeout(TIMEOUT_MILLIS);
        socket.setTcpNoDelay(true);
        in = new BufferedInputStream(socket.getInputStream());
        out = new BufferedOutputStream(socket.getOutputStream());
    }

    /// Sends one command and waits for its reply.
    String ask(String... words) throws IOException {
        return askAll(List.of(List.of(words))).getFirst();
    }

    /// Sends all commands before it reads the first reply.
    List<String> askAll(List<List<String>> commands) throws IOException {
        for (List<String> words : commands) {
            write("*" + words.size() + "\r\n");
            for (String word : words) {
                byte[] bytes = word.getBytes(StandardCharsets.UTF_8);
                write("$" + bytes.length + "\r\n");
                out.write(bytes);
                write("\r\n");
            }
        }
        out.flush();
        List<String> replies = new ArrayList<>();
        for (int i = 0; i < commands.size(); i++) {
            replies.add(reply());
        }
        return replies;
    }

    private void write(String text) throws IOException {
        out.write(text.getBytes(StandardCharsets.US_ASCII));
    }

    private String reply() throws IOException {
        String line = line();
        if (line.startsWith("-")) {
            throw new IOException("the Redis port answered: " + line.substring(1));
        }
        if (!line.startsWith("$")) {
            return line.substring(1);
        }
        int size = Integer.parseInt(line.substring(1));
        if (size < 0) {
            return NOTHING;
        }
        byte[] value = in.readNBytes(size);
        line();
        return new String(value, StandardCharsets.UTF_8);
    }

    private String line() throws IOException {
        StringBuilder line = new StringBuilder();
        while (true) {
            int next = in.read();
            if (next < 0) {
                throw new EOFException("the Redis port closed the connection");
            }
            if (next == '\n') {
                line.setLength(line.length() - 1);
                return line.toString();
            }
            line.append((char) next);
        }
    }

    @Override
    public void close() throws IOException {
        socket.close();
    }
}

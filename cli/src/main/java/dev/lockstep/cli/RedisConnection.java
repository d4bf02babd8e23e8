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
public final class RedisConnection implements AutoCloseable {

    private static final int TIMEOUT_MILLIS = 10_000;

    /// What `GET` answers for a key that is not there.
    public static final String NOTHING = "(nil)";

    private final Socket socket = new Socket();
    private final InputStream in;
    private final OutputStream out;

    /// The port answered with an error; the connection lives on.
    public static final class ErrorReply extends IOException {
        private static final long serialVersionUID = 1L;

        private final String code;

        private ErrorReply(String text) {
            super("the Redis port answered: " + text);
            code = text.split(" ", 2)[0];
        }

        /// Its first word, such as `OVERLOADED`.
        public String code() {
            return code;
        }
    }

    /// Connects.
    public RedisConnection(String host, int port) throws IOException {
        socket.connect(new InetSocketAddress(host, port), TIMEOUT_MILLIS);
        socket.setSoTimeout(TIMEOUT_MILLIS);
        socket.setTcpNoDelay(true);
        in = new BufferedInputStream(socket.getInputStream());
        out = new BufferedOutputStream(socket.getOutputStream());
    }

    /// Sends one command and waits for its reply; the parts of a list are joined by spaces.
    public String ask(String... words) throws IOException {
        return askAll(List.of(List.of(words))).getFirst();
    }

    /// Sends all commands before it reads the first reply.
    public List<String> askAll(List<List<String>> commands) throws IOException {
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
            throw new ErrorReply(line.substring(1));
        }
        if (line.startsWith("*")) {
            return list(Integer.parseInt(line.substring(1)));
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

    private String list(int size) throws IOException {
        if (size < 0) {
            return NOTHING;
        }
        List<String> parts = new ArrayList<>();
        for (int i = 0; i < size; i++) {
            parts.add(reply());
        }
        return String.join(" ", parts);
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

package dev.lockstep.services.redis;

import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;

/// A client that shows replies byte for byte. Text stands for bytes as in Latin-1.
final class RespClient implements AutoCloseable {

    private static final int TIMEOUT_MILLIS = 20_000;

    private final Socket socket;
    private final InputStream in;

    RespClient(int port) throws IOException {
        socket = new Socket(InetAddress.getLoopbackAddress(), port);
        socket.setSoTimeout(TIMEOUT_MILLIS);
        socket.setTcpNoDelay(true);
        in = new BufferedInputStream(socket.getInputStream(), 1 << 16);
    }

    static String encode(String... words) {
        StringBuilder request = new StringBuilder("*" + words.length + "\r\n");
        for (String word : words) {
            request.append('$').append(word.length()).append("\r\n").append(word).append("\r\n");
        }
        return request.toString();
    }

    void send(String raw) throws IOException {
        socket.getOutputStream().write(raw.getBytes(StandardCharsets.ISO_8859_1));
    }

    /// Sends a command and returns its whole reply.
    String ask(String... words) throws IOException {
        send(encode(words));
        return read();
    }

    /// The next reply.
    String read() throws IOException {
        ByteArrayOutputStream reply = new ByteArrayOutputStream();
        read(reply);
        return reply.toString(StandardCharsets.ISO_8859_1);
    }

    /// Whatever comes until the server closes the connection.
    String readToEnd() throws IOException {
        return new String(in.readAllBytes(), StandardCharsets.ISO_8859_1);
    }

    /// Lets the server see that no more comes.
    void shutdownOutput() throws IOException {
        socket.shutdownOutput();
    }

    private void read(ByteArrayOutputStream reply) throws IOException {
        String line = line(reply);
        char type = line.charAt(0);
        switch (type) {
            case '$', '=' -> {
                int size = Integer.parseInt(line.substring(1));
                for (int i = 0; i < (size < 0 ? 0 : size + 2); i++) {
                    reply.write(next());
                }
            }
            case '*', '~', '%' -> {
                int items = Integer.parseInt(line.substring(1)) * (type == '%' ? 2 : 1);
                for (int i = 0; i < items; i++) {
                    read(reply);
                }
            }
            case '+', '-', ':', '_', ',', '#' -> {}
            default -> throw new IOException("unknown type of reply: " + line);
        }
    }

    private String line(ByteArrayOutputStream reply) throws IOException {
        StringBuilder line = new StringBuilder();
        while (true) {
            int next = next();
            reply.write(next);
            if (next == '\n') {
                return line.toString();
            }
            if (next != '\r') {
                line.append((char) next);
            }
        }
    }

    private int next() throws IOException {
        int next = in.read();
        if (next < 0) {
            throw new EOFException("the server closed the connection");
        }
        return next;
    }

    @Override
    public void close() throws IOException {
        socket.close();
    }
}

package dev.lockstep.services.redis;

import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/// A `redis-server` of the machine's, to compare with.
final class RealRedis implements AutoCloseable {

    private static final long START_NANOS = TimeUnit.SECONDS.toNanos(10);

    private final Process process;
    private final int port;

    private RealRedis(Process process, int port) {
        this.process = process;
        this.port = port;
    }

    /// Where `redis-server` is, if it is on the `PATH`.
    static Optional<Path> program() {
        return List.of(System.getenv().getOrDefault("PATH", "").split(File.pathSeparator, -1))
                .stream()
                .map(directory -> Path.of(directory, "redis-server"))
                .filter(Files::isExecutable)
                .findFirst();
    }

    static RealRedis start(Path program) throws IOException {
        int port;
        try (ServerSocket free = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            port = free.getLocalPort();
        }
        Process process =
                new ProcessBuilder(
                                program.toString(),
                                "--port",
                                Integer.toString(port),
                                "--save",
                                "",
                                "--databases",
                                "1",
                                "--bind",
                                "127.0.0.1")
                        .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                        .redirectErrorStream(true)
                        .start();
        RealRedis server = new RealRedis(process, port);
        server.awaitPing();
        return server;
    }

    int port() {
        return port;
    }

    private void awaitPing() {
        long deadline = System.nanoTime() + START_NANOS;
        while (true) {
            try (RespClient client = new RespClient(port)) {
                if (client.ask("PING").equals("+PONG\r\n")) {
                    return;
                }
            } catch (IOException notYet) {
                if (System.nanoTime() > deadline || !process.isAlive()) {
                    close();
                    throw new UncheckedIOException(notYet);
                }
                Thread.onSpinWait();
            }
        }
    }

    @Override
    public void close() {
        process.destroyForcibly();
        try {
            process.waitFor();
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
        }
    }
}

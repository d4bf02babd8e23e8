package dev.lockstep.cli;

import org.jspecify.annotations.Nullable;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.TimeUnit;

/// A replica that runs as a process of its own, started by this one and ending with it at the
/// latest.
///
/// Threading: one thread at a time.
public final class ReplicaProcess {

    /// More than a node takes to drain.
    private static final long STOP_SECONDS = 12;

    private static final int TAIL_LINES = 6;

    private final Path config;
    private final int id;
    private final Path log;
    private final List<String> jvmOptions;
    private final List<String> entry;
    private @Nullable Process process;

    /// @param config the cluster's file
    /// @param log takes all output, appended
    ReplicaProcess(Path config, int id, Path log, List<String> jvmOptions) {
        this(config, id, log, jvmOptions, List.of());
    }

    /// @param config the cluster's file
    /// @param log takes all output, appended
    /// @param entry a command that turns into the one that follows it, such as one that enters a
    ///     namespace; may be empty
    public ReplicaProcess(
            Path config, int id, Path log, List<String> jvmOptions, List<String> entry) {
        this.config = config.toAbsolutePath();
        this.id = id;
        this.log = log.toAbsolutePath();
        this.jvmOptions = List.copyOf(jvmOptions);
        this.entry = List.copyOf(entry);
    }

    /// What ./lockstep itself gives to `lockstep node`.
    public static List<String> defaultJvmOptions() {
        String file = System.getProperty("lockstep.node.jvmargs");
        return file == null ? List.of("--enable-native-access=ALL-UNNAMED") : List.of("@" + file);
    }

    /// The replica's number.
    public int id() {
        return id;
    }

    /// The file that takes its output.
    public Path log() {
        return log;
    }

    /// The process's number.
    public long pid() {
        return running().pid();
    }

    /// True while the process runs, or is stopped by a signal.
    public boolean isAlive() {
        return process != null && process.isAlive();
    }

    /// Starts it; it is not yet serving when this returns.
    public void start() {
        start(List.of());
    }

    /// The same with more options for its JVM, this time.
    void start(List<String> more) {
        if (isAlive()) {
            throw new IllegalStateException("replica " + id + " is running");
        }
        List<String> command = new ArrayList<>();
        // Ctrl-C goes to every process of a terminal. The replicas are to stop one after the other
        // when the parent says so: the shell leaves the signal ignored to what it turns into.
        command.addAll(List.of("/bin/sh", "-c", "trap '' INT HUP; exec \"$@\"", "replica-" + id));
        command.addAll(entry);
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.addAll(jvmOptions);
        command.addAll(more);
        command.addAll(List.of("-cp", System.getProperty("java.class.path")));
        command.addAll(List.of(Main.class.getName(), "node", "--until-parent-ends"));
        command.addAll(List.of("--config", config.toString(), "--id", Integer.toString(id)));
        try {
            Files.createDirectories(Objects.requireNonNull(log.getParent()));
            process =
                    new ProcessBuilder(command)
                            .redirectErrorStream(true)
                            .redirectOutput(ProcessBuilder.Redirect.appendTo(log.toFile()))
                            .start();
        } catch (IOException e) {
            throw new OperatorException(
                    "replica %d cannot be started: %s".formatted(id, Reason.of(e)), e);
        }
    }

    /// SIGKILL, and waits until it is gone.
    public void kill() throws InterruptedException {
        running().destroyForcibly();
        running().waitFor();
    }

    /// SIGTERM, and waits until it has drained; kills it if it does not end.
    ///
    /// @return true if it ended by itself
    public boolean stop() throws InterruptedException {
        if (!isAlive()) {
            return true;
        }
        // Not Process.destroy, which closes the child's input as well: it would see two reasons to
        // stop, and which one decides its exit code would be a matter of luck.
        running().toHandle().destroy();
        if (running().waitFor(STOP_SECONDS, TimeUnit.SECONDS)) {
            return true;
        }
        kill();
        return false;
    }

    /// Sends a signal by name, such as STOP.
    void signal(String name) throws IOException, InterruptedException {
        Process kill =
                new ProcessBuilder("kill", "-" + name, Long.toString(pid())).inheritIO().start();
        if (kill.waitFor() != 0) {
            throw new IOException("kill -" + name + " " + pid() + " failed");
        }
    }

    /// Waits until it has ended and returns its exit code.
    public int awaitEnd() throws InterruptedException {
        return running().waitFor();
    }

    /// The last lines it wrote.
    public String lastWords() {
        try {
            List<String> lines = Files.readAllLines(log);
            return String.join(
                    System.lineSeparator(),
                    lines.subList(Math.max(0, lines.size() - TAIL_LINES), lines.size()));
        } catch (IOException e) {
            return "(" + log + " cannot be read: " + Reason.of(e) + ")";
        }
    }

    private Process running() {
        if (process == null) {
            throw new IllegalStateException("replica " + id + " was never started");
        }
        return process;
    }
}

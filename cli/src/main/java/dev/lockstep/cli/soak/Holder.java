package dev.lockstep.cli.soak;

import java.io.BufferedReader;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/// A process that does nothing but live in namespaces of its own. It reads from this process and
/// ends with it, however that ends; with it and the replica inside go the namespaces and everything
/// in them, so that nothing is left on the machine.
final class Holder implements AutoCloseable {

    private static final String READY = "ready";

    private final Process process;

    /// @param options of `unshare`, such as `--net`
    /// @throws IOException with what the system said, if it does not allow that
    Holder(List<String> options) throws IOException {
        List<String> command = new ArrayList<>();
        // Ctrl-C goes to every process of a terminal, but this one is still needed to wind up.
        command.addAll(List.of("/bin/sh", "-c", "trap '' INT HUP; exec \"$@\"", "holder"));
        command.add("unshare");
        command.addAll(options);
        command.addAll(List.of("/bin/sh", "-c", "echo " + READY + "; exec cat"));
        process = new ProcessBuilder(command).redirectErrorStream(true).start();
        BufferedReader out = process.inputReader(StandardCharsets.UTF_8);
        String line = out.readLine();
        if (!READY.equals(line)) {
            process.destroyForcibly();
            throw new IOException(line == null ? "unshare ended without a word" : line);
        }
    }

    long pid() {
        return process.pid();
    }

    /// The words before a command that is to run inside.
    ///
    /// @param namespaces options of `nsenter`, such as `--net`
    List<String> entry(String... namespaces) {
        List<String> command = new ArrayList<>();
        command.add("nsenter");
        command.add("--target=" + pid());
        command.addAll(List.of(namespaces));
        // Entering a mount namespace would otherwise lead to its root.
        command.add("--wd=" + Path.of("").toAbsolutePath());
        command.add("--");
        return command;
    }

    /// Runs a command inside to its end.
    void run(String namespace, String... command) throws IOException, InterruptedException {
        List<String> words = entry(namespace);
        words.addAll(List.of(command));
        Tool.run(words);
    }

    /// How a file is called from outside that has this name inside.
    Path outside(Path inside) {
        return Path.of("/proc", Long.toString(pid()), "root" + inside.toAbsolutePath());
    }

    @Override
    public void close() {
        process.destroyForcibly();
    }
}

package dev.lockstep.cli.soak;

import dev.lockstep.cli.Reason;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;

/// A command of the system, such as `ip` or `mount`.
final class Tool {

    private Tool() {}

    /// Runs it to its end.
    ///
    /// @throws IOException with the command and what it said, if it cannot be run or fails
    static void run(List<String> command) throws IOException, InterruptedException {
        Process process;
        try {
            process = new ProcessBuilder(command).redirectErrorStream(true).start();
        } catch (IOException e) {
            throw new IOException(
                    "'%s' cannot be run: %s".formatted(command.getFirst(), Reason.of(e)), e);
        }
        String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        int code = process.waitFor();
        if (code != 0) {
            throw new IOException(
                    "'%s' failed: %s"
                            .formatted(
                                    String.join(" ", command),
                                    said.isBlank()
                                            ? "exit code " + code
                                            : said.strip().replace('\n', ' ')));
        }
    }

    static void run(String... command) throws IOException, InterruptedException {
        run(List.of(command));
    }
}

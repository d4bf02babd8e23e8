package dev.lockstep.cli;

import org.jspecify.annotations.Nullable;

import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.Callable;

/// `lockstep version`: what runs here.
@Command(
        name = "version",
        description = "Shows the version of Lockstep and of what it runs on.",
        mixinStandardHelpOptions = false)
final class VersionCommand implements Callable<Integer> {

    @Spec private @Nullable CommandSpec spec;

    @Option(names = "--json", description = "Prints one JSON object, for scripts.")
    private boolean json;

    @Override
    public Integer call() {
        Map<String, Object> facts = new TreeMap<>();
        facts.put("lockstep", Version.lockstep());
        facts.put("java", System.getProperty("java.vm.version", "unknown"));
        facts.put(
                "system",
                System.getProperty("os.name", "unknown")
                        + " "
                        + System.getProperty("os.version", "")
                        + " "
                        + System.getProperty("os.arch", ""));
        Console console = Console.of(spec);
        if (json) {
            console.json(facts);
        } else {
            console.line("Lockstep %s", facts.get("lockstep"));
            console.line("Java %s on %s", facts.get("java"), facts.get("system"));
        }
        return ExitCode.DONE;
    }
}

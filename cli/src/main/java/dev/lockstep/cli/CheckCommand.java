package dev.lockstep.cli;

import dev.lockstep.testkit.history.HistoryFile;
import dev.lockstep.testkit.history.HistoryModel;
import dev.lockstep.testkit.history.JepsenFile;
import dev.lockstep.testkit.history.Linearizability;
import dev.lockstep.testkit.history.LinearizabilityChecker;
import dev.lockstep.testkit.history.Operation;
import dev.lockstep.testkit.history.Window;

import org.jspecify.annotations.Nullable;

import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

import java.io.BufferedReader;
import java.io.IOException;
import java.nio.charset.CharacterCodingException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.Callable;

/// `lockstep check`: is a recorded history linearizable?
@Command(
        name = "check",
        description = {
            "Decides whether a history of what clients called and were told is linearizable: whether"
                    + " every operation can have taken effect at one moment between its call and its"
                    + " return. If not, it prints the smallest window that cannot be ordered.",
            "",
            "Reads Lockstep's own histories and Jepsen's history.edn."
        },
        footer = {
            "",
            "Exit codes: 0 linearizable, 1 not linearizable, not readable or empty,",
            "2 used wrongly, 3 undecided.",
            "",
            "Examples:",
            "  lockstep check history.txt --model kv",
            "  lockstep check history.edn --model register --svg window.svg"
        })
final class CheckCommand implements Callable<Integer> {

    @Spec private @Nullable CommandSpec spec;

    @Parameters(paramLabel = "HISTORY", description = "The file.")
    private @Nullable Path file;

    @Option(
            names = "--model",
            paramLabel = "MODEL",
            required = true,
            description = "What the object is: kv, register, counter, lock or list-append.")
    private String model = "";

    @Option(
            names = "--format",
            paramLabel = "FORMAT",
            defaultValue = "auto",
            description = "lockstep, edn, or auto to look at the file. Default: auto.")
    private String format = "auto";

    @Option(
            names = "--svg",
            paramLabel = "FILE",
            description = "Draws the window there if the history is not linearizable.")
    private @Nullable Path svg;

    @Option(
            names = "--configurations",
            paramLabel = "N",
            description =
                    "Gives up after so many configurations of one key; a million take up to 50 MiB."
                            + " Default: 10000000.")
    private long configurations = LinearizabilityChecker.DEFAULT_CONFIGURATIONS;

    @Option(names = "--json", description = "Prints one JSON object, for scripts.")
    private boolean json;

    @Override
    public Integer call() {
        HistoryModel chosen =
                HistoryModel.named(model)
                        .orElseThrow(
                                () ->
                                        misused(
                                                "There is no model '%s': choose from %s."
                                                        .formatted(
                                                                model,
                                                                String.join(
                                                                        ", ",
                                                                        HistoryModel.words()))));
        if (configurations < 1) {
            throw misused("--configurations is at least 1.");
        }
        try {
            return call(chosen, Objects.requireNonNull(file));
        } catch (OutOfMemoryError full) {
            // Nothing else runs here, and what was read or searched is gone by now.
            throw new OperatorException(
                    "%s needs more than the %d MiB of memory that there are for it: give it more with LOCKSTEP_JAVA_OPTS=-Xmx8g, or less to search with --configurations"
                            .formatted(file, Runtime.getRuntime().maxMemory() >> 20),
                    full);
        }
    }

    private int call(HistoryModel chosen, Path from) {
        boolean isEdn = isEdn(from);
        List<Operation> history = read(from, chosen, isEdn);
        if (history.isEmpty()) {
            throw new OperatorException(
                    from
                            + " holds no operations that may have happened, so nothing was checked"
                            + (isEdn ? "" : "; Jepsen's histories are read with --format edn"));
        }
        long began = System.nanoTime();
        Linearizability verdict = check(chosen, history, isEdn);
        double seconds = (System.nanoTime() - began) / 1e9;
        Console console = Console.of(spec);
        if (json) {
            printJson(console, history, verdict, seconds);
        } else {
            print(console, history, verdict, seconds);
        }
        // The verdict is known to somebody by now, whatever becomes of the drawing.
        if (svg != null) {
            draw(console, svg, verdict);
        }
        return switch (verdict) {
            case Linearizability.Holds _ -> ExitCode.DONE;
            case Linearizability.Violated _ -> ExitCode.FAILED;
            case Linearizability.Undecided _ -> ExitCode.UNDECIDED;
        };
    }

    private ParameterException misused(String sentence) {
        return new ParameterException(Objects.requireNonNull(spec).commandLine(), sentence);
    }

    private boolean isEdn(Path from) {
        return switch (format) {
            case "auto" -> reading(from, () -> looksLikeEdn(from));
            case "edn" -> true;
            case "lockstep" -> false;
            default ->
                    throw misused(
                            "There is no format '%s': choose from auto, lockstep, edn."
                                    .formatted(format));
        };
    }

    private static List<Operation> read(Path from, HistoryModel chosen, boolean isEdn) {
        return reading(from, () -> isEdn ? JepsenFile.read(from, chosen) : HistoryFile.read(from));
    }

    private interface Reading<T> {
        T read() throws IOException;
    }

    private static <T> T reading(Path from, Reading<T> reading) {
        try {
            return reading.read();
        } catch (NoSuchFileException missing) {
            throw new OperatorException("there is no file " + from, missing);
        } catch (CharacterCodingException notText) {
            throw new OperatorException(from + " is no text in UTF-8", notText);
        } catch (FileSystemException unreadable) {
            throw new OperatorException(
                    "cannot read " + from + ": " + Reason.of(unreadable), unreadable);
        } catch (IOException unreadable) {
            if (Files.isDirectory(from)) {
                throw new OperatorException(from + " is a directory", unreadable);
            }
            throw new OperatorException(
                    "cannot read the history: " + unreadable.getMessage(), unreadable);
        }
    }

    /// A history of Lockstep's begins with a number or with `# `, which is no EDN.
    private static boolean looksLikeEdn(Path from) throws IOException {
        try (BufferedReader in = Files.newBufferedReader(from)) {
            int c = in.read();
            while (c >= 0 && Character.isWhitespace(c)) {
                c = in.read();
            }
            return switch (c) {
                case '{', '[', '(', ';' -> true;
                case '#' -> {
                    int next = in.read();
                    yield Character.isLetter(next) || next == '_';
                }
                default -> false;
            };
        }
    }

    private Linearizability check(HistoryModel chosen, List<Operation> history, boolean isEdn) {
        try {
            // Of Jepsen's histories that was looked at when they were read, where lines are known.
            if (!isEdn) {
                history.forEach(chosen::check);
            }
            Linearizability verdict =
                    new LinearizabilityChecker(chosen.model(), configurations).check(history);
            return isEdn && verdict instanceof Linearizability.Violated violated
                    ? new Linearizability.Violated(violated.explanation().ofProcesses())
                    : verdict;
        } catch (IllegalArgumentException notOfTheModel) {
            throw new OperatorException(
                    "%s is no history of the model %s: %s"
                            .formatted(file, model, notOfTheModel.getMessage()),
                    notOfTheModel);
        }
    }

    private void draw(Console console, Path to, Linearizability verdict) {
        String said = "Nothing is drawn: there is no window that cannot be ordered.";
        if (verdict instanceof Linearizability.Violated violated) {
            try {
                Files.writeString(to, violated.explanation().svg());
                said = "Drawn in %s.".formatted(to);
            } catch (IOException unwritable) {
                throw new OperatorException(
                        "cannot write the drawing to " + to + ": " + Reason.of(unwritable),
                        unwritable);
            }
        }
        if (!json) {
            console.line("%s", said);
        }
    }

    private void print(
            Console console, List<Operation> history, Linearizability verdict, double seconds) {
        switch (verdict) {
            case Linearizability.Holds holds ->
                    console.line(
                            "Linearizable: %s on %s, %s, %.1f s.",
                            counted(holds.operations(), "operation"),
                            counted(keys(history), "key"),
                            counted(holds.configurations(), "configuration"),
                            seconds);
            case Linearizability.Violated violated ->
                    console.line("Not linearizable: %s", violated.window());
            case Linearizability.Undecided undecided ->
                    console.line(
                            "Undecided: the search on key '%s' was given up after %,d"
                                    + " configurations and %.1f s; give it more with"
                                    + " --configurations, or record fewer clients on a key.",
                            undecided.key(), undecided.configurations(), seconds);
        }
    }

    private static String counted(long count, String noun) {
        return "%,d %s%s".formatted(count, noun, count == 1 ? "" : "s");
    }

    private static long keys(List<Operation> history) {
        return history.stream().map(Operation::key).distinct().count();
    }

    private static void printJson(
            Console console, List<Operation> history, Linearizability verdict, double seconds) {
        Map<String, Object> facts = new LinkedHashMap<>();
        facts.put("operations", history.size());
        facts.put("keys", keys(history));
        facts.put("seconds", seconds);
        switch (verdict) {
            case Linearizability.Holds holds -> {
                facts.put("verdict", "linearizable");
                facts.put("configurations", holds.configurations());
            }
            case Linearizability.Violated violated -> {
                Window window = violated.explanation();
                facts.put("verdict", "not linearizable");
                facts.put("key", window.key());
                facts.put("culprit", window.describe(window.culprit()));
                facts.put("window", window.needed().stream().map(window::describe).toList());
                facts.put("statesBefore", window.statesBefore());
            }
            case Linearizability.Undecided undecided -> {
                facts.put("verdict", "undecided");
                facts.put("key", undecided.key());
                facts.put("configurations", undecided.configurations());
            }
        }
        console.json(facts);
    }
}

package dev.lockstep.cli;

import dev.lockstep.cli.soak.SoakCommand;
import dev.lockstep.net.keys.KeyRefusedException;
import dev.lockstep.node.ConfigException;

import org.jspecify.annotations.Nullable;

import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.HelpCommand;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.ParseResult;
import picocli.CommandLine.Spec;
import picocli.CommandLine.UnmatchedArgumentException;

import java.io.PrintWriter;
import java.util.Objects;
import java.util.ServiceLoader;
import java.util.concurrent.Callable;

/// The `lockstep` command itself: finds the subcommand and turns what goes wrong into one sentence
/// and an exit code.
@Command(
        name = "lockstep",
        description =
                "Runs a deterministic service on several replicas, so that it survives the death of"
                        + " any one.",
        synopsisSubcommandLabel = "COMMAND",
        subcommands = {
            AuthorityCommand.class,
            BackupCommand.class,
            CheckCommand.class,
            DemoCommand.class,
            EvidenceCommand.class,
            GatewayCommand.class,
            InitCommand.class,
            KeysCommand.class,
            KeyValueCommand.class,
            MemberCommand.class,
            NodeCommand.class,
            RecoverCommand.class,
            RestoreCommand.class,
            SimulateCommand.class,
            SoakCommand.class,
            StatusCommand.class,
            SwitchCommand.class,
            VerifyCommand.class,
            VersionCommand.class,
            HelpCommand.class
        },
        footer = {
            "",
            "Start here:",
            "  lockstep demo            three replicas on this machine, until Ctrl-C",
            "  lockstep demo --tour     the same, with a guide that kills one and counts",
            "  lockstep COMMAND --help  what a command does, with examples",
            "",
            "Exit codes: 0 done, 1 failed, 2 used wrongly."
        })
public final class Main implements Callable<Integer> {

    @Spec private @Nullable CommandSpec spec;

    private Main() {}

    /// Runs the command line and exits with its code.
    public static void main(String[] arguments) {
        WindUp.exit(commandLine().execute(arguments));
    }

    /// The whole command line: its own subcommands and those found with [ServiceLoader].
    static CommandLine commandLine() {
        CommandLine lockstep = new CommandLine(new Main());
        for (Subcommand subcommand : ServiceLoader.load(Subcommand.class)) {
            lockstep.addSubcommand(subcommand);
        }
        // What follows the command's name are its own words, whatever they look like.
        Objects.requireNonNull(lockstep.getSubcommands().get("kv")).setStopAtPositional(true);
        giveHelp(lockstep);
        lockstep.getSubcommands().values().forEach(Main::giveHelp);
        return lockstep.setParameterExceptionHandler(Main::usedWrongly)
                .setExecutionExceptionHandler(Main::failed)
                .setCaseInsensitiveEnumValuesAllowed(true)
                .setUsageHelpAutoWidth(true);
    }

    /// Gives a command `--help`, unless it has one.
    private static void giveHelp(CommandLine command) {
        CommandSpec spec = command.getCommandSpec();
        if (spec.findOption("--help") == null && !(command.getCommand() instanceof HelpCommand)) {
            spec.addOption(
                    OptionSpec.builder("-h", "--help")
                            .usageHelp(true)
                            .description("Shows this help.")
                            .build());
        }
        command.getSubcommands().values().forEach(Main::giveHelp);
    }

    private static int usedWrongly(ParameterException wrong, String[] arguments) {
        CommandLine command = wrong.getCommandLine();
        PrintWriter err = command.getErr();
        err.println("lockstep: " + saying(wrong));
        if (!UnmatchedArgumentException.printSuggestions(wrong, err)) {
            err.printf("Try '%s --help'.%n", command.getCommandSpec().qualifiedName());
        }
        err.flush();
        return ExitCode.USAGE;
    }

    private static String saying(ParameterException wrong) {
        boolean isNoCommand =
                wrong instanceof UnmatchedArgumentException unmatched
                        && !unmatched.isUnknownOption()
                        && wrong.getCommandLine().getParent() == null;
        return isNoCommand
                ? "there is no command '%s'."
                        .formatted(((UnmatchedArgumentException) wrong).getUnmatched().getFirst())
                : withoutLabel(sentence(wrong.getMessage()));
    }

    /// The parser begins some of its sentences with a word that the exit code says too.
    private static String withoutLabel(String sentence) {
        String label = "Error: ";
        return sentence.startsWith(label) ? sentence.substring(label.length()) : sentence;
    }

    /// One sentence for what an operator can mend; the whole trace for a bug, which an operator can
    /// only report.
    private static int failed(Exception thrown, CommandLine command, ParseResult parsed)
            throws Exception {
        if (!(thrown instanceof OperatorException)
                && !(thrown instanceof ConfigException)
                && !(thrown instanceof KeyRefusedException)) {
            throw thrown;
        }
        command.getErr().println("lockstep: " + sentence(thrown.getMessage()));
        command.getErr().flush();
        return thrown instanceof OperatorException told ? told.exitCode() : ExitCode.FAILED;
    }

    private static String sentence(@Nullable String message) {
        return message == null || message.isBlank() ? "it failed without saying why" : message;
    }

    @Override
    public Integer call() {
        throw new ParameterException(
                Objects.requireNonNull(spec).commandLine(),
                "Name a command, such as 'lockstep demo'.");
    }
}

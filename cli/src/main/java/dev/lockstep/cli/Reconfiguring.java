package dev.lockstep.cli;

import dev.lockstep.node.ClusterAdmin;

import picocli.CommandLine.Model.CommandSpec;

import java.time.Duration;
import java.util.List;

/// Has a running cluster begin a new epoch, and shows how far it is.
final class Reconfiguring {

    private Reconfiguring() {}

    /// One change.
    interface Change {

        /// Returns when it is made, or refused.
        ClusterAdmin.Outcome ask(ClusterAdmin cluster) throws InterruptedException;
    }

    /// @param admins the admin ports to ask
    /// @param done what is so when it is done, without the end of the sentence
    /// @throws OperatorException with the reason if it is refused
    /// @param patience how long a newcomer is waited for
    static int run(
            CommandSpec spec, List<String> admins, Duration patience, Change change, String done)
            throws InterruptedException {
        Console console = Console.of(spec);
        ProgressBar bar = ProgressBar.on(spec.commandLine().getErr());
        ClusterAdmin cluster =
                new ClusterAdmin(
                        admins,
                        (id, position, of) -> bar.show("replica " + id, position, of),
                        patience);
        ClusterAdmin.Outcome outcome;
        try {
            outcome = change.ask(cluster);
        } finally {
            bar.end();
        }
        return switch (outcome) {
            case ClusterAdmin.Outcome.Done(long epoch) -> {
                console.line("%s, since epoch %d or before.", done, epoch);
                yield ExitCode.DONE;
            }
            case ClusterAdmin.Outcome.Refused(String sentence) ->
                    throw new OperatorException(sentence);
        };
    }
}

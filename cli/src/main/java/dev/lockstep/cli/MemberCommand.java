package dev.lockstep.cli;

import com.fasterxml.jackson.databind.JsonNode;

import dev.lockstep.node.ClusterAdmin;

import org.jspecify.annotations.Nullable;

import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.Callable;

/// `lockstep member`: who the members of a running cluster are, and changing that.
@Command(
        name = "member",
        description = {
            "Shows and changes the members of a running cluster.",
            "",
            "A replica that is to come is started first: with 'joins: true' on its line of"
                    + " cluster.yaml and an empty directory it follows the cluster. 'add' waits until it"
                    + " has caught up, and returns when a majority of the new members has begun; only"
                    + " then may a member that was removed or replaced be stopped. All of it may be"
                    + " repeated at will."
        },
        subcommands = {
            MemberCommand.Add.class,
            MemberCommand.Remove.class,
            MemberCommand.Replace.class,
            MemberCommand.ListAll.class
        },
        footer = {
            "",
            "Examples:",
            "  lockstep member list",
            "  lockstep member add 4             replica 4 runs and follows: make it a member",
            "  lockstep member replace 2 --by 4  4 takes the place of 2, in one step",
            "  lockstep member replace 2         wait for 2, which has begun on an empty disk",
            "  lockstep member remove 2          go on without 2"
        })
final class MemberCommand implements Callable<Integer> {

    @Spec private @Nullable CommandSpec spec;

    @Override
    public Integer call() {
        throw new ParameterException(
                Objects.requireNonNull(spec).commandLine(),
                "Say what to do: add, remove, replace or list.");
    }

    /// What every change needs.
    private abstract static sealed class Change implements Callable<Integer>
            permits Add, Remove, Replace {

        @Spec private @Nullable CommandSpec spec;
        @Mixin private ConfigOption config = new ConfigOption();
        @Mixin private AdminOption admin = new AdminOption();

        @Option(
                names = "--wait",
                paramLabel = "SECONDS",
                defaultValue = "60",
                description =
                        "How long to wait for a newcomer that is not there yet, or does not come"
                                + " nearer. Default: ${DEFAULT-VALUE}.")
        private int waitSeconds;

        @Parameters(paramLabel = "ID", description = "The number of the replica.")
        protected int id;

        /// Asks for it.
        protected abstract ClusterAdmin.Outcome ask(ClusterAdmin cluster)
                throws InterruptedException;

        /// What is so now.
        protected abstract String done();

        @Override
        public Integer call() throws InterruptedException {
            return Reconfiguring.run(
                    Objects.requireNonNull(spec),
                    admin.addresses(config, spec),
                    Duration.ofSeconds(waitSeconds),
                    this::ask,
                    done());
        }
    }

    @Command(name = "add", description = "Makes a replica that follows the cluster a member.")
    static final class Add extends Change {

        @Override
        protected ClusterAdmin.Outcome ask(ClusterAdmin cluster) throws InterruptedException {
            return cluster.addMember(id);
        }

        @Override
        protected String done() {
            return "Replica " + id + " is a member";
        }
    }

    @Command(name = "remove", description = "Has the cluster go on without a member.")
    static final class Remove extends Change {

        @Override
        protected ClusterAdmin.Outcome ask(ClusterAdmin cluster) throws InterruptedException {
            return cluster.removeMember(id);
        }

        @Override
        protected String done() {
            return "Replica " + id + " is not a member and may be stopped";
        }
    }

    @Command(
            name = "replace",
            description = "Puts a replica that follows the cluster in a member's place.")
    static final class Replace extends Change {

        @Option(
                names = "--by",
                paramLabel = "ID",
                description =
                        "Who comes. Default: the same number, started again on an empty"
                                + " directory.")
        private @Nullable Integer by;

        @Override
        protected ClusterAdmin.Outcome ask(ClusterAdmin cluster) throws InterruptedException {
            return by == null ? cluster.replaceMember(id) : cluster.replaceMember(id, by);
        }

        @Override
        protected String done() {
            return by == null
                    ? "Replica " + id + " is a member in its present life"
                    : "Replica " + by + " is a member instead of " + id + ", which may be stopped";
        }
    }

    @Command(name = "list", description = "Shows the members, and who follows them.")
    static final class ListAll implements Callable<Integer> {

        @Spec private @Nullable CommandSpec spec;
        @Mixin private ConfigOption config = new ConfigOption();
        @Mixin private AdminOption admin = new AdminOption();

        @Option(names = "--json", description = "Prints one JSON object.")
        private boolean json;

        @Override
        public Integer call() {
            List<String> addresses = admin.addresses(config, spec);
            JsonNode page;
            try {
                page = new ClusterAdmin(addresses).members();
            } catch (IOException e) {
                throw new OperatorException(String.valueOf(e.getMessage()), e);
            }
            Console console = Console.of(spec);
            if (json) {
                console.json(page);
                return ExitCode.DONE;
            }
            Table table = new Table("replica", "role", "life", "address", "position", "connected");
            page.path("members").forEach(each -> row(table, "member", each));
            page.path("learners").forEach(each -> row(table, "follows", each));
            table.lines().forEach(line -> console.line("%s", line));
            console.line(
                    "Epoch %d, %s, as replica %d sees it.",
                    page.path("epoch").asLong(),
                    page.path("settled").asBoolean()
                            ? "begun by a majority"
                            : "not yet known to have been begun by a majority",
                    page.path("self").asInt());
            return ExitCode.DONE;
        }

        private static void row(Table table, String role, JsonNode each) {
            table.row(
                    each.path("id").asInt(),
                    role,
                    each.path("incarnation").asText().substring(0, 8),
                    each.path("host").asText("?") + ":" + each.path("peerPort").asText("?"),
                    each.path("position").asText("-"),
                    each.path("connected").asBoolean() ? "yes" : "no");
        }
    }
}

package dev.lockstep.cli;

import dev.lockstep.core.ReplicaId;
import dev.lockstep.node.ClusterAdmin;
import dev.lockstep.node.ClusterMembers;
import dev.lockstep.node.MemberChangeException;

import org.jspecify.annotations.Nullable;

import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.Callable;

/// `lockstep member`: who takes part in a running cluster, and how that is changed.
@Command(
        name = "member",
        description = {
            "Shows and changes the members of a running cluster, while clients go on.",
            "",
            "A newcomer is started first ('joins: true' at its entry in its own cluster.yaml): it"
                    + " follows the cluster until it is added. Every change is done when a majority of"
                    + " the new members has it on disk; until then the command waits, and no replica"
                    + " may be stopped that was a member before. A command that was cut short may be"
                    + " given again.",
            "",
            "A member whose directory was lost needs no command: it starts with an empty one,"
                    + " follows, and is put in its own place.",
            "",
            "Where members may lie ('faults: byzantine'), changes are signed with the key of an"
                    + " operator, which must be here, and every replica is asked at the admin port"
                    + " that cluster.yaml gives it, so newcomers have entries in it too. A member"
                    + " whose directory was lost then needs 'member replace'."
        },
        subcommands = {
            MemberCommand.ListMembers.class,
            MemberCommand.Add.class,
            MemberCommand.Remove.class,
            MemberCommand.Replace.class
        },
        footer = {
            "",
            "Examples:",
            "  lockstep member list                 who takes part and who follows",
            "  lockstep member add 4                one more, once it has caught up",
            "  lockstep member remove 1             one less; then it may be stopped",
            "  lockstep member replace 2 --with 4   both in one step"
        })
final class MemberCommand implements Callable<Integer> {

    private static final String TIMEOUT =
            "How long to wait for all of it, the newcomer's catching up included. What is missing"
                    + " and comes no nearer for 10 s, a newcomer for 60 s, ends it before. Default:"
                    + " ${DEFAULT-VALUE}.";

    @Spec private @Nullable CommandSpec spec;

    @Override
    public Integer call() {
        throw new ParameterException(
                Objects.requireNonNull(spec).commandLine(),
                "Say what to do: list, add, remove or replace.");
    }

    private static void check(@Nullable CommandSpec spec, int id) {
        if (id < 1 || id > ReplicaId.MAX_VALUE) {
            throw new ParameterException(
                    Objects.requireNonNull(spec).commandLine(),
                    "The number of a replica is from 1 to "
                            + ReplicaId.MAX_VALUE
                            + ", not "
                            + id
                            + ".");
        }
    }

    /// `lockstep member list`.
    @Command(
            name = "list",
            description = "Shows the members, and those that follow without being members.")
    static final class ListMembers implements Callable<Integer> {

        private static final int SHOWN_DIGITS = 8;

        @Spec private @Nullable CommandSpec spec;
        @Mixin private ConfigOption config = new ConfigOption();
        @Mixin private AdminOption admin = new AdminOption();

        @Option(names = "--json", description = "Prints one JSON object.")
        private boolean json;

        @Override
        public Integer call() throws InterruptedException {
            ClusterAdmin cluster = new ClusterAdmin(admin.addresses(config, spec));
            ClusterMembers members;
            try {
                members = cluster.members();
            } catch (MemberChangeException e) {
                throw new OperatorException(String.valueOf(e.getMessage()), e);
            }
            Console console = Console.of(spec);
            if (json) {
                console.json(asJson(members));
                return ExitCode.DONE;
            }
            Table table =
                    new Table(
                            "replica", "life", "takes part", "position", "connected", "admin port");
            for (ClusterMembers.Entry member : members.members()) {
                table.row(
                        member.id(),
                        life(member),
                        "member",
                        "-",
                        member.isConnected() ? "yes" : "no",
                        admin(member));
            }
            for (ClusterMembers.Learner learner : members.learners()) {
                table.row(
                        learner.replica().id(),
                        life(learner.replica()),
                        "follows",
                        learner.position() + " (" + learner.behind() + " behind)",
                        learner.replica().isConnected() ? "yes" : "no",
                        admin(learner.replica()));
            }
            table.lines().forEach(line -> console.line("%s", line));
            console.line(
                    "Epoch %d, order %s; so says replica %d, at position %d.",
                    members.epoch(), members.order(), members.teller(), members.position());
            sayIfFew(members, console);
            if (!members.isMember()) {
                console.line(
                        "Replica %d, which says so, is not a member: it may be long past.",
                        members.teller());
            } else if (!members.isSettled()) {
                console.line(
                        "A majority does not have the epoch yet: stop no replica that was a member"
                                + " before.");
            }
            return ExitCode.DONE;
        }

        private static void sayIfFew(ClusterMembers members, Console console) {
            int all = members.members().size();
            int needed = all / 2 + 1;
            long connected =
                    members.members().stream().filter(ClusterMembers.Entry::isConnected).count();
            if (members.isMember() && members.faults().equals("crash") && connected < needed) {
                console.line(
                        "Replica %d reaches %d of %d members, itself among them: nothing is written"
                                + " or changed until it reaches %d.",
                        members.teller(), connected, all, needed);
            }
        }

        private static String life(ClusterMembers.Entry entry) {
            return entry.incarnation().toString().substring(0, SHOWN_DIGITS);
        }

        private static String admin(ClusterMembers.Entry entry) {
            return Objects.requireNonNullElse(entry.adminAddress(), "-");
        }

        static Map<String, Object> asJson(ClusterMembers members) {
            Map<String, Object> page = new LinkedHashMap<>();
            page.put("epoch", members.epoch());
            page.put("order", members.order());
            page.put("settled", members.isSettled());
            page.put("position", members.position());
            List<Map<String, Object>> all = new ArrayList<>();
            members.members().forEach(member -> all.add(asJson(member)));
            page.put("members", all);
            List<Map<String, Object>> learners = new ArrayList<>();
            for (ClusterMembers.Learner learner : members.learners()) {
                Map<String, Object> one = asJson(learner.replica());
                one.put("position", learner.position());
                one.put("behind", learner.behind());
                one.put("agoMillis", learner.agoMillis());
                learners.add(one);
            }
            page.put("learners", learners);
            return page;
        }

        private static Map<String, Object> asJson(ClusterMembers.Entry entry) {
            Map<String, Object> one = new LinkedHashMap<>();
            one.put("id", entry.id());
            one.put("incarnation", entry.incarnation().toString());
            one.put("connected", entry.isConnected());
            one.put("admin", entry.adminAddress());
            return one;
        }
    }

    /// `lockstep member add`.
    @Command(
            name = "add",
            description = {
                "Makes a replica that follows the cluster a member; waits until it has caught up.",
                "",
                "Exits with 0 when a majority of the members has it, also if it was so before."
            })
    static final class Add implements Callable<Integer> {

        @Spec private @Nullable CommandSpec spec;
        @Mixin private ConfigOption config = new ConfigOption();
        @Mixin private AdminOption admin = new AdminOption();

        @Parameters(paramLabel = "ID", description = "The number of the newcomer.")
        private int id;

        @Option(
                names = "--timeout",
                paramLabel = "SECONDS",
                defaultValue = "3600",
                description = TIMEOUT)
        private int timeout;

        @Option(names = "--json", description = "Prints one JSON object.")
        private boolean json;

        @Override
        public Integer call() throws InterruptedException {
            check(spec, id);
            return new MemberChangeRun(spec, admin.cluster(config, spec), timeout, json)
                    .make(
                            run -> run.admin().add(id, run.timeout(), run::onProgress),
                            "Replica " + id + " is a member now.",
                            "Replica " + id + " is a member already.");
        }
    }

    /// `lockstep member remove`.
    @Command(
            name = "remove",
            description = {
                "Lets a member go. When the command is done, its process may be stopped and its"
                        + " directory deleted.",
                "",
                "Exits with 0 when a majority of the members has it, also if it was so before."
            })
    static final class Remove implements Callable<Integer> {

        @Spec private @Nullable CommandSpec spec;
        @Mixin private ConfigOption config = new ConfigOption();
        @Mixin private AdminOption admin = new AdminOption();

        @Parameters(paramLabel = "ID", description = "The number of the member that is to go.")
        private int id;

        @Option(
                names = "--timeout",
                paramLabel = "SECONDS",
                defaultValue = "60",
                description = TIMEOUT)
        private int timeout;

        @Option(names = "--json", description = "Prints one JSON object.")
        private boolean json;

        @Override
        public Integer call() throws InterruptedException {
            check(spec, id);
            return new MemberChangeRun(spec, admin.cluster(config, spec), timeout, json)
                    .make(
                            run -> run.admin().remove(id, run.timeout(), run::onProgress),
                            "Replica " + id + " is not a member any more; it may be stopped.",
                            "Replica " + id + " is not a member.");
        }
    }

    /// `lockstep member replace`.
    @Command(
            name = "replace",
            description = {
                "Puts a replica that follows the cluster in the place of a member, in one step.",
                "",
                "Without --with, it is the member itself in another life, with an empty directory;"
                        + " the cluster does that unasked, and the command waits for it.",
                "",
                "Exits with 0 when a majority of the members has it, also if it was so before."
            })
    static final class Replace implements Callable<Integer> {

        @Spec private @Nullable CommandSpec spec;
        @Mixin private ConfigOption config = new ConfigOption();
        @Mixin private AdminOption admin = new AdminOption();

        @Parameters(paramLabel = "ID", description = "The number of the member that is to go.")
        private int id;

        @Option(
                names = "--with",
                paramLabel = "ID",
                description = "The number of the replica that takes its place.")
        private @Nullable Integer with;

        @Option(
                names = "--timeout",
                paramLabel = "SECONDS",
                defaultValue = "3600",
                description = TIMEOUT)
        private int timeout;

        @Option(names = "--json", description = "Prints one JSON object.")
        private boolean json;

        @Override
        public Integer call() throws InterruptedException {
            check(spec, id);
            boolean isItself = with == null || with == id;
            int fresh = with == null ? id : with;
            check(spec, fresh);
            String done =
                    isItself
                            ? "Replica " + id + " is a member in its present life."
                            : "Replica " + fresh + " has taken the place of replica " + id + ".";
            return new MemberChangeRun(spec, admin.cluster(config, spec), timeout, json)
                    .make(
                            run -> run.admin().replace(id, fresh, run.timeout(), run::onProgress),
                            done,
                            done);
        }
    }
}

package dev.lockstep.cli;

import dev.lockstep.core.ClusterId;
import dev.lockstep.core.Member;
import dev.lockstep.core.Reign;
import dev.lockstep.node.MajorityLoss;
import dev.lockstep.node.NodeConfig;
import dev.lockstep.node.Survivor;
import dev.lockstep.replica.SurvivingReplica.Holdings;

import org.jspecify.annotations.Nullable;

import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;

/// `lockstep recover`: what is left of a cluster that has lost a majority for good.
@Command(
        name = "recover",
        description = {
            "Says what is left of a cluster that has lost a majority of its members for good, from"
                    + " the data directories of the survivors. No node may run on them; they are"
                    + " not changed.",
            "",
            "With --accept-loss it makes the data directories of a new cluster of it, as"
                    + " cluster.yaml names them, with an id of its own: whatever was acknowledged and"
                    + " no survivor has is lost then. Members of the old cluster that come back are"
                    + " refused by the new one."
        },
        footer = {
            "",
            "Examples:",
            "  lockstep recover data/2 data/5           what is left",
            "  lockstep init --new --config new.yaml    the new cluster's cluster.yaml",
            "  lockstep recover data/2 data/5 --config new.yaml --accept-loss"
        })
final class RecoverCommand implements Callable<Integer> {

    @Spec private @Nullable CommandSpec spec;
    @Mixin private ConfigOption config = new ConfigOption();
    @Mixin private NewClusterOptions making = new NewClusterOptions();

    @Parameters(
            paramLabel = "DIR",
            arity = "1..*",
            description = "The data directories of the survivors, all that there are.")
    private List<Path> directories = new ArrayList<>();

    @Option(
            names = "--accept-loss",
            description = "Make a new cluster of what is left, and give up what is not.")
    private boolean acceptLoss;

    @Override
    public Integer call() {
        // Before the first logger is made: logback.xml reads it.
        System.setProperty("lockstep.log", System.getenv().getOrDefault("LOCKSTEP_LOG", "warn"));
        if (!acceptLoss && making.areGiven()) {
            throw new ParameterException(
                    Objects.requireNonNull(spec).commandLine(),
                    "--id and --cluster are for --accept-loss: without it nothing is made.");
        }
        NodeConfig any = ClusterFile.load(config.file());
        ClusterId fresh = making.clusterId(any);
        making.useClassPath();
        try {
            MajorityLoss loss = MajorityLoss.survey(directories, any);
            report(loss);
            if (acceptLoss) {
                recover(loss, any, fresh);
            } else {
                Console.of(spec)
                        .line(
                                "Nothing was changed. To go on without what is lost: %s recover ... --config NEW.yaml --accept-loss",
                                Invocation.name());
            }
            return ExitCode.DONE;
        } catch (IOException e) {
            throw new OperatorException("the survivors cannot be read: " + Reason.of(e), e);
        }
    }

    private void report(MajorityLoss loss) {
        Console console = Console.of(spec);
        Reign reign = loss.reign();
        List<Member> members = reign.members().members();
        List<Member> here = loss.survivors().stream().map(Survivor::member).toList();
        console.line(
                "Cluster %s, epoch %s: %d members, of whom %d are needed and %d here.",
                loss.cluster(),
                reign.epoch(),
                members.size(),
                reign.members().majority(),
                members.stream().filter(here::contains).count());
        Table table =
                new Table("directory", "replica", "epoch", "members", "committed", "written after");
        for (Survivor survivor : loss.survivors()) {
            row(table, survivor);
        }
        table.lines().forEach(line -> console.line("%s", line));
        Holdings best = loss.best().holdings();
        console.line(
                "Replica %s has the most: everything through position %d for certain%s.",
                loss.best().member().id(),
                best.certain(),
                best.held() == best.certain()
                        ? ""
                        : ", and positions %d to %d with %d commands, which may have been acknowledged and are kept"
                                .formatted(
                                        best.certain() + 1, best.held(), best.uncertainCommands()));
        if (!best.isBelieved()) {
            console.line(
                    "Replica %s had been found to differ from the majority, so its state may be wrong: leave out %s to go on from another that has less.",
                    loss.best().member().id(), loss.best().directory());
        }
        console.line(
                "May be lost: commands that were acknowledged after position %d, agreed time %s, by members %s without these.",
                best.held(),
                loss.until(),
                members.stream()
                        .filter(member -> !here.contains(member))
                        .map(member -> member.id().toString())
                        .collect(Collectors.joining(", ")));
    }

    private static void row(Table table, Survivor survivor) {
        Holdings holdings = survivor.holdings();
        Reign known = holdings.reign();
        table.row(
                survivor.directory(),
                survivor.member().id() + (survivor.isMember() ? "" : " (no member)"),
                known == null ? "-" : known.epoch(),
                known == null ? "not known here" : known.members(),
                "through " + holdings.certain() + (holdings.isBelieved() ? "" : " (in doubt)"),
                holdings.held() == holdings.certain()
                        ? "nothing"
                        : "%d to %d, %d commands"
                                .formatted(
                                        holdings.certain() + 1,
                                        holdings.held(),
                                        holdings.uncertainCommands()));
    }

    private void recover(MajorityLoss loss, NodeConfig any, ClusterId fresh) throws IOException {
        List<NodeConfig> members = making.replicas(config.file(), any);
        loss.check(fresh, members, any.service());
        MajorityLoss.Result made = loss.recover(fresh, members);
        Console console = Console.of(spec);
        console.line(
                "Cluster %s goes on from cluster %s after position %d, agreed time %s.",
                fresh, loss.cluster(), made.position(), made.time());
        console.line(
                "State digest %s.", HexFormat.of().formatHex(made.digest().state().toByteArray()));
        if (making.isOneOfSeveral()) {
            console.line(
                    "On the machine of every other replica, with copies of the same directories and"
                            + " its own ID; the digest must be the same:");
            console.line(
                    "  %s recover %s --config %s --accept-loss --id ID%s",
                    Invocation.name(),
                    directories.stream().map(Path::toString).collect(Collectors.joining(" ")),
                    config.file(),
                    any.clusterId() == null ? " --cluster " + fresh : "");
        }
        NewClusterOptions.sayHowToStart(console, config.file(), members);
    }
}

package dev.lockstep.node;

import dev.lockstep.core.ClusterId;
import dev.lockstep.core.FaultModel;
import dev.lockstep.core.Reign;
import dev.lockstep.replica.OfflineReplica;
import dev.lockstep.replica.StateDigest;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;

/// A cluster of which a majority is lost for good, and the one that is made of what is left: the
/// state of the survivor that has the most, everything included that may have been acknowledged, in
/// new directories and under a new cluster id. The survivors' directories stay as they are.
///
/// Threading: one thread.
public final class MajorityLoss {

    /// What was made.
    ///
    /// @param position everything through here is in it
    /// @param time agreed time there
    /// @param digest what the state is: the same wherever it is made of the same survivors
    public record Result(long position, Instant time, StateDigest digest) {}

    private final List<Survivor> survivors;
    private final Survivor best;
    private final OfflineReplica state;
    private final Reign reign;

    private MajorityLoss(
            List<Survivor> survivors, Survivor best, OfflineReplica state, Reign reign) {
        this.survivors = List.copyOf(survivors);
        this.best = best;
        this.state = state;
        this.reign = reign;
    }

    /// Reads what the survivors have.
    ///
    /// @param directories their data directories
    /// @param config the service that they belong to, and the limits of their cluster
    /// @throws ConfigException if nothing is lost, or the directories do not belong together
    /// @throws IOException also if a node runs on one of them
    public static MajorityLoss survey(List<Path> directories, NodeConfig config)
            throws IOException {
        List<Survivor> survivors = new ArrayList<>();
        Survivor.Whole best = null;
        for (Path directory : directories) {
            Survivor.Whole read = Survivor.read(directory, config);
            requireKin(read.survivor(), survivors);
            survivors.add(read.survivor());
            if (best == null || isFurther(read.survivor(), best.survivor())) {
                best = read;
            }
        }
        if (best == null) {
            throw new ConfigException("no survivor's data directory was named");
        }
        Reign reign = newest(survivors);
        requireMajorityRule(reign);
        requireLoss(survivors, reign);
        if (best.survivor().holdings().held() == 0) {
            throw new ConfigException(
                    "nothing was ever executed on the survivors: make a new cluster with lockstep init");
        }
        return new MajorityLoss(survivors, best.survivor(), best.state(), reign);
    }

    private static boolean isFurther(Survivor one, Survivor other) {
        int further = one.holdings().reach().compareTo(other.holdings().reach());
        boolean isBetter = one.holdings().isBelieved() && !other.holdings().isBelieved();
        return further > 0 || (further == 0 && isBetter);
    }

    private static void requireKin(Survivor fresh, List<Survivor> others) {
        for (Survivor other : others) {
            if (!fresh.cluster().equals(other.cluster())) {
                throw new ConfigException(
                        "%s belongs to cluster %s and %s to cluster %s: name the survivors of one cluster"
                                .formatted(
                                        other.directory(),
                                        other.cluster(),
                                        fresh.directory(),
                                        fresh.cluster()));
            }
            if (fresh.member().equals(other.member())) {
                throw new ConfigException(
                        "%s and %s are both of replica %s: name the newer one"
                                .formatted(
                                        other.directory(), fresh.directory(), fresh.member().id()));
            }
        }
    }

    /// The latest epoch that any survivor knows.
    private static Reign newest(List<Survivor> survivors) {
        Reign newest = null;
        for (Survivor survivor : survivors) {
            Reign known = survivor.holdings().reign();
            if (known != null
                    && (newest == null || known.epoch().value() > newest.epoch().value())) {
                newest = known;
            }
        }
        if (newest == null) {
            throw new ConfigException(
                    "no survivor knows who the members are, so none has ever taken part: name the directory of a member");
        }
        return newest;
    }

    /// Where every command needs every member, one that is left has all that was acknowledged, and
    /// no majority is needed to go on.
    private static void requireMajorityRule(Reign reign) {
        if (reign.sign().faults() == FaultModel.FAIL_STOP) {
            throw new ConfigException(
                    "epoch %s has faults: fail-stop, where any one member has everything that was acknowledged: start it, and the configuration authority lets it go on alone"
                            .formatted(reign.epoch()));
        }
    }

    private static void requireLoss(List<Survivor> survivors, Reign reign) {
        long present = survivors.stream().filter(s -> reign.isMember(s.member())).count();
        if (present >= reign.members().majority()) {
            throw new ConfigException(
                    "%d of the %d members of epoch %s are here, which is a majority: nothing is lost, start them"
                            .formatted(present, reign.members().size(), reign.epoch()));
        }
    }

    /// In the order in which they were named.
    public List<Survivor> survivors() {
        return survivors;
    }

    /// The one whose state is taken.
    public Survivor best() {
        return best;
    }

    /// The latest epoch that is known.
    public Reign reign() {
        return reign;
    }

    /// The cluster that lost its majority.
    public ClusterId cluster() {
        return best.cluster();
    }

    /// Agreed time at the end of what is left.
    public Instant until() {
        return BackupHistory.instant(best.holdings().heldNanos());
    }

    /// Finds what is in the way of [#recover] before anything is written.
    ///
    /// @param id the new cluster
    /// @param service the one that the directories belong to
    /// @throws ConfigException if the configuration does not fit, or a directory is not empty
    public void check(ClusterId id, List<NodeConfig> members, String service) throws IOException {
        if (id.equals(cluster())) {
            throw new ConfigException(
                    "%s is the id of the cluster that lost its majority, and what goes on is a new cluster: give %s a fresh id, such as that of lockstep init --new"
                            .formatted(id, members.getFirst().source()));
        }
        made(id, members).check(service);
    }

    /// Makes the data directories of the cluster that goes on.
    ///
    /// @param id the new cluster
    /// @param members those whose directories are made
    public Result recover(ClusterId id, List<NodeConfig> members) throws IOException {
        made(id, members).write(state);
        return new Result(state.position(), until(), state.digest());
    }

    private NewCluster made(ClusterId id, List<NodeConfig> members) {
        return new NewCluster(id, members, cluster());
    }
}

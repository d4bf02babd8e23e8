package dev.lockstep.node;

import dev.lockstep.core.GroupId;
import dev.lockstep.core.Member;
import dev.lockstep.core.ReplicaId;
import dev.lockstep.core.port.FileStore;
import dev.lockstep.core.port.LostRecord;
import dev.lockstep.core.port.SnapshotDescription;
import dev.lockstep.core.wire.Bytes;
import dev.lockstep.core.wire.MalformedException;
import dev.lockstep.journal.JournalMender;
import dev.lockstep.journal.SnapshotFiles;
import dev.lockstep.net.FrameServer;
import dev.lockstep.net.NetworkLoop;
import dev.lockstep.net.PeerConnections;
import dev.lockstep.net.PeerListener;
import dev.lockstep.replica.JournalRepair;

import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeSet;
import java.util.function.BooleanSupplier;

/// Mends the journal of a replica that has found it damaged, before the replica starts: gets back
/// from the other replicas what is lost. Meanwhile nothing is there but the port for
/// peers, and an admin port that says how far it is.
///
/// Threading: the node's thread.
final class NodeRepair {

    private static final Logger LOG = LoggerFactory.getLogger(Node.class);

    private static final long POLL_NANOS = 50_000_000L;

    /// Who waits is heard of after this, and then after twice as long as the time before.
    private static final long SAY_NANOS = 3_000_000_000L;

    private final NodePlan plan;
    private final NodeConfig config;
    private final OpenParts parts;
    private final BooleanSupplier isEnding;
    private final NodeClock clock = new NodeClock(TestKnobs.clockOffset());
    private int repaired;

    /// @param isEnding true once the node is to stop
    NodeRepair(NodePlan plan, OpenParts parts, BooleanSupplier isEnding) {
        this.plan = plan;
        this.config = plan.config();
        this.parts = parts;
        this.isEnding = isEnding;
    }

    /// How many records came back.
    int repaired() {
        return repaired;
    }

    /// Returns when the journal is as it was, or cannot be mended.
    ///
    /// @return why it cannot be mended, one sentence without its end; null if it is
    /// @throws ConfigException if the node is stopped first, or a port is in use
    /// @throws IOException if the disk fails
    @Nullable String run() throws IOException {
        FileStore store = plan.store().open();
        if (store instanceof AutoCloseable closeable) {
            parts.add("the data directory", closeable);
        }
        Identity identity = IdentityFile.read(store, plan.store().where()).nextBoot();
        JournalMender mender = JournalMender.open(store, identity.cluster(), GroupId.ZERO);
        if (mender == null) {
            return "it cannot be told which records are lost";
        }
        parts.add("the damaged journal", mender);
        if (!mender.lost().isEmpty() && !DataDirectory.hasOthers(config)) {
            return "there is no other replica that could have the records that are lost";
        }
        if (!mender.lost().isEmpty() && NodeKeys.areNeededFor(plan.provider())) {
            return "records that are lost are not taken from others, any of which may lie";
        }
        List<Long> snapshots =
                SnapshotFiles.open(store, SnapshotStart.labelOf(identity.cluster()))
                        .complete()
                        .stream()
                        .map(SnapshotDescription::position)
                        .toList();
        String files = filesOf(mender);
        Inputs inputs = new Inputs();
        JournalRepair repair = null;
        if (!mender.lost().isEmpty()) {
            NetworkLoop network = NetworkLoop.create();
            parts.add("the network", network);
            // What is said under a number of a start is said by that start alone.
            IdentityFile.write(store, identity);
            PeerConnections peers = connections(network, identity, store, inputs);
            LOG.warn(
                    "replica {} asks the other replicas for {} records of its journal that are"
                            + " damaged, in {}",
                    config.self(),
                    mender.lost().size(),
                    files);
            int records = mender.lost().size();
            repair = new JournalRepair(mender, peers, snapshots);
            inputs.repair = repair;
            show(network, identity, mender, records, repair);
            await(network, repair);
        }
        String why = repair == null ? null : repair.givenUp();
        if (why == null) {
            mender.finish();
            tell(repair);
        }
        return why;
    }

    /// Lets operators see how far it is.
    private void show(
            NetworkLoop network,
            Identity identity,
            JournalMender mender,
            int records,
            JournalRepair repair) {
        MemberConfig member = config.member();
        if (member.adminPort() < 0) {
            return;
        }
        MendingPort port =
                new MendingPort(
                        config,
                        identity,
                        () ->
                                new MendingPort.Progress(
                                        records,
                                        records - mender.lost().size(),
                                        repair.waitsFor()));
        parts.add("the admin port", port);
        new PortBinder(network, config)
                .bind(
                        "admin-port",
                        member.adminHost(),
                        member.adminPort(),
                        (address, attempt) ->
                                port.bind(network, address, attempt::listening, attempt::failed));
    }

    private static String filesOf(JournalMender mender) {
        TreeSet<String> files = new TreeSet<>();
        for (LostRecord lost : mender.lost()) {
            files.add(mender.fileOf(lost));
        }
        return String.join(", ", files);
    }

    private void tell(@Nullable JournalRepair repair) {
        repaired = repair == null ? 0 : repair.repaired();
        List<String> givers = new ArrayList<>();
        if (repair != null) {
            repair.givers().forEach((id, count) -> givers.add(count + " from replica " + id));
        }
        LOG.warn(
                "replica {} has mended its journal{}",
                config.self(),
                givers.isEmpty()
                        ? ": what was damaged was known from another place in it"
                        : " with records of others: " + String.join(", ", givers));
    }

    private PeerConnections connections(
            NetworkLoop network, Identity identity, FileStore store, PeerListener inputs)
            throws IOException {
        Whereabouts whereabouts = new Whereabouts(identity, config, store, false);
        PeerConnections peers =
                new PeerConnections(
                        network,
                        identity.cluster(),
                        whereabouts.self(),
                        GroupId.ZERO.value(),
                        whereabouts.book(),
                        inputs);
        parts.add("the connections to members", peers::close);
        new PortBinder(network, config)
                .bind(
                        "peer-port",
                        config.member().host(),
                        config.member().peerPort(),
                        (address, attempt) ->
                                FrameServer.bind(
                                        network,
                                        address,
                                        peers.doorman(),
                                        server -> attempt.listening(server.port()),
                                        attempt::failed));
        peers.start(whereabouts.self().address());
        return peers;
    }

    private void await(NetworkLoop network, JournalRepair repair) {
        long sayAt = clock.tick().monotonicNanos() + SAY_NANOS;
        long pause = SAY_NANOS;
        repair.advance(clock.now());
        while (!repair.isDone() && repair.givenUp() == null) {
            if (isEnding.getAsBoolean()) {
                throw new ConfigException(
                        "replica %s was stopped while its damaged journal waited for %s"
                                .formatted(config.self(), repair.waitsFor()));
            }
            long wait = repair.nextDeadlineNanos() - clock.monotonicNanos();
            clock.expire();
            network.poll(Math.clamp(wait, 0, POLL_NANOS));
            repair.advance(clock.tick());
            network.flush();
            if (clock.monotonicNanos() >= sayAt) {
                pause *= 2;
                sayAt += pause;
                LOG.warn(
                        "replica {} does not take part yet: it waits for {}",
                        config.self(),
                        repair.waitsFor());
            }
        }
    }

    /// What comes from the other replicas.
    private final class Inputs implements PeerListener {

        /// Null before it has begun.
        private @Nullable JournalRepair repair;

        private JournalRepair repair() {
            JournalRepair begun = repair;
            if (begun == null) {
                throw new IllegalStateException("a replica is connected before the repair began");
            }
            return begun;
        }

        @Override
        public void onPeerFrame(Member from, int group, Bytes content) {
            if (group != GroupId.ZERO.value()) {
                throw new MalformedException("there is no group " + group);
            }
            repair().onPeerFrame(clock.now(), from, content);
        }

        @Override
        public void onPeerConnected(Member peer) {
            repair().onPeerConnected(clock.now(), peer);
        }

        @Override
        public void onPeerLost(Member peer) {
            repair().onPeerLost(clock.now(), peer);
        }

        @Override
        public void onAddressesChanged() {
            // The replica that starts after this learns them anew.
        }

        @Override
        public void onFlushed(long token) {
            // No frame is sent with a token.
        }

        @Override
        public void onUnsafe(ReplicaId peer, String sentence) {
            throw new StateLost("replica %s says: %s".formatted(peer, sentence));
        }
    }
}

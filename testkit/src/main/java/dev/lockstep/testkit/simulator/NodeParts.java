package dev.lockstep.testkit.simulator;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.lockstep.api.StateMachine;
import dev.lockstep.core.ClusterId;
import dev.lockstep.core.GroupId;
import dev.lockstep.core.Incarnation;
import dev.lockstep.core.Member;
import dev.lockstep.core.Membership;
import dev.lockstep.core.ProtocolMessage;
import dev.lockstep.core.Reign;
import dev.lockstep.core.ReplicaId;
import dev.lockstep.core.port.AuthorityPort;
import dev.lockstep.core.port.ClientPort;
import dev.lockstep.core.port.PeerPort;
import dev.lockstep.core.port.SignatureChecks;
import dev.lockstep.core.port.Snapshots;
import dev.lockstep.core.wire.Bytes;
import dev.lockstep.core.wire.ClientReply;
import dev.lockstep.journal.JournalMender;
import dev.lockstep.journal.JournalOptions;
import dev.lockstep.journal.SegmentJournal;
import dev.lockstep.journal.SnapshotFiles;
import dev.lockstep.replica.Replica;
import dev.lockstep.replica.ReplicaListener;
import dev.lockstep.replica.ReplicaOptions;
import dev.lockstep.replica.ReplicaPorts;
import dev.lockstep.replica.StateDigester;
import dev.lockstep.replica.Trust;

import org.jspecify.annotations.Nullable;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.SortedMap;
import java.util.SplittableRandom;
import java.util.function.Function;
import java.util.random.RandomGenerator;

/// What a simulated node is put together from, the same at every start of its process.
final class NodeParts {

    static final ClusterId CLUSTER = new ClusterId(7, 11);

    private final World world;
    private final SimulationSetup setup;
    private final Cluster cluster;
    private final Member self;
    private final RandomGenerator random;

    NodeParts(
            World world,
            SimulationSetup setup,
            Cluster cluster,
            Member self,
            RandomGenerator random) {
        this.world = world;
        this.setup = setup;
        this.cluster = cluster;
        this.self = self;
        this.random = random;
    }

    /// What the nodes of one run share.
    record Cluster(
            Membership members,
            SortedMap<String, String> protocolOptions,
            PeerNetwork network,
            ClientNetwork clientNetwork,
            Function<ReplicaId, ReplicaListener> checks) {}

    ReplicaId id() {
        return self.id();
    }

    int index() {
        return indexOf(self.id());
    }

    static int indexOf(ReplicaId id) {
        return id.value() - 1;
    }

    /// This replica in one of its lives.
    ///
    /// @param number 0 for the one in which it began
    Member life(int number) {
        Incarnation first = self.incarnation();
        return new Member(self.id(), new Incarnation(first.high() + number, first.low()));
    }

    PeerNetwork network() {
        return cluster.network();
    }

    ClientNetwork clientNetwork() {
        return cluster.clientNetwork();
    }

    WitnessedMachine createService() {
        StateMachine machine = setup.service().createMachine();
        boolean isLive = setup.service() == SimRequests.SERVICE && !world.habits.canFreeze();
        return new WitnessedMachine(isLive ? new LiveMachine(machine) : machine, world.reference);
    }

    Product product() {
        return setup.product();
    }

    SegmentJournal openJournal(SimDisk disk) throws IOException {
        JournalOptions options =
                new JournalOptions(segmentBytes(), world.weather.disk().syncs(), random.nextLong());
        return setup.product().openJournal(disk, CLUSTER, GroupId.ZERO, options);
    }

    /// Whole segments are dropped: large ones would outlive all small snapshots.
    int segmentBytes() {
        long wanted =
                Math.min(
                        world.weather.disk().segmentBytes(),
                        world.habits.snapshots().journalBytes());
        return (int) Math.max(JournalOptions.MIN_SEGMENT_BYTES, wanted);
    }

    /// Begins to mend a journal that was refused; null if it cannot be told what it has lost.
    @Nullable JournalMender mendJournal(SimDisk disk) throws IOException {
        return JournalMender.open(disk, CLUSTER, GroupId.ZERO);
    }

    /// The snapshots of a disk, in chunks small enough for the states of tests.
    SnapshotFiles openSnapshots(SimDisk disk) throws IOException {
        return SnapshotFiles.open(
                disk, Bytes.wrap(CLUSTER.toString().getBytes(UTF_8)), SimSnapshots.CHUNK_BYTES);
    }

    Replica createReplica(
            Member life,
            int boot,
            SegmentJournal journal,
            Snapshots snapshots,
            WitnessedMachine service,
            PeerPort peers,
            StateDigester digester) {
        ReplicaOptions options =
                ReplicaOptions.of(CLUSTER, self.id(), life.incarnation(), boot, cluster.members())
                        .withDurable(world.weather.disk().syncs())
                        .withSnapshots(world.habits.snapshotsTogether(world.seed))
                        .withLimits(world.habits.limits())
                        .withCompareStatesNanos(world.habits.flips().compareEvery())
                        .withProtocolOptions(cluster.protocolOptions());
        ReplicaPorts ports =
                new ReplicaPorts(
                        journal,
                        snapshots,
                        world.liars.peers(index(), peers),
                        world.liars.clients(index(), new Replies(cluster.clientNetwork())),
                        new SplittableRandom(random.nextLong()),
                        Listeners.of(
                                Listeners.of(world.observer.boot(life), lookout()),
                                Listeners.of(herald(), cluster.checks().apply(self.id()))),
                        authority(),
                        digester,
                        new Trust(
                                SimKeys.members(CLUSTER, self.id()),
                                SignatureChecks.AT_ONCE,
                                world.enoughVotes() == null
                                        ? Trust.Requests.UNSIGNED
                                        : SimRequestKeys.ALL,
                                SimKeys.operators()));
        return setup.product()
                .createReplica(
                        options,
                        world.liars.order(index(), setup.provider()),
                        setup.otherOrders(),
                        service,
                        ports);
    }

    private AuthorityPort authority() {
        SimAuthority authority = world.authority();
        if (authority == null) {
            return question -> {
                throw new Violation("there is no authority to ask: " + question);
            };
        }
        return authority.portOf(index());
    }

    /// Tells clients who the members are when that has changed.
    private ReplicaListener herald() {
        return new ReplicaListener() {
            @Override
            public void onEpoch(Reign reign) {
                cluster.clientNetwork().tellMembers(world.nodes.get(index()), reign);
            }
        };
    }

    private ReplicaListener lookout() {
        Weather.Process weather = world.weather.process();
        if (weather.ambush() == 0 && weather.exileEvery() >= Chance.NEVER) {
            return ReplicaListener.NONE;
        }
        int index = index();
        return new ReplicaListener() {
            @Override
            public void onSent(ReplicaId to, ProtocolMessage message, int frameBytes) {
                world.lookout().onSent(index, to, message);
            }

            @Override
            public void onReceived(ReplicaId from, ProtocolMessage message) {
                world.lookout().onReceived(world.nodes.get(index), from, message);
            }
        };
    }

    /// The way back to clients.
    private record Replies(ClientNetwork network) implements ClientPort {
        @Override
        public void reply(
                long connection,
                ClientReply.Kind kind,
                ClientReply.Status status,
                long session,
                long sequence,
                long position,
                byte[] bytes,
                int offset,
                int length) {
            Bytes copy = Bytes.copyOf(ByteBuffer.wrap(bytes, offset, length));
            network.reply(
                    connection, new ClientReply(kind, status, session, sequence, position, copy));
        }

        @Override
        public void preferredEntry(long connection, int replica) {
            network.preferredEntry(connection, replica);
        }
    }
}

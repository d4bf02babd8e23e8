package dev.lockstep.node;

import dev.lockstep.api.StateMachine;
import dev.lockstep.core.Epoch;
import dev.lockstep.core.GroupId;
import dev.lockstep.core.Member;
import dev.lockstep.core.Membership;
import dev.lockstep.core.port.AuthorityPort;
import dev.lockstep.core.port.FileStore;
import dev.lockstep.core.wire.MalformedException;
import dev.lockstep.journal.JournalOptions;
import dev.lockstep.journal.MemoryStore;
import dev.lockstep.journal.RecoveryReport;
import dev.lockstep.journal.SegmentJournal;
import dev.lockstep.journal.SnapshotFiles;
import dev.lockstep.net.Fork;
import dev.lockstep.net.FrameServer;
import dev.lockstep.net.NetworkLoop;
import dev.lockstep.net.PeerConnections;
import dev.lockstep.replica.Replica;
import dev.lockstep.replica.ReplicaOptions;
import dev.lockstep.replica.ReplicaPorts;
import dev.lockstep.replica.SnapshotLostException;
import dev.lockstep.replica.Trust;

import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import java.io.IOException;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;

/// Puts a node together on its own thread: opens its directory and its ports, replays its journal,
/// and lets the replica take part.
///
/// Order matters. Ports come before the replay, because a port in use should be told at once. The
/// identity is written after the journal is opened, so that an identity that has started once
/// always has a journal; and before anything is sent.
final class NodeStart {

    private static final Logger LOG = LoggerFactory.getLogger(Node.class);

    /// While records are replayed, the sockets are looked after this often.
    private static final long REPLAY_POLL_NANOS = 20_000_000;

    private static final String PEER_PORT = "peer-port";
    private static final String CLIENT_PORT = "client-port";
    private static final String ADMIN_PORT = "admin-port";

    private final NodePlan plan;
    private final NodeConfig config;
    private final OpenParts parts;
    private final Mishaps mishaps;
    private final SecureRandom random = new SecureRandom();
    private final NodeClock clock = new NodeClock(TestKnobs.clockOffset());
    private final NodeMetrics metrics = new NodeMetrics();

    /// Where the journal and the snapshots are, once it is known.
    private @Nullable FileStore place;

    /// @param mishaps what has befallen the replica's data in this process; grows
    NodeStart(NodePlan plan, OpenParts parts, Mishaps mishaps) {
        this.plan = plan;
        this.mishaps = mishaps;
        this.config = plan.config();
        this.parts = parts;
    }

    /// A node that takes part, to be driven by the calling thread.
    ///
    /// @throws ConfigException if it cannot start as configured, or where it is
    RunningNode start() throws IOException {
        FileStore store = plan.store().open();
        if (store instanceof AutoCloseable closeable) {
            parts.add("the data directory", closeable);
        }
        DataDirectory.Start begun = DataDirectory.next(store, plan.store().where(), config);
        if (begun.reborn() != null) {
            mishaps.bornAgain(begun.reborn());
            LOG.warn("replica {} begins a new life: {}", config.self(), begun.reborn());
        }
        Identity identity = begun.identity();
        metrics.journalsMended = mishaps.journalsMended();
        metrics.recordsRepaired = mishaps.recordsRepaired();
        NetworkLoop network = NetworkLoop.create();
        parts.add("the network", network);
        boolean isSigning = NodeKeys.areNeededFor(plan.provider());
        Whereabouts whereabouts = new Whereabouts(identity, config, store, isSigning);
        PeerInputs peerInputs =
                new PeerInputs(clock, metrics, !isSigning, whereabouts::onAddressesChanged);
        PeerConnections peers =
                new PeerConnections(
                        network,
                        identity.cluster(),
                        whereabouts.self(),
                        GroupId.ZERO.value(),
                        whereabouts.book(),
                        peerInputs);
        Fork fork = identity.fork();
        if (fork != null) {
            peers.forkedFrom(fork);
        }
        SignatureWorkers workers =
                new SignatureWorkers(
                        "lockstep-" + config.self(),
                        isSigning ? TestKnobs.signatureThreads() : 0,
                        network::wakeup);
        parts.add("the checks of signatures", workers);
        Trust trust = isSigning ? trust(identity, peers, workers) : Trust.NONE;
        ClientConnections clients = new ClientConnections(metrics);
        int largest = Math.max(config.limits().requestBytes(), config.limits().replyBytes());
        ClientDoorman doorman =
                new ClientDoorman(
                        identity.cluster(), fork, whereabouts, largest, clients, clock, metrics);
        ReplicaGateway gateway =
                new ReplicaGateway(
                        clock, metrics, new SplittableRandom(random.nextLong()), config.limits());
        StateMachine machine = plan.machine().get();
        PortBinder ports = new PortBinder(network, config);
        EvidenceBook evidence = new EvidenceBook(store, identity.cluster());
        NodeView view =
                new NodeView(
                        config,
                        identity,
                        whereabouts,
                        mishaps,
                        evidence,
                        peers,
                        clients,
                        metrics,
                        ports.bound());
        bind(ports, network, peers, doorman, view);
        startGateways(ports, network, gateway, machine);

        SegmentJournal journal = openJournal(store, identity);
        JournalDriver driver =
                new JournalDriver(
                        journal,
                        "lockstep-" + config.self(),
                        config.journalThreading(),
                        network::wakeup,
                        metrics);
        parts.add("the journal", driver::close);
        IdentityFile.write(store, identity);
        NodeListener listener =
                new NodeListener(
                        metrics,
                        mishaps,
                        evidence,
                        reign -> {
                            peers.onEpoch(reign);
                            whereabouts.onEpoch(reign);
                        });
        SnapshotFiles files =
                SnapshotFiles.open(place(store), SnapshotStart.labelOf(identity.cluster()));
        NodeSnapshots snapshots =
                new NodeSnapshots(files, "lockstep-" + config.self(), network::wakeup);
        parts.add("the snapshots", snapshots);
        NodeDigests digests = new NodeDigests("lockstep-" + config.self(), network::wakeup);
        parts.add("the digests", digests);
        AuthorityPort authority = link(network, peerInputs);
        Misconduct misconduct = TestKnobs.misconduct();
        if (misconduct != Misconduct.NONE) {
            LOG.warn("replica {} misbehaves for a test: {}", config.self(), misconduct.word());
        }
        ReplicaPorts replicaPorts =
                new ReplicaPorts(
                        journal,
                        snapshots,
                        misconduct.peers(peers),
                        misconduct.clients(
                                new ReplyRouter(clients, gateway), config.self().value()),
                        new SplittableRandom(random.nextLong()),
                        listener,
                        authority,
                        digests,
                        trust);
        Replica replica =
                Replica.create(
                        options(identity),
                        misconduct.provider(plan.provider()),
                        Services::find,
                        misconduct.machine(machine),
                        replicaPorts);
        long restored = SnapshotStart.restore(files, replica, config, mishaps);
        if (restored < identity.base()) {
            throw new StateLost(
                    "%s belongs to a cluster that was restored at position %d, and has no intact snapshot of that; restore it again from the backup if the replica has never run"
                            .formatted(plan.store().where(), identity.base()));
        }
        replay(journal, replica, network, restored);
        listener.replayed();
        replica.recovered(clock.tick());
        peerInputs.open(replica);
        gateway.open(replica);
        view.open(replica, journal, snapshots, digests, clock);
        doorman.open(replica);
        peers.start(
                whereabouts.listening(
                        config.member(),
                        ports.bound().getOrDefault(CLIENT_PORT, 0),
                        ports.bound().getOrDefault(ADMIN_PORT, 0)));
        whereabouts.watch(clients::tellMembers);
        logStart(identity, journal.recovery(), restored, ports);
        NodeLoop loop =
                new NodeLoop(
                        network,
                        clock,
                        replica,
                        journal,
                        driver,
                        snapshots,
                        digests,
                        workers,
                        gateway,
                        clients,
                        new Standing(config, identity, whereabouts, peers));
        return new RunningNode(
                loop, network, replica, peers, clients, doorman, plan.gateways(), ports.bound());
    }

    /// What this replica signs with, and tells others by.
    private Trust trust(Identity identity, PeerConnections peers, SignatureWorkers workers) {
        Membership founders = founders(identity);
        NodeKeys keys = NodeKeys.load(config, identity.cluster(), founders);
        peers.goBy(keys.digest(founders));
        return new Trust(keys, workers, keys.requests(NodeKeys.resilience(config)), keys);
    }

    /// The way to the configuration authority, where there is one.
    private AuthorityPort link(NetworkLoop network, PeerInputs inputs) {
        AuthorityConfig authority = config.authority();
        if (authority == null) {
            return question -> {
                throw new IllegalStateException("there is an authority to ask: " + question);
            };
        }
        AuthorityLink link =
                new AuthorityLink(
                        authority,
                        config.self(),
                        view -> network.execute(() -> inputs.onAuthority(view)));
        parts.add("the authority's session", link);
        link.start();
        return link;
    }

    /// The members of the first epoch: what stands in the journal or in a snapshot supersedes it.
    private Membership founders(Identity identity) {
        List<Member> members = new ArrayList<>();
        for (MemberConfig member : config.founders()) {
            members.add(
                    new Member(
                            member.id(),
                            Identity.incarnationOf(identity.cluster(), member, identity.base())));
        }
        return new Membership(members);
    }

    private void bind(
            PortBinder ports,
            NetworkLoop network,
            PeerConnections peers,
            ClientDoorman doorman,
            NodeView view) {
        MemberConfig member = config.member();
        parts.add("the connections to members", peers::close);
        ports.bind(
                PEER_PORT,
                member.host(),
                member.peerPort(),
                (address, attempt) ->
                        FrameServer.bind(
                                network,
                                address,
                                peers.doorman(),
                                server -> attempt.listening(server.port()),
                                attempt::failed));
        ports.bind(
                CLIENT_PORT,
                member.host(),
                member.clientPort(),
                (address, attempt) ->
                        FrameServer.bind(
                                network,
                                address,
                                doorman,
                                server -> attempt.listening(server.port()),
                                attempt::failed));
        if (member.adminPort() >= 0) {
            AdminServer admin = new AdminServer(view);
            parts.add("the admin port", admin);
            ports.bind(
                    ADMIN_PORT,
                    member.adminHost(),
                    member.adminPort(),
                    (address, attempt) ->
                            admin.bind(network, address, attempt::listening, attempt::failed));
        }
    }

    private void startGateways(
            PortBinder ports, NetworkLoop network, Gateway gateway, StateMachine machine) {
        for (GatewayService service : plan.gateways()) {
            String key = service.name() + "-port";
            if (!service.serves(machine.getClass())) {
                throw new ConfigException(
                        "%s of replica %s is for another kind of service than %s; remove the key or choose another service"
                                .formatted(key, config.self(), config.service()));
            }
            parts.add(key, service);
            ports.bind(
                    key,
                    config.member().host(),
                    config.member().gatewayPorts().getOrDefault(service.name(), 0),
                    (address, attempt) ->
                            service.start(
                                    new LoopGatewayContext(
                                            network,
                                            address,
                                            gateway,
                                            machine.getClass(),
                                            config.limits().requestBytes(),
                                            config.serviceOptions(),
                                            attempt::listening,
                                            attempt::failed)));
        }
    }

    /// Where the journal and the snapshots are.
    private FileStore place(FileStore store) {
        FileStore known = place;
        if (known == null) {
            known = config.durability() == Durability.MEMORY ? new MemoryStore() : store;
            place = known;
        }
        return known;
    }

    private SegmentJournal openJournal(FileStore store, Identity identity) throws IOException {
        return SegmentJournal.open(
                place(store),
                identity.cluster(),
                GroupId.ZERO,
                new JournalOptions(
                        plan.segmentBytes(),
                        config.durability() == Durability.FSYNC,
                        random.nextLong()));
    }

    private ReplicaOptions options(Identity identity) {
        Membership members = founders(identity);
        return new ReplicaOptions(
                identity.cluster(),
                GroupId.ZERO,
                identity.replica(),
                identity.incarnation(),
                identity.boot(),
                members,
                Epoch.FIRST,
                members.idAt(0),
                config.limits(),
                config.clockMaxSkewNanos(),
                config.durability() == Durability.FSYNC,
                config.snapshots(),
                config.compareStatesNanos(),
                ConfigRules.protocolOptions(config));
    }

    /// Hands the journal to the replica. Who asks meanwhile is told that the replica is starting.
    ///
    /// @param restored the position of the snapshot that the replica has begun with; 0 without one
    private static void replay(
            SegmentJournal journal, Replica replica, NetworkLoop network, long restored)
            throws IOException {
        long[] polledAt = {System.nanoTime()};
        boolean isWhole = journal.recovery().firstSequence() <= 1 || restored > 0;
        journal.replay(
                record -> {
                    try {
                        replica.replay(record);
                    } catch (MalformedException malformed) {
                        if (isWhole || malformed instanceof SnapshotLostException) {
                            throw malformed;
                        }
                        throw new StateLost(
                                "the beginning of the journal was dropped for a snapshot, and there is none that is intact (%s)"
                                        .formatted(malformed.getMessage()));
                    }
                    long now = System.nanoTime();
                    if (now - polledAt[0] > REPLAY_POLL_NANOS) {
                        network.poll(0);
                        network.flush();
                        polledAt[0] = System.nanoTime();
                    }
                });
    }

    private void logStart(
            Identity identity, RecoveryReport recovery, long restored, PortBinder ports) {
        RecoveryReport.Cut cut = recovery.cut();
        if (cut != null) {
            LOG.warn("replica {}: {}", identity.replica(), cut);
        }
        if (!recovery.removed().isEmpty()) {
            LOG.info("removed half-made files: {}", recovery.removed());
        }
        LOG.info(
                "replica {} of cluster {} started for the {}. time with {}{} records, order {}, a"
                        + " heap of up to {} MiB, ports {}",
                identity.replica(),
                identity.cluster(),
                identity.boot(),
                restored == 0 ? "" : "a snapshot at position " + restored + " and ",
                recovery.lastSequence() - recovery.firstSequence() + 1,
                config.order(),
                Runtime.getRuntime().maxMemory() >> 20,
                ports.bound());
    }
}

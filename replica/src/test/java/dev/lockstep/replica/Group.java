package dev.lockstep.replica;

import dev.lockstep.core.ClusterId;
import dev.lockstep.core.FaultModel;
import dev.lockstep.core.Incarnation;
import dev.lockstep.core.Member;
import dev.lockstep.core.Membership;
import dev.lockstep.core.Now;
import dev.lockstep.core.Reign;
import dev.lockstep.core.ReplicaId;
import dev.lockstep.core.StopSign;
import dev.lockstep.core.port.ClientPort;
import dev.lockstep.core.port.JournalRecord;
import dev.lockstep.core.port.PeerPort;
import dev.lockstep.core.port.Snapshots;
import dev.lockstep.core.wire.Bytes;
import dev.lockstep.core.wire.BytesWriter;
import dev.lockstep.core.wire.ClientReply;
import dev.lockstep.core.wire.ClientRequest;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.function.UnaryOperator;

/// Replicas of a [Ledger] under the [Toy] protocol, in one thread, on a perfect network.
final class Group {

    static final long MS = 1_000_000L;
    static final long SECOND = 1_000 * MS;
    static final ClusterId CLUSTER = new ClusterId(7, 9);

    record Packet(Member from, Bytes frame) {}

    /// One replica and what surrounds it.
    final class Node implements PeerPort, ClientPort, ReplicaListener {
        final ReplicaId id;
        final MemoryJournal journal = new MemoryJournal();
        final ArrayDeque<Packet> inbox = new ArrayDeque<>();
        final List<ClientReply> replies = new ArrayList<>();
        final List<Long> repliedTo = new ArrayList<>();
        final List<String> heard = new ArrayList<>();
        final Toy.Provider provider = new Toy.Provider();
        final List<Reign> reigns = new ArrayList<>();

        /// States that are to be digested.
        final ArrayDeque<FrozenDigest> frozen = new ArrayDeque<>();

        int life;
        Snapshots snapshots = Snapshots.NONE;
        SnapshotOptions snapshotOptions = SnapshotOptions.NEVER;
        Ledger ledger = new Ledger();
        Replica replica;
        int boot;
        boolean syncs = true;
        boolean up = true;

        /// From the next start on its state cannot be frozen.
        boolean live;

        int preferred;

        Node(ReplicaId id) {
            this.id = id;
            this.replica = start();
        }

        private Replica start() {
            boot++;
            ReplicaOptions options =
                    tuning.apply(
                            ReplicaOptions.of(CLUSTER, id, member().incarnation(), boot, members));
            ReplicaPorts ports =
                    new ReplicaPorts(
                            journal,
                            snapshots,
                            this,
                            this,
                            new SplittableRandom(1),
                            this,
                            question -> {
                                throw new AssertionError("there is no authority: " + question);
                            },
                            frozen::add);
            return Replica.create(options.withSnapshots(snapshotOptions), provider, ledger, ports);
        }

        /// Starts again with a snapshot and nothing in the journal.
        void restartWith(byte[] snapshot) throws IOException {
            journal.records.clear();
            journal.sync();
            dropAll();
            var _ = replica.restore(new ByteArrayInputStream(snapshot));
            replica.recovered(now());
        }

        private void dropAll() {
            journal.crash();
            ledger = new Ledger();
            ledger.isLive = live;
            inbox.clear();
            frozen.clear();
            up = true;
            replica = start();
        }

        /// Who it is, in its present life.
        Member member() {
            return new Member(id, new Incarnation(1 + life, id.value()));
        }

        /// Comes back in another life, with nothing.
        void loseDisk() {
            life++;
            journal.records.clear();
            journal.sync();
            dropAll();
            replica.recovered(now());
        }

        @Override
        public void onEpoch(Reign reign) {
            reigns.add(reign);
        }

        /// Loses what is not durable, and starts again.
        void restart() {
            dropAll();
            for (JournalRecord record : List.copyOf(journal.records)) {
                replica.replay(record);
            }
            replica.recovered(now());
        }

        Toy toy() {
            return provider.last();
        }

        @Override
        public boolean send(ReplicaId to, Bytes head, Bytes body, long flushToken) {
            Node target = node(to.value());
            if (!target.up || !up) {
                return false;
            }
            target.inbox.add(
                    new Packet(member(), new BytesWriter(64).put(head).put(body).toBytes()));
            return true;
        }

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
            Bytes copy = Bytes.copyOf(java.nio.ByteBuffer.wrap(bytes, offset, length));
            replies.add(new ClientReply(kind, status, session, sequence, position, copy));
            repliedTo.add(connection);
        }

        @Override
        public void preferredEntry(long connection, int entry) {
            preferred = entry;
        }

        @Override
        public void onServiceFailure(long position, long session, long sequence, Throwable thrown) {
            heard.add("failure " + position + " " + thrown.getMessage());
        }

        @Override
        public void onRepeated(long position, dev.lockstep.core.BatchId batch) {
            heard.add("repeated " + position + " " + batch);
        }

        @Override
        public void onSessionEnded(long position, long session, boolean expired) {
            heard.add("ended " + session + " " + expired);
        }

        @Override
        public void onMalformedBatch(long position, dev.lockstep.core.BatchId batch, int index) {
            heard.add("malformed " + position + " " + index);
        }

        @Override
        public void onPeerDiverged(ReplicaId peer, boolean inState, long after, long through) {
            heard.add(
                    "diverged "
                            + peer
                            + (inState ? " in state" : "")
                            + " "
                            + after
                            + " "
                            + through);
        }

        @Override
        public void onStatesDiffer(String sentence) {
            heard.add("differ " + sentence);
        }

        @Override
        public void onNoDifference(ReplicaId peer, long first, long last) {
            heard.add("same " + peer + " " + first + " " + last);
        }

        @Override
        public void onQuarantined(String reason) {
            heard.add("quarantined " + reason);
        }

        @Override
        public void onFirstDifference(FirstDifference difference) {
            heard.add("found " + difference);
        }

        @Override
        public void onHalted(String reason) {
            heard.add("halted " + reason);
        }

        ClientReply.Status command(
                long connection, long session, long sequence, long acknowledged, String text) {
            byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
            return replica.onCommand(
                    now(), connection, session, sequence, acknowledged, bytes, 0, bytes.length);
        }

        void query(long connection, long number, ClientRequest.Freshness freshness, long atLeast) {
            query(connection, number, freshness, atLeast, "");
        }

        void query(
                long connection,
                long number,
                ClientRequest.Freshness freshness,
                long atLeast,
                String text) {
            Bytes bytes = Bytes.wrap(text.getBytes(StandardCharsets.UTF_8));
            replica.onClient(
                    now(), connection, new ClientRequest.Query(number, freshness, atLeast, bytes));
        }

        /// Opens a session over connection 1 and returns its id.
        long open(long nonce, long timeoutNanos) {
            replica.onClient(now(), 1, new ClientRequest.Open(nonce, timeoutNanos));
            run();
            ClientReply reply = lastReply();
            if (reply.kind() != ClientReply.Kind.OPEN || reply.sequence() != nonce) {
                throw new AssertionError("not opened: " + reply);
            }
            return reply.session();
        }

        ClientReply lastReply() {
            return replies.getLast();
        }

        /// The last reply's status, sequence and text.
        String said() {
            ClientReply reply = lastReply();
            String text = new String(reply.bytes().toByteArray(), StandardCharsets.UTF_8);
            return reply.status() + " " + reply.sequence() + " " + text;
        }

        boolean work() {
            boolean worked = false;
            while (up && !inbox.isEmpty()) {
                Packet packet = inbox.remove();
                replica.onPeerFrame(now(), packet.from(), packet.frame());
                worked = true;
            }
            if (up && replica.nextDeadlineNanos() <= monotonic) {
                worked = true;
            }
            while (up && !frozen.isEmpty()) {
                replica.onStateDigest(now(), frozen.remove().digest(() -> {}));
                worked = true;
            }
            if (up) {
                replica.advance(now());
            }
            if (up && syncs && journal.durableThrough() < journal.lastSequence()) {
                replica.onDurable(now(), journal.sync());
                worked = true;
            }
            return worked;
        }
    }

    final Membership members;
    private final UnaryOperator<ReplicaOptions> tuning;
    private final List<Node> nodes = new ArrayList<>();
    private long monotonic = 1_000 * SECOND;
    private long wall = 5_000 * SECOND;

    Group(int size) {
        this(size, options -> options);
    }

    Group(int size, UnaryOperator<ReplicaOptions> tuning) {
        this(size, 0, tuning);
    }

    /// @param spares how many follow that are no members
    Group(int size, int spares, UnaryOperator<ReplicaOptions> tuning) {
        this.tuning = tuning;
        List<Member> named = new ArrayList<>();
        for (int i = 1; i <= size; i++) {
            named.add(new Member(new ReplicaId(i), incarnation(new ReplicaId(i))));
        }
        members = new Membership(named);
        for (int i = 1; i <= size + spares; i++) {
            nodes.add(new Node(new ReplicaId(i)));
        }
        nodes.forEach(node -> node.replica.recovered(now()));
    }

    static Member member(ReplicaId id) {
        return new Member(id, incarnation(id));
    }

    /// The first epoch of a cluster, as a replica of it knows it.
    static CurrentReign reign(ReplicaOptions options) {
        StopSign sign =
                new StopSign(
                        options.epoch(),
                        options.members(),
                        FaultModel.CRASH,
                        "toy",
                        options.firstLeader());
        return new CurrentReign(
                new Member(options.self(), options.incarnation()), new Reign(sign, 0));
    }

    static CurrentReign reign() {
        Membership alone = new Membership(List.of(member(new ReplicaId(1))));
        return reign(
                ReplicaOptions.of(
                        CLUSTER, new ReplicaId(1), incarnation(new ReplicaId(1)), 1, alone));
    }

    /// Every replica is told that it is connected to every other.
    void connectAll() {
        for (Node one : nodes) {
            for (Node other : nodes) {
                if (one != other && one.up && other.up) {
                    one.replica.onPeerConnected(now(), other.member());
                }
            }
        }
        run();
    }

    static Incarnation incarnation(ReplicaId id) {
        return new Incarnation(1, id.value());
    }

    static ReplicaLimits limits() {
        return ReplicaLimits.DEFAULT;
    }

    Node node(int id) {
        return nodes.get(id - 1);
    }

    List<Node> nodes() {
        return nodes;
    }

    Now now() {
        return new Now(monotonic, wall);
    }

    long wallNanos() {
        return wall;
    }

    /// Has the sequencer order a batch that seems to come from `origin`.
    void inject(int origin, int boot, long sequence, Bytes payload) {
        ReplicaId from = new ReplicaId(origin);
        BytesWriter out = new BytesWriter(64);
        PeerFrames.begin(PeerFrames.PROTOCOL, 1, out);
        new Toy.Codec()
                .encodeMessage(new Toy.Forward(Toy.batch(from, boot, sequence, payload)), out);
        node(1).replica.onPeerFrame(now(), member(from), out.toBytes());
        run();
    }

    /// Both clocks move.
    void pass(long nanos) {
        monotonic += nanos;
        wall += nanos;
        run();
    }

    /// Only the wall clocks move.
    void jump(long nanos) {
        wall += nanos;
    }

    /// Steps everything until nothing happens any more.
    void run() {
        for (int rounds = 0; rounds < 10_000; rounds++) {
            boolean worked = false;
            for (Node node : nodes) {
                worked |= node.work();
            }
            if (!worked) {
                return;
            }
        }
        throw new AssertionError("the group does not come to rest");
    }
}

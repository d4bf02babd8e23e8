package dev.lockstep.testkit.simulator;

import dev.lockstep.client.ClientEngine;
import dev.lockstep.client.ClientInputs;
import dev.lockstep.client.ClientTransport;
import dev.lockstep.client.EngineOptions;
import dev.lockstep.client.Voter;
import dev.lockstep.core.Reign;
import dev.lockstep.core.wire.ClientReply;
import dev.lockstep.core.wire.ClientRequest;
import dev.lockstep.testkit.simulator.Exercised.Deed;
import dev.lockstep.testkit.simulator.Happening.Sign;
import dev.lockstep.testkit.simulator.Script.Topic;

import org.jspecify.annotations.Nullable;

import java.util.Arrays;
import java.util.List;
import java.util.TreeMap;
import java.util.function.IntUnaryOperator;
import java.util.random.RandomGenerator;

/// A client that lives again and again, each time with a session of its own.
final class SimClient {

    private static final long MS = 1_000_000L;

    private static final int LEAST_WINDOW = 128;

    /// As the product's client has it: so long alone, and it asks where it began.
    private static final long ASK_NANOS = 500 * MS;

    private final World world;
    private final ClientNetwork network;
    private final Calls calls;
    private final int index;

    /// The only replica that it ever asks; null if it asks any.
    private final @Nullable SimNode home;

    private Life life;
    private long lives;

    /// @param home the only replica that it ever asks; null if it asks any
    SimClient(World world, ClientNetwork network, Calls calls, int index, @Nullable SimNode home) {
        this.world = world;
        this.network = network;
        this.calls = calls;
        this.index = index;
        this.home = home;
        this.life = new Life();
    }

    int index() {
        return index;
    }

    /// The only replica that it ever asks; null if it asks any.
    @Nullable SimNode home() {
        return home;
    }

    /// Its present life.
    Life life() {
        return life;
    }

    /// It goes away without a word, perhaps leaving its connections to be noticed; another comes.
    void abandon() {
        world.exercised.note(Deed.CLIENTS_ABANDONED);
        world.trace.note(() -> life + " goes away");
        world.trace.sign(world.lineOf(life), Sign.GONE, () -> life + " goes away");
        life.end();
        life = new Life();
        world.chance.about(Topic.LIFE, index);
        life.wake(world.chance.below(200 * MS));
    }

    /// It closes its session; another opens one when that is done.
    void close() {
        world.exercised.note(Deed.SESSIONS_CLOSED);
        world.trace.note(() -> life + " closes its session");
        life.engine.close(world.nowNanos());
        life.settle();
    }

    /// True if the only replica that it talks to is no member.
    boolean isStranded() {
        SimNode only = home;
        return only != null && !only.replica().status().member();
    }

    /// It goes away for good.
    void retire() {
        life.end();
    }

    /// It has all forgotten, and opens another session.
    void startOver() {
        renew(life);
    }

    private void renew(Life ended) {
        if (ended == life) {
            ended.end();
            life = new Life();
            world.chance.about(Topic.LIFE, index);
            life.wake(world.chance.below(50 * MS));
        }
    }

    /// One life: one engine, one session.
    final class Life implements ClientTransport {
        private final long number = ++lives * 100 + index;
        private final ClientEngine engine;

        /// What its connections, its replicas and time are told to: the engine, or who counts the
        /// replicas' votes for it.
        private final ClientInputs inputs;

        private final TreeMap<Integer, ClientNetwork.Connection> connections = new TreeMap<>();
        private boolean isDriven = true;
        private long wakeAt = Chance.NEVER;

        /// Null if it asks one replica alone, whatever it is told.
        private final @Nullable KnownReplicas known;

        /// When it was first connected to nobody; [Chance#NEVER] while it is to somebody.
        private long aloneSince;

        /// Operations without an outcome.
        private int pending;

        /// The highest version that this life has seen.
        private long seenVersion;

        Life() {
            SimNode only = home;
            int[] replicas;
            if (only != null) {
                known = null;
                replicas = new int[] {only.id().value()};
            } else {
                known = new KnownReplicas(world.founders());
                replicas = known.toArray();
            }
            aloneSince = world.nowNanos();
            world.chance.about(Topic.LIFE, index);
            boolean isBeside = world.weather.load().beside();
            boolean staysAnywhere = world.chance.happens(world.weather.load().stays()) || isBeside;
            EngineOptions options =
                    new EngineOptions(
                            world.weather.load().sessionTimeoutNanos(),
                            Math.max(LEAST_WINDOW, world.weather.load().pipeline()),
                            world.weather.load().retryNanos(),
                            20 * MS,
                            5 * MS,
                            !staysAnywhere);
            RandomGenerator random = world.chance.split(Topic.ENGINE, index);
            IntUnaryOperator enough = world.enoughVotes();
            if (enough == null) {
                engine = new ClientEngine(options, replicas, this, random);
                inputs = engine;
            } else {
                Voter voter = new Voter(options, replicas, enough, this, random);
                engine = voter.engine();
                inputs = voter;
            }
            int anyone = world.chance.below(replicas.length);
            if (enough == null) {
                engine.start(replicas[isBeside ? index % replicas.length : anyone]);
            }
        }

        long number() {
            return number;
        }

        int index() {
            return index;
        }

        ClientEngine engine() {
            return engine;
        }

        /// False once nobody drives it any more.
        boolean isDriven() {
            return isDriven;
        }

        int pending() {
            return pending;
        }

        /// True if it asks this replica, and is connected to it.
        boolean isAt(SimNode node) {
            int id = node.id().value();
            return engine.entry() == id && connections.containsKey(id);
        }

        /// True if this is how it is connected to that replica.
        boolean has(ClientNetwork.Connection connection) {
            return connections.containsValue(connection);
        }

        void begun() {
            pending++;
        }

        void ended() {
            pending--;
        }

        long seenVersion() {
            return seenVersion;
        }

        void saw(long version) {
            seenVersion = Math.max(seenVersion, version);
        }

        private void end() {
            isDriven = false;
            world.exercised.note(Deed.REQUESTS_RESENT, engine.resends());
            network.onGone(this);
        }

        /// Drives the engine `nanos` from now, and ever after as it asks for.
        void wake(long nanos) {
            wakeAt = world.nowNanos() + nanos;
            long at = wakeAt;
            world.timeline.wakeAt(at, () -> onWake(at));
        }

        private void onWake(long at) {
            if (isDriven && wakeAt == at) {
                wakeAt = Chance.NEVER;
                inputs.advance(world.nowNanos());
                settle();
            }
        }

        /// After every input.
        void settle() {
            if (!isDriven) {
                return;
            }
            if (engine.isClosed() || calls.isOver(this)) {
                renew(this);
                return;
            }
            long due = Math.max(inputs.nextDeadlineNanos(), world.nowNanos() + 1_000);
            if (due < wakeAt) {
                wake(due - world.nowNanos());
            }
        }

        /// A replica has answered, and said who the members are.
        void onConnected(SimNode node, ClientNetwork.Connection connection, Reign reign) {
            int id = node.id().value();
            connections.put(id, connection);
            aloneSince = Chance.NEVER;
            onMembers(id, reign);
            if (connections.containsKey(id)) {
                inputs.onConnected(world.nowNanos(), id);
                settle();
            }
        }

        /// A replica says who the members are.
        void onMembers(int from, Reign reign) {
            KnownReplicas all = known;
            if (all == null) {
                return;
            }
            IntUnaryOperator votes = world.enoughVotes();
            int enough = votes == null ? 1 : votes.applyAsInt(all.size());
            if (all.onTold(from, reign, enough)) {
                world.exercised.note(Deed.CLIENTS_LED_ON);
                become(all.toArray());
            }
        }

        private void become(int[] replicas) {
            for (int id : List.copyOf(connections.keySet())) {
                if (Arrays.stream(replicas).noneMatch(replica -> replica == id)) {
                    network.leave(connections.remove(id));
                }
            }
            inputs.onMembers(world.nowNanos(), replicas);
            settle();
        }

        void onDisconnected(SimNode node) {
            connections.remove(node.id().value());
            inputs.onDisconnected(world.nowNanos(), node.id().value());
            if (connections.isEmpty()) {
                lookFurther();
            }
            settle();
        }

        /// Nobody answers: after a while it asks where it began.
        private void lookFurther() {
            long now = world.nowNanos();
            if (aloneSince == Chance.NEVER) {
                aloneSince = now;
            } else if (now - aloneSince >= ASK_NANOS && known != null && known.remember()) {
                become(known.toArray());
            }
        }

        void onPreferredEntry(int replica) {
            inputs.onPreferredEntry(replica);
            inputs.advance(world.nowNanos());
            settle();
        }

        void onReply(SimNode from, ClientReply reply) {
            long now = world.nowNanos();
            world.acting = world.lineOf(this);
            inputs.onReply(
                    now,
                    from.id().value(),
                    reply.kind(),
                    reply.status(),
                    reply.session(),
                    reply.sequence(),
                    reply.position(),
                    reply.bytes().backingArray(),
                    reply.bytes().backingOffset(),
                    reply.bytes().size());
            inputs.advance(now);
            settle();
            world.acting = World.NOBODY;
        }

        @Override
        public void connect(int replica) {
            network.connect(this, world.nodes.get(replica - 1));
        }

        @Override
        public void command(
                int replica, long session, long sequence, long acknowledged, byte[] command) {
            ClientNetwork.Connection connection = connections.get(replica);
            if (connection != null) {
                network.command(connection, session, sequence, acknowledged, command);
            }
        }

        @Override
        public void send(int replica, ClientRequest request) {
            ClientNetwork.Connection connection = connections.get(replica);
            if (connection != null) {
                network.send(connection, request);
            }
        }

        @Override
        public String toString() {
            return "client " + index + "." + number / 100;
        }
    }
}

package dev.lockstep.testkit.simulator;

import dev.lockstep.testkit.simulator.Script.Topic;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.BooleanSupplier;
import java.util.random.RandomGenerator;

/// A cluster that a [Scenario] plays with: clients to ask, faults to call by name, and time that
/// passes when the scenario says so.
///
/// Replicas are numbered from 1. All time is simulated: it stands still while the scenario computes
/// and passes in [#runFor], in the methods that wait, and in those of clients that wait for a
/// reply. A fault lasts until it is taken back, by [#healAll] or by its counterpart; when the
/// scenario returns, all are. Whatever the seed, the faults together must leave no more than the
/// cluster promises to survive, or what is waited for does not come.
///
/// A run ends within 5,000,000 events, which are some hours of an idle cluster: a scenario that
/// waits in a loop without end fails and is no test that hangs.
///
/// Each call of a fault is an event with a number of its own, which a [Schedule] can leave out: it
/// and what takes it back then do nothing, and the scenario goes on as if it had happened. So are
/// the changes that [#members] begins.
///
/// Errors: a fault that makes no sense, such as the crash of a replica that has been crashed, is an
/// `IllegalStateException`; a replica that is not there is an `IllegalArgumentException`; both say
/// what to do. Waiting in vain, and a promise that is broken meanwhile, is an `Error` that ends the
/// run as a failure of this seed.
///
/// Threading: the thread that runs the scenario, and no other.
public final class SimulatedCluster {

    private static final long MS = 1_000_000L;

    /// How long the methods that wait do.
    private static final Duration PATIENCE = Duration.ofSeconds(30);

    private static final Duration LONGEST_RUN = Duration.ofHours(1);

    private final World world;
    private final Chance chance;
    private final ClientNetwork clientNetwork;
    private final Calls calls;
    private final Standing standing;
    private final Thread owner = Thread.currentThread();
    private final List<Pending> pending = new ArrayList<>();
    private final NamedFaults faults;
    private final SimulatedMembers members;

    /// True once the scenario has returned.
    private boolean isOver;

    SimulatedCluster(
            World world,
            Chance chance,
            PeerNetwork peers,
            ClientNetwork clientNetwork,
            Calls calls) {
        this.world = world;
        this.chance = chance;
        chance.about(Topic.SCENARIO, 0);
        this.clientNetwork = clientNetwork;
        this.calls = calls;
        this.standing = new Standing(world, peers);
        this.faults = new NamedFaults(world, peers, clientNetwork);
        this.members = new SimulatedMembers(this, world, faults);
    }

    // What is.

    /// The seed of this run.
    public long seed() {
        return world.seed;
    }

    /// Who the members are, and how that changes.
    public SimulatedMembers members() {
        return members;
    }

    /// How many replicas there are, up or down, spare ones included.
    public int size() {
        return world.nodes.size();
    }

    /// Simulated time since the start.
    public Duration elapsed() {
        return Duration.ofNanos(world.nowNanos());
    }

    /// The only randomness that a scenario may use: drawn from the seed.
    public RandomGenerator random() {
        return chance.random();
    }

    /// True while the process of a replica runs, if only paused.
    public boolean isRunning(int id) {
        return node(id).isUp();
    }

    /// How many commands and deadlines the state machine of a running replica has executed.
    public long executed(int id) {
        return running(id).service().version();
    }

    /// The replica that leads: a majority of all replicas, itself among them, run, say that
    /// requests are ordered soonest there, and are reached by it.
    ///
    /// @throws IllegalStateException if there is none at present
    public int leader() {
        SimNode leader = standing.leader();
        if (leader == null) {
            throw new IllegalStateException(
                    "no replica leads at present: awaitLeader() waits for one");
        }
        return leader.id().value();
    }

    /// All running replicas but the leader, in ascending order.
    ///
    /// @throws IllegalStateException if no replica leads at present
    public List<Integer> followers() {
        int leader = leader();
        List<Integer> others = new ArrayList<>();
        for (SimNode node : world.nodes) {
            if (node.isUp() && node.id().value() != leader) {
                others.add(node.id().value());
            }
        }
        return others;
    }

    // Clients.

    /// A client of its own session, which talks to whatever replica it likes.
    ///
    /// @throws IllegalStateException if there are 63 already
    public SimulatedClient client() {
        requireTurn();
        int index = world.clients.size();
        Sense.state(
                index < Stage.MOST_CLIENTS,
                "a simulated cluster has at most " + (Stage.MOST_CLIENTS - 1) + " clients");
        SimClient made = new SimClient(world, clientNetwork, calls, index, null);
        world.clients.add(made);
        made.life().wake(chance.below(5 * MS));
        return new SimulatedClient(this, made);
    }

    /// A client that reaches this replica and no other, until [#healAll].
    public SimulatedClient clientAt(int id) {
        SimNode only = node(id);
        SimulatedClient made = client();
        for (SimNode node : world.nodes) {
            if (node != only) {
                clientNetwork.keepCut(made.index(), node);
            }
        }
        return made;
    }

    // Time.

    /// Lets time pass.
    ///
    /// @param time at most an hour
    public void runFor(Duration time) {
        Sense.time(time, LONGEST_RUN, "time to run for");
        long until = world.nowNanos() + time.toNanos();
        runUntil(() -> false, until);
    }

    /// Lets so many events happen, of whatever kind: for tests that put a fault between any two.
    public void runEvents(long events) {
        requireTurn();
        long last = world.timeline.events() + events;
        runUntil(() -> world.timeline.events() >= last, world.nowNanos() + PATIENCE.toNanos());
    }

    /// True if `condition` came to hold; false if it is time.
    boolean runUntil(BooleanSupplier condition, long untilNanos) {
        requireTurn();
        boolean isGoingOn = true;
        while (isGoingOn && !condition.getAsBoolean()) {
            isGoingOn = world.timeline.step(untilNanos);
        }
        return condition.getAsBoolean();
    }

    /// Lets time pass until a replica leads, and says which: see [#leader].
    ///
    /// 30 simulated seconds in vain fail the run.
    public int awaitLeader() {
        await(() -> standing.leader() != null, "a replica leads");
        return leader();
    }

    /// Lets time pass until `condition` holds, which is asked after every event and must change
    /// nothing.
    ///
    /// 30 simulated seconds in vain fail the run.
    ///
    /// @param what is awaited, for the message
    public void await(BooleanSupplier condition, String what) {
        boolean holds = runUntil(condition, world.nowNanos() + PATIENCE.toNanos());
        if (!holds) {
            faults.requireChanges(what);
        }
        Violation.check(
                holds,
                what + " within " + PATIENCE.toSeconds() + " simulated s: " + world.describe());
    }

    /// Lets time pass until every client has its replies and every running replica has executed
    /// everything.
    ///
    /// 30 simulated seconds in vain fail the run: a replica that is cut off or stands still learns
    /// nothing.
    public void awaitQuiet() {
        await(standing::isQuiet, "every running replica has executed everything");
    }

    // Faults of the network.

    /// Cuts the cluster in two: these replicas on one side, all others on the other. Clients reach
    /// both. What was cut before stays cut.
    ///
    /// @throws IllegalArgumentException if one side is empty
    public void partition(int... side) {
        boolean[] isIn = new boolean[world.nodes.size()];
        for (int id : side) {
            isIn[node(id).index()] = true;
        }
        Sense.argument(
                side.length > 0 && Arrays.stream(side).distinct().count() < isIn.length,
                "a partition has replicas on both sides: name some of the "
                        + isIn.length
                        + ", not all or none");
        faults.partition(isIn, side);
    }

    /// Cuts one replica from all others. Clients still reach it.
    public void isolate(int id) {
        partition(id);
    }

    /// Cuts one link, both ways; both ends may still reach the others.
    public void cutLink(int one, int other) {
        faults.cutLink(node(one), node(other));
    }

    /// From now on nothing from one replica reaches the other; the other way is open.
    public void cutOneWay(int from, int to) {
        faults.cutOneWay(node(from), node(to));
    }

    /// Takes back all cuts, those of [#clientAt] too. Connections come up again within a tenth of a
    /// second or so.
    public void mendNetwork() {
        requireTurn();
        faults.mendNetwork();
    }

    /// All connections between replicas, and those of clients, end at once; what was on its way is
    /// lost. They are made again at once.
    public void resetConnections() {
        requireTurn();
        faults.resetConnections();
    }

    /// The same for the connections of one replica.
    public void resetConnections(int id) {
        faults.resetConnections(node(id));
    }

    // Faults of processes and machines.

    /// Kills a replica's process. What it has written stays with the operating system; what it had
    /// in memory is gone. It stays down until [#restart].
    public void crash(int id) {
        faults.crash(node(id));
    }

    /// Starts a replica that is down.
    public void restart(int id) {
        faults.restart(node(id));
    }

    /// Takes the power from a replica's machine: its process dies, and of what was not synced the
    /// disk keeps any part or nothing, torn writes among them. It stays down until [#restart]. What
    /// a cluster has acknowledged survives this at all machines at once.
    ///
    /// A replica that is down may lose power too.
    public void loseUnsyncedWrites(int id) {
        faults.losePower(node(id));
    }

    /// The same for all machines at the same moment.
    public void loseUnsyncedWritesEverywhere() {
        requireTurn();
        faults.losePowerEverywhere();
    }

    /// A replica's process stands still, as in a long garbage collection or after SIGSTOP; what
    /// arrives meanwhile waits.
    ///
    /// @param time at most 30 s; it ends by itself and cannot be ended before
    public void pause(int id, Duration time) {
        faults.pause(node(id), time);
    }

    /// Sets a replica's wall clock forward, or back if negative. Monotonic clocks do not jump.
    ///
    /// @param by at most 5 s either way, and all jumps together leave it off by no more
    public void jumpClock(int id, Duration by) {
        faults.jumpClock(node(id), by);
    }

    // Faults of disks.

    /// A replica's disk is full from now on, until [#makeRoom]: no file can grow. What the journal
    /// has allocated ahead can still be written, so a replica notices after some ten KiB of
    /// commands.
    public void fillDisk(int id) {
        faults.fillDisk(node(id));
    }

    /// There is room again on a disk that was filled.
    public void makeRoom(int id) {
        faults.makeRoom(node(id));
    }

    /// The next sync of a replica's disk fails: the process ends, what was not synced may be lost,
    /// and somebody starts the process again after a while.
    public void failNextSync(int id) {
        faults.failNextSync(node(id));
    }

    /// The next write to a replica's disk fails halfway: as [#failNextSync].
    public void failNextWrite(int id) {
        faults.failNextWrite(node(id));
    }

    // The end of faults.

    /// Takes back every fault that was called by name, and starts what is down. Returns at once:
    /// [#awaitLeader] and [#awaitQuiet] wait until the cluster has recovered. A pause goes on until
    /// its time is over.
    public void healAll() {
        requireTurn();
        faults.healAll();
    }

    /// Puts a line of one's own into the trace of a failure.
    public void note(String what) {
        requireTurn();
        world.trace.note(() -> "the test " + what);
    }

    // For the simulator.

    /// @param tire is called when the weather gets better, `afterNanos` from the start
    void begin(long afterNanos, Runnable tire) {
        world.clients.getFirst().life().wake(chance.below(5 * MS));
        world.timeline.after(afterNanos, tire);
    }

    /// The scenario has returned.
    void conclude() {
        healAll();
        isOver = true;
    }

    /// Asks for something of which it is known that it must be ordered: a session.
    void probe() {
        world.clients.getFirst().startOver();
    }

    /// True once every client has its replies, and the probe its session.
    boolean hasAnsweredAll() {
        if (standing.isAnythingPending()) {
            return false;
        }
        pending.forEach(Pending::requireNoticed);
        return world.clients.getFirst().life().engine().isOpen();
    }

    World world() {
        return world;
    }

    NamedFaults faults() {
        return faults;
    }

    Calls calls() {
        return calls;
    }

    void add(Pending begun) {
        pending.add(begun);
    }

    void requireTurn() {
        Sense.state(
                Thread.currentThread() == owner,
                "only the thread that runs the scenario may use its cluster, not "
                        + Thread.currentThread().getName());
        Sense.state(
                !isOver, "the run of this cluster is over: every seed has a cluster of its own");
    }

    private SimNode node(int id) {
        requireTurn();
        Sense.argument(
                id >= 1 && id <= world.nodes.size(),
                "there is no replica " + id + ": they are 1 to " + world.nodes.size());
        return world.nodes.get(id - 1);
    }

    private SimNode running(int id) {
        SimNode node = node(id);
        Sense.state(node.isUp(), node + " is down: restart(" + id + ") starts it");
        return node;
    }
}

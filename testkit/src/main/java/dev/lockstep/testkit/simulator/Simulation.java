package dev.lockstep.testkit.simulator;

import dev.lockstep.api.StateMachine;
import dev.lockstep.core.HostPolicy;
import dev.lockstep.core.Incarnation;
import dev.lockstep.core.Member;
import dev.lockstep.core.Membership;
import dev.lockstep.core.Reign;
import dev.lockstep.core.ReplicaId;
import dev.lockstep.replica.StateDigest;
import dev.lockstep.testkit.history.KeyValueModel;
import dev.lockstep.testkit.history.Linearizability;
import dev.lockstep.testkit.history.LinearizabilityChecker;
import dev.lockstep.testkit.history.Operation;
import dev.lockstep.testkit.simulator.Exercised.Deed;
import dev.lockstep.testkit.simulator.Script.Topic;

import org.jspecify.annotations.Nullable;

import java.util.ArrayList;
import java.util.List;
import java.util.SortedMap;
import java.util.SplittableRandom;
import java.util.random.RandomGenerator;
import java.util.stream.Collectors;

/// One run: a cluster and its clients live through some seconds of faults; then the faults end, and
/// everything that was asked for must come about.
///
/// Threading: one thread; several simulations may run at once.
public final class Simulation {

    /// So many seconds an idle cluster is given to have nobody pause.
    private static final int MOST_PAUSES = 20;

    private static final long MS = 1_000_000L;
    private static final long SECOND = 1_000 * MS;

    /// Positions until the one at which all states are compared.
    private static final int VERIFY_LEAD = 20;

    /// In a healthy cluster everything must have come about after this time.
    private static final long SETTLE_NANOS = 40 * SECOND;

    private static final long GRACE_NANOS = 1_500 * MS;

    private static final long IDLE_NANOS = 1_500 * MS;

    /// Deadlines later than this are not waited for.
    private static final long MOST_PATIENCE_NANOS = 10 * SECOND;

    private static final long QUIET_NANOS = 5 * SECOND;

    private static final int[] SIZES = {1, 3, 3, 3, 3, 3, 5, 5, 5, 7};

    /// Of clusters in which all members must answer.
    private static final int[] SIZES_WITH_AUTHORITY = {2, 2, 2, 2, 2, 2, 3, 3, 3, 4};

    private static final long MOST_CONFIGURATIONS = 300_000;

    private final SimulatedService service;
    private final Requests requests;
    private final World world;
    private final Nemesis nemesis;
    private final Calls calls;
    private final Demand demand;
    private final SortedMap<String, String> protocolOptions;

    Simulation(SimulationSetup setup, long seed) {
        this(setup, Schedule.of(seed), SeedScript.WHOLE);
    }

    /// @param script must be for this schedule
    Simulation(SimulationSetup setup, Schedule schedule, Script script) {
        long seed = schedule.seed();
        this.service = setup.service();
        this.requests = service.beginRequests();
        SplittableRandom root = new SplittableRandom(seed);
        Chance shape = new Chance(root.split());
        int first = replicas(setup, schedule, shape);
        world =
                new World(
                        seed,
                        setup.forVoters(setup.drawWeather(shape)).without(schedule.calm()),
                        setup.habits(seed),
                        setup.orders(),
                        script,
                        new Chance(root.split(), script),
                        requests::describe);
        if (setup.isTraced()) {
            world.trace.keep();
        }
        Weather weather = world.weather;
        List<Member> list = new ArrayList<>();
        int replicas = first + world.habits.reforms().spares();
        for (int i = 1; i <= first; i++) {
            list.add(new Member(new ReplicaId(i), new Incarnation(7, i)));
        }
        Membership members = new Membership(list);
        ClientNetwork clientNetwork = new ClientNetwork(world, Stage.MOST_CLIENTS, replicas);
        PeerNetwork peerNetwork = new PeerNetwork(world, replicas);
        Chance faults = new Chance(root.split(), script);
        nemesis = new Nemesis(world, faults, peerNetwork, clientNetwork);
        protocolOptions = setup.drawProtocolOptions(shape.random());
        NodeParts.Cluster cluster =
                new NodeParts.Cluster(
                        members, protocolOptions, peerNetwork, clientNetwork, setup.beginChecks());
        if (setup.provider().policy().replies() == HostPolicy.Replies.EVERY_REPLICA) {
            int tolerated = setup.provider().tolerated(first, protocolOptions);
            int lying = setup.liars() == SimulationSetup.AS_MANY_AS_MAY ? tolerated : setup.liars();
            boolean isFlipping = world.habits.flips().every() < Chance.NEVER;
            world.letVote(
                    number -> setup.provider().tolerated(number, protocolOptions) + 1,
                    isFlipping ? Math.max(tolerated, lying) : lying);
            world.liars.choose(lying, first, setup.lies());
            world.flips.limit(Math.max(0, tolerated - world.liars.count()));
        }
        world.operators.follow(setup.provider().policy());
        if (setup.provider().policy().members() == HostPolicy.Members.AUTHORITY) {
            world.appoint(new SimAuthority(world, replicas));
        }
        for (Member member : members.members()) {
            long drift = weather.clock().driftPpm();
            SimClock clock = new SimClock(world.timeline, drawDrift(shape, drift), nemesis.skew());
            SplittableRandom own = root.split();
            RandomGenerator random = script.next(Topic.REPLICA, member.id().value(), own);
            NodeParts parts = new NodeParts(world, setup, cluster, member, random);
            world.nodes.add(new SimNode(world, parts, clock));
        }
        for (int i = first + 1; i <= replicas; i++) {
            addSpare(setup, cluster, new Member(new ReplicaId(i), new Incarnation(7, i)), script);
        }
        peerNetwork.join(world.nodes);
        calls = new Calls(world, requests, service.words());
        Chance chance = new Chance(root.split(), script);
        Play play = setup.play();
        demand =
                play == null
                        ? new Workload(world, chance, requests, calls)
                        : new Stage(
                                new SimulatedCluster(
                                        world, chance, peerNetwork, clientNetwork, calls),
                                play.scenario(),
                                nemesis);
        int clients = weather.load().clients();
        if (weather.load().beside()) {
            clients = Math.max(clients, world.nodes.size());
        }
        for (int i = 0; i < clients; i++) {
            world.clients.add(new SimClient(world, clientNetwork, calls, i, null));
        }
        for (int i = 0; weather.load().neighbours() && i < replicas; i++) {
            SimNode home = world.nodes.get(i);
            world.clients.add(new SimClient(world, clientNetwork, calls, clients + i, home));
        }
    }

    /// A replica that is no member yet. What it draws is split off apart, so that the rest of a run
    /// is as it would be without it.
    private void addSpare(
            SimulationSetup setup, NodeParts.Cluster cluster, Member spare, Script script) {
        int number = spare.id().value();
        SplittableRandom own = new SplittableRandom(world.seed + number);
        RandomGenerator random = script.next(Topic.REPLICA, number, own);
        SimClock clock = new SimClock(world.timeline, 0, 0);
        world.nodes.add(
                new SimNode(world, new NodeParts(world, setup, cluster, spare, random), clock));
    }

    /// All are as far off as can be where that is much: one fast, another slow.
    private static long drawDrift(Chance chance, long most) {
        long drift = chance.between(-most, most);
        return most < Weather.MOST_DRIFT_PPM ? drift : drift < 0 ? -most : most;
    }

    private static int replicas(SimulationSetup setup, Schedule schedule, Chance shape) {
        boolean isSmall = setup.provider().policy().members() == HostPolicy.Members.AUTHORITY;
        int[] sizes = isSmall ? SIZES_WITH_AUTHORITY : SIZES;
        int drawn = sizes[shape.below(sizes.length)];
        if (schedule.replicas() != SimulationSetup.ANY_NUMBER) {
            return schedule.replicas();
        }
        return setup.replicas() == SimulationSetup.ANY_NUMBER ? drawn : setup.replicas();
    }

    /// How many replicas there are in a run.
    static int replicas(SimulationSetup setup, Schedule schedule) {
        SplittableRandom root = new SplittableRandom(schedule.seed());
        return replicas(setup, schedule, new Chance(root.split()));
    }

    /// The weather of a whole run.
    static Weather weather(SimulationSetup setup, long seed) {
        Chance shape = new Chance(new SplittableRandom(seed).split());
        replicas(setup, Schedule.of(seed), shape);
        return setup.drawWeather(shape);
    }

    /// Runs one seed.
    ///
    /// @throws SimulationFailure if a promise is broken
    public static SimulationReport run(SimulationSetup setup, long seed) {
        return new Simulation(setup, seed).run();
    }

    /// Runs one seed without what a schedule leaves out.
    ///
    /// @throws SimulationFailure if a promise is broken
    public static SimulationReport run(SimulationSetup setup, Schedule schedule) {
        return of(setup, schedule).run();
    }

    private static Simulation of(SimulationSetup setup, Schedule schedule) {
        if (schedule.isWhole()) {
            return new Simulation(setup, schedule.seed());
        }
        RecordingScript recorded = record(setup, schedule.seed());
        return new Simulation(setup, schedule, new PlayedScript(recorded, schedule));
    }

    /// Writes down what a whole run draws, whatever comes of it.
    static RecordingScript record(SimulationSetup setup, long seed) {
        RecordingScript script = new RecordingScript();
        try {
            new Simulation(setup, Schedule.of(seed), script).run();
        } catch (SimulationFailure _) {
            // What was drawn before it is what is wanted.
        }
        return script;
    }

    /// Gives the run up, as a failure, when so much has happened.
    Simulation limited(long events) {
        world.timeline.limit(events);
        return this;
    }

    /// What happened in a run, in words.
    ///
    /// @param lines one for every event worth one, the outcome last
    /// @param failure the promise that was broken, or null
    public record Told(List<String> lines, @Nullable SimulationFailure failure) {
        public Told {
            lines = List.copyOf(lines);
        }
    }

    /// Runs one seed and tells what happened, to the end or to the failure.
    public static Told trace(SimulationSetup setup, long seed) {
        Explanation explanation = explain(setup, seed);
        return new Told(explanation.lines(), explanation.failure());
    }

    /// Runs one seed and explains what happened last, up to the end or the failure.
    public static Explanation explain(SimulationSetup setup, long seed) {
        return explain(setup, seed, DiagramWindow.LAST);
    }

    /// The same, with the diagram of another part of the run.
    public static Explanation explain(SimulationSetup setup, long seed, DiagramWindow window) {
        return explain(setup, Schedule.of(seed), window);
    }

    /// The same without what a schedule leaves out.
    public static Explanation explain(
            SimulationSetup setup, Schedule schedule, DiagramWindow window) {
        Simulation simulation = of(setup.traced(), schedule);
        SimulationFailure broken = null;
        String outcome;
        try {
            SimulationReport report = simulation.run();
            outcome =
                    "every promise was kept in %,d events and %,d operations, digest %016x"
                            .formatted(report.events(), report.operations(), report.digest());
        } catch (SimulationFailure failure) {
            outcome = String.valueOf(failure.getMessage());
            broken = failure;
        }
        String options = "options of the protocol: " + simulation.optionsText();
        return Explanation.of(simulation.world, options, outcome, broken, window);
    }

    private String optionsText() {
        return protocolOptions.entrySet().stream()
                .map(option -> option.getKey() + "=" + option.getValue())
                .collect(Collectors.joining(", "));
    }

    /// What is in it, for tests that break something there.
    World world() {
        return world;
    }

    SimulationReport run() {
        try {
            live();
            heal();
            verify();
            rest();
            if (!(demand instanceof Stage)) {
                world.honest().forEach(node -> DiskCheck.check(world, node));
            }
            quiet();
            compare();
            int operations = compareWithOneMachine();
            boolean isUndecided = judge();
            return new SimulationReport(
                    world.seed,
                    world.nodes.size(),
                    world.timeline.events(),
                    world.nowNanos(),
                    operations,
                    isUndecided,
                    world.timeline.digest(),
                    world.exercised);
        } catch (Error | Exception thrown) {
            if (thrown instanceof VirtualMachineError error
                    && !(thrown instanceof StackOverflowError)) {
                throw error;
            }
            boolean isOurs = thrown instanceof Violation;
            throw new SimulationFailure(
                    world.seed,
                    world.timeline.events(),
                    world.nowNanos(),
                    optionsText(),
                    isOurs ? thrown.getMessage() + likelyCause() : thrown.toString(),
                    thrown);
        }
    }

    /// What is wrong with the service if a query changes its state, on a line of its own; else
    /// nothing.
    private String likelyCause() {
        byte[] query = new ChangingQuery(service, world.reference).find();
        return query == null
                ? ""
                : "\nlikely because a query changes the state, which only commands may: "
                        + requests.describe(query);
    }

    private void live() throws Exception {
        for (SimNode node : world.nodes) {
            world.chance.about(Topic.BEGINNING, 0);
            world.timeline.after(world.chance.below(20 * MS), node::start);
        }
        demand.begin();
        nemesis.begin();
        demand.pass();
    }

    /// Termination: in a healthy cluster every command is executed, everywhere.
    private void heal() {
        nemesis.heal();
        demand.finish();
        // What the faults have left on its way comes to its end.
        runFor(GRACE_NANOS);
        long deadline = world.nowNanos() + SETTLE_NANOS;
        while (!isSettled()) {
            Violation.check(
                    world.nowNanos() < deadline, "in a healthy cluster all ends: " + describe());
            runFor(20 * MS);
        }
    }

    /// What memory has changed is found when all states are compared at one position, and the
    /// majority's takes its place.
    private void verify() {
        if (world.exercised.count(Deed.MEMORY_FLIPS) == 0 || world.flips.isMajorityWrong()) {
            return;
        }
        long deadline = world.nowNanos() + SETTLE_NANOS;
        long next = 0;
        while (world.honest().stream().anyMatch(this::isDoubted) || !isSettled()) {
            Violation.check(
                    world.nowNanos() < deadline,
                    "who differs from the majority takes its state: "
                            + world.honest().stream().filter(this::isDoubted).toList()
                            + "; "
                            + describe());
            // Each hears of it before it gets there.
            next = length() < next ? next : length() + VERIFY_LEAD;
            long position = next;
            for (SimNode node : world.nodes) {
                node.input(
                        (replica, now) -> {
                            boolean _ = replica.freezeAt(position, node::digest);
                            replica.moveOn(now);
                        });
            }
            runFor(SECOND / 10);
        }
    }

    /// Members are compared, and nobody else.
    private boolean isDoubted(SimNode node) {
        return node.isUp()
                && node.replica().status().member()
                && (node.isFlawed() || node.replica().status().quarantineReason() != null);
    }

    private void runFor(long nanos) {
        long until = world.nowNanos() + nanos;
        boolean isGoingOn = true;
        while (isGoingOn) {
            isGoingOn = world.timeline.step(until);
        }
    }

    private boolean isSettled() {
        if (!demand.isFinished()) {
            return false;
        }
        Reign latest = world.observer.latestReign();
        for (SimNode node : world.honest()) {
            if (!node.isUp()
                    || node.replica().status().executedPosition() < length()
                    || !node.replica().reign().equals(latest)) {
                return false;
            }
        }
        return latest != null && isWhole(latest);
    }

    /// True if every member is a replica in its present life: whoever lost its disk has been put
    /// back in its place.
    private boolean isWhole(Reign reign) {
        if (world.authority() != null && reign.members().size() < world.nodes.size()) {
            return false;
        }
        for (Member member : reign.members().members()) {
            SimNode node = world.nodes.get(NodeParts.indexOf(member.id()));
            if (world.isLiar(member.id())) {
                continue;
            }
            if (!node.member().equals(member) || !node.replica().isSettled()) {
                return false;
            }
            if (node.journal().pendingBytes() > 0) {
                // A leader whose disk still hangs with what was written before would hand over.
                return false;
            }
            if (node.replica().status().preferredEntry() == null) {
                // It has only just begun, with a snapshot of all there is.
                return false;
            }
        }
        return true;
    }

    private long length() {
        return world.observer.length();
    }

    private String describe() {
        return world.describe();
    }

    /// An idle cluster keeps its leader, and what is to happen at a time happens.
    private void rest() {
        long changes = world.exercised.count(Deed.ENTRY_CHANGES);
        long epochs = world.exercised.count(Deed.EPOCHS);
        // It does so too while it takes snapshots, as for a backup.
        world.nodes.forEach(node -> node.input((replica, now) -> replica.wantSnapshot(now)));
        runFor(IDLE_NANOS);
        // Agreed time may be ahead of the clocks that were set right, which must catch up first.
        long latest = Math.min(latestDeadline(), trueTime() + MOST_PATIENCE_NANOS);
        runFor(Math.max(0, latest - trueTime() + SECOND));
        awaitPauses();
        // A leader hands over before it writes a snapshot of a state that cannot be frozen, and an
        // epoch in which a replica is put back in its place has a leader of its own.
        // Where memory flipped at a majority, nobody waited for who differs to be healed.
        boolean isSame =
                canFreeze()
                        && world.liars.count() == 0
                        && world.exercised.count(Deed.EPOCHS) == epochs
                        && !world.flips.isMajorityWrong();
        Violation.check(
                !isSame || world.exercised.count(Deed.ENTRY_CHANGES) == changes,
                "an idle healthy cluster keeps its leader: " + describe());
        for (SimNode node : world.honest()) {
            // Nor for who executes nothing until it has the state of others.
            boolean isHealing =
                    world.flips.isMajorityWrong()
                            && node.replica().status().quarantineReason() != null;
            Violation.check(
                    isHealing || node.service().nextDeadlineNanos() > trueTime() - SECOND,
                    node + " has met its deadlines: " + latestDeadline() + "; " + describe());
        }
    }

    private boolean canFreeze() {
        return world.nodes.stream().allMatch(node -> node.service().canFreeze());
    }

    /// A replica may execute nothing for a while, in an idle cluster too.
    private void awaitPauses() {
        for (int i = 0; i < MOST_PAUSES && !canFreeze() && !isAllExecuted(); i++) {
            runFor(SECOND);
        }
    }

    private boolean isAllExecuted() {
        return world.honest().stream()
                .allMatch(node -> node.replica().status().executedPosition() == length());
    }

    private long trueTime() {
        return SimClock.BEGINNING_NANOS + world.nowNanos();
    }

    private long latestDeadline() {
        long latest = Long.MIN_VALUE / 2;
        for (SimNode node : world.honest()) {
            long deadline = node.service().nextDeadlineNanos();
            latest = deadline == Long.MAX_VALUE ? latest : Math.max(latest, deadline);
        }
        return latest;
    }

    /// Convergence.
    private void compare() {
        List<SimNode> sound = sound();
        StateDigest first = sound.getFirst().replica().stateDigest();
        for (SimNode node : sound) {
            // First: equal states are then more than equal ignorance.
            Violation.check(
                    node.service().version() == world.reference.version(),
                    node
                            + " has executed everything: version "
                            + node.service().version()
                            + " of "
                            + world.reference.version());
            StateDigest digest = node.replica().stateDigest();
            Violation.check(digest.equals(first), "states are equal: " + first + ", " + digest);
        }
    }

    /// Those that nothing but commands has changed; all if the others were taken for right.
    private List<SimNode> sound() {
        List<SimNode> sound = world.honest().stream().filter(node -> !node.isFlawed()).toList();
        return sound.isEmpty() ? world.nodes : sound;
    }

    /// Linearizability: what clients learnt is what a machine alone would have told them in the
    /// order of versions, which [Reference] has found to agree with real time.
    private int compareWithOneMachine() {
        StateMachine machine = world.honest().getFirst().service().machine();
        return new SequentialRun(service, world.reference, requests).compare(machine.snapshot());
    }

    /// Without clients, nothing is kept for anybody; but a client that went away with a gap in its
    /// numbers leaves what is behind the gap waiting until its session expires. So does one that
    /// talks to a single replica which is no member any more: nobody takes from it what is missing.
    private void quiet() {
        boolean mayWait =
                world.exercised.count(Deed.CLIENTS_ABANDONED) > 0
                        || world.clients.stream().anyMatch(SimClient::isStranded);
        world.clients.forEach(SimClient::retire);
        long deadline = world.nowNanos() + QUIET_NANOS;
        while (!isQuiet(mayWait)) {
            Violation.check(
                    world.nowNanos() < deadline,
                    "nothing is held back when nothing is asked for: " + describe());
            runFor(20 * MS);
        }
    }

    private boolean isQuiet(boolean mayWait) {
        for (SimNode node : world.honest()) {
            if (!node.isQuiet(length(), mayWait)) {
                return false;
            }
        }
        return true;
    }

    /// True if no order was looked for to the end.
    private boolean judge() {
        List<Operation> history = calls.history();
        if (history.isEmpty()) {
            return false;
        }
        Linearizability verdict =
                new LinearizabilityChecker(new KeyValueModel(), MOST_CONFIGURATIONS).check(history);
        return switch (verdict) {
            case Linearizability.Holds _ -> false;
            case Linearizability.Undecided _ -> true;
            case Linearizability.Violated violated ->
                    throw new Violation(
                            "the clients' history is not linearizable at "
                                    + violated.culprit()
                                    + "\n"
                                    + violated.window());
        };
    }
}

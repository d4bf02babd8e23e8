package dev.lockstep.ordering.byzantine;

import dev.lockstep.core.Batch;
import dev.lockstep.core.Epoch;
import dev.lockstep.core.FaultModel;
import dev.lockstep.core.HistoryEntry;
import dev.lockstep.core.Incarnation;
import dev.lockstep.core.Input;
import dev.lockstep.core.Member;
import dev.lockstep.core.Membership;
import dev.lockstep.core.OrderingContext;
import dev.lockstep.core.ReplicaId;
import dev.lockstep.core.StopSign;
import dev.lockstep.core.Suspicion;
import dev.lockstep.core.wire.BytesWriter;
import dev.lockstep.core.wire.MalformedException;

import java.util.ArrayList;
import java.util.List;
import java.util.PriorityQueue;
import java.util.SplittableRandom;
import java.util.TreeMap;
import java.util.TreeSet;

/// One run: members, the messages between them, and an adversary that controls some of them and
/// sees everything the moment it is said. The seed decides everything.
///
/// In half of the runs times are few, so that much happens at the same time, in an order that the
/// seed draws; messages always come before timers of the same time.
final class World implements Surroundings {

    private static final ByzantineCodec CODEC = new ByzantineCodec();
    private static final int MESSAGE = 0;
    private static final int TIMER = 1;
    private static final int MAX_BATCHES = 40;
    private static final long PATIENCE = 40 * Network.DELTA;
    private static final long END = 4000 * Network.DELTA;

    private record Event(long at, int kind, int tie, long number, Runnable action) {}

    private final PriorityQueue<Event> events =
            new PriorityQueue<>(
                    (a, b) -> {
                        int order = Long.compare(a.at(), b.at());
                        order = order != 0 ? order : Integer.compare(a.kind(), b.kind());
                        order = order != 0 ? order : Integer.compare(a.tie(), b.tie());
                        return order != 0 ? order : Long.compare(a.number(), b.number());
                    });

    private final Profile profile;
    private final SplittableRandom random;
    private final Coverage coverage;
    private final boolean hasTies;
    private final boolean encodes;
    private final List<Setup> setups = new ArrayList<>();
    private final boolean[] isByzantine;
    private final List<SimHost> hosts = new ArrayList<>();
    private final List<SimHost> twins = new ArrayList<>();
    private final Network network;
    private final Checker checker;
    private final Coven coven;
    private final TreeSet<Long> known = new TreeSet<>();
    private final long target;
    private final TreeSet<Integer> crashed = new TreeSet<>();
    private long now;
    private long number;
    private long contents;
    private int handedIn;

    private World(
            Profile profile, Rules rules, List<String> scripts, Coverage coverage, long seed) {
        this.profile = profile;
        this.coverage = coverage;
        random = new SplittableRandom(seed);
        hasTies = random.nextBoolean();
        encodes = random.nextInt(16) == 0;
        target = random.nextLong(3, 9);
        int n = profile.members();
        isByzantine = draw(profile.byzantine(), new boolean[n]);
        boolean[] isSlow = draw(profile.slow(), isByzantine);
        network = new Network(profile, random.split(), hasTies, isSlow);
        createSetups(rules);
        checker = new Checker(this, profile, setups, isByzantine);
        for (int rank = 0; rank < n; rank++) {
            if (!isByzantine[rank]) {
                hosts.add(new SimHost(this, rank, setups.get(rank), false));
            } else if (profile.twins()) {
                twins.add(new SimHost(this, rank, setups.get(rank), true));
                twins.add(new SimHost(this, rank, setups.get(rank), true));
            }
        }
        coven = new Coven(this, setups, isByzantine, scripts, random.split());
    }

    /// Runs one seed.
    ///
    /// @param scripts of the adversary, by name; those of [Coven#draw] if empty
    /// @throws Violation if anything is wrong
    static void run(
            Profile profile, Rules rules, List<String> scripts, Coverage coverage, long seed) {
        World world = new World(profile, rules, scripts, coverage, seed);
        try {
            world.run();
        } catch (Violation violation) {
            Violation named =
                    new Violation(
                            violation.rule(),
                            violation.getMessage()
                                    + "; "
                                    + profile.name()
                                    + ", seed "
                                    + seed
                                    + ", adversary "
                                    + world.coven
                                    + ", "
                                    + world.network.mode()
                                    + ", at "
                                    + world.now);
            named.initCause(violation);
            throw named;
        }
    }

    /// So many ranks that are not taken.
    private boolean[] draw(int count, boolean[] taken) {
        boolean[] drawn = new boolean[taken.length];
        int left = count;
        while (left > 0) {
            int rank = random.nextInt(taken.length);
            if (!taken[rank] && !drawn[rank]) {
                drawn[rank] = true;
                left--;
            }
        }
        return drawn;
    }

    private void createSetups(Rules rules) {
        List<Member> members = new ArrayList<>();
        for (int rank = 0; rank < profile.members(); rank++) {
            members.add(new Member(new ReplicaId(rank + 1), new Incarnation(1, rank + 1)));
        }
        Membership membership = new Membership(members);
        TreeMap<String, String> options = new TreeMap<>();
        if (profile.isSynchronous()) {
            options.put("resilience", "2t+1");
            options.put("delta", Network.DELTA + "ns");
            options.put("clock.drift-ppm", "0");
        } else {
            options.put("view-timeout", Network.DELTA * random.nextLong(4, 20) + "ns");
        }
        options.put("window", Integer.toString(random.nextInt(1, 5)));
        // Whoever leads first leads again n views later: the adversary as often as not.
        int first = random.nextInt(profile.members());
        for (int tries = 0; tries < 2 && !isByzantine[first]; tries++) {
            first = random.nextInt(profile.members());
        }
        for (Member member : members) {
            OrderingContext context =
                    new OrderingContext(
                            member.id(),
                            Epoch.FIRST,
                            membership,
                            membership.idAt(first),
                            random.split(),
                            options,
                            true,
                            Keys.of(member.id()));
            setups.add(Setup.of(context, rules));
        }
    }

    private void run() {
        for (SimHost host : all()) {
            at(0, () -> start(host));
        }
        drawCrashes();
        if (profile.stops()) {
            StopSign sign =
                    new StopSign(
                            new Epoch(2),
                            setups.getFirst().members(),
                            FaultModel.BYZANTINE,
                            "leader",
                            new ReplicaId(1));
            long stopAt = random.nextLong(60 * Network.DELTA);
            hosts.forEach(host -> every(stopAt, () -> host.stop(sign)));
        }
        hosts.forEach(host -> at(PATIENCE, () -> suspect(host, 0)));
        coven.begin();
        while (!events.isEmpty() && !isDone()) {
            Event event = events.remove();
            now = event.at();
            if (now > END) {
                break;
            }
            event.action().run();
        }
        checker.atEnd(isDone());
        coverage.count("runs");
    }

    /// A host whose clients wait suspects whoever is responsible (§5).
    private void suspect(SimHost host, long before) {
        boolean isStuck = host.isUp() && host.height() == before && !isDone();
        if (isStuck && !host.hasStopped()) {
            host.input(new Input.Suspected<>(Suspicion.CENSORSHIP));
        }
        long height = host.height();
        at(now + PATIENCE, () -> suspect(host, height));
    }

    /// Operators ask again and again.
    private void every(long time, Runnable action) {
        for (int times = 0; times < 40; times++) {
            at(time + 50L * times * Network.DELTA, action);
        }
    }

    private List<SimHost> all() {
        List<SimHost> all = new ArrayList<>(hosts);
        all.addAll(twins);
        return all;
    }

    private boolean isDone() {
        for (SimHost host : hosts) {
            boolean hasEnough =
                    profile.stops() ? host.hasStopped() : host.isUp() && host.height() >= target;
            if (!hasEnough && !host.hasHalted()) {
                return false;
            }
        }
        return true;
    }

    private void drawCrashes() {
        List<SimHost> chosen = new ArrayList<>(hosts);
        while (chosen.size() > profile.crashes()) {
            chosen.remove(random.nextInt(chosen.size()));
        }
        boolean isPowerLoss =
                profile.crashes() >= hosts.size() && !chosen.isEmpty() && random.nextBoolean();
        long together = random.nextLong(40 * Network.DELTA);
        for (SimHost host : chosen) {
            crashed.add(host.rank());
            int times = isPowerLoss ? 1 : random.nextInt(1, 4);
            for (int i = 0; i < times; i++) {
                long downAt = isPowerLoss ? together : random.nextLong(80 * Network.DELTA);
                at(downAt, () -> crash(host));
            }
        }
    }

    private void crash(SimHost host) {
        if (host.isUp()) {
            coverage.count("crashes");
            host.crash();
            for (SimHost other : hosts) {
                at(
                        now + random.nextLong(Network.DELTA),
                        () -> other.input(new Input.PeerLost<>(idOf(host.rank()))));
            }
            at(now + random.nextLong(1, 20 * Network.DELTA), () -> start(host));
        }
    }

    private void start(SimHost host) {
        host.start();
        if (host.boot() > 1) {
            coverage.count("restarts");
        }
        for (SimHost other : hosts) {
            if (other != host && other.isUp()) {
                other.input(new Input.PeerBack<>(idOf(host.rank())));
                host.input(new Input.PeerBack<>(idOf(other.rank())));
            }
        }
    }

    // --- what hosts and the adversary do ---

    void at(long time, Runnable action) {
        events.add(new Event(time, MESSAGE, tie(), number++, action));
    }

    private int tie() {
        return hasTies ? random.nextInt(1 << 20) : 0;
    }

    @Override
    public void timer(SimHost host, ByzantineTimer timer, long at, int boot) {
        events.add(
                new Event(
                        Math.max(now, at),
                        TIMER,
                        tie(),
                        number++,
                        () -> host.onTimer(timer, at, boot)));
    }

    @Override
    public void sync(SimHost host, long sequence, int boot) {
        long most = profile.isSynchronous() ? Network.DELTA / 16 : Network.DELTA / 2;
        long delay = hasTies || random.nextInt(3) > 0 ? 0 : random.nextLong(most);
        at(now + delay, () -> host.onSynced(sequence, boot));
    }

    @Override
    public void send(SimHost from, ReplicaId to, ByzantineMessage message) {
        int target = to.value() - 1;
        if (from.isTwin() && message instanceof ByzantineMessage.Propose propose) {
            checker.learn(propose);
        }
        if (!from.isTwin()) {
            checker.onSend(from, message);
            coven.onReleased(from.rank(), message);
        }
        ByzantineMessage copy = copied(message);
        if (isByzantine[target]) {
            for (SimHost twin : twins) {
                if (twin.rank() == target && random.nextInt(4) > 0) {
                    carry(from.rank(), twin, copy);
                }
            }
        } else if (!from.isTwin() || random.nextInt(3) > 0) {
            carry(from.rank(), hostAt(target), copy);
        }
    }

    private void carry(int from, SimHost to, ByzantineMessage message) {
        long delay = network.delay(from, to.rank(), message, now);
        at(now + delay, () -> to.receive(idOf(from), message));
    }

    /// A message of the adversary's, at any time it likes.
    void slip(int from, int to, ByzantineMessage message, long time) {
        if (!isByzantine[to]) {
            try {
                ByzantineMessage copy = copied(message);
                at(Math.max(now, time), () -> hostAt(to).receive(idOf(from), copy));
            } catch (MalformedException _) {
                coverage.count("malformed");
            }
        }
    }

    private ByzantineMessage copied(ByzantineMessage message) {
        if (!encodes) {
            return message;
        }
        BytesWriter out = new BytesWriter(1024);
        CODEC.encodeMessage(message, out);
        return CODEC.decodeMessage(out.toBytes());
    }

    /// Another member's host answers with what it has delivered, one that lies with something else.
    @Override
    public void history(SimHost host, long from) {
        SimHost other = hosts.get(random.nextInt(hosts.size()));
        coverage.count("history");
        List<HistoryEntry> entries = new ArrayList<>(other.delivered());
        entries.removeIf(entry -> entry.position() < from);
        if (profile.byzantine() > 0 && random.nextInt(3) == 0 && !entries.isEmpty()) {
            HistoryEntry first = entries.getFirst();
            entries.set(
                    0,
                    new HistoryEntry(
                            first.position(),
                            SimHost.batch(new ReplicaId(1), 1, 1, 666),
                            first.timeNanos(),
                            first.anchor()));
        }
        at(now + Network.DELTA, () -> host.input(new Input.History<>(entries)));
    }

    Batch batch(ReplicaId origin, int boot, long sequence) {
        contents++;
        known.add(contents);
        return SimHost.batch(origin, boot, sequence, contents);
    }

    /// A batch for whoever leads.
    @Override
    public Batch nextBatch(ReplicaId origin, int boot, long sequence) {
        handedIn++;
        return batch(origin, boot, sequence);
    }

    @Override
    public boolean isValid(Batch batch) {
        return batch.payload().size() == Long.BYTES && known.contains(batch.payload().getLong(0));
    }

    @Override
    public boolean wantsWork() {
        return handedIn < MAX_BATCHES
                && (hosts.stream().anyMatch(host -> host.isUp() && host.height() < target)
                        || profile.stops());
    }

    // --- what there is to see ---

    @Override
    public boolean encodes() {
        return encodes;
    }

    boolean hasTies() {
        return hasTies;
    }

    @Override
    public long now() {
        return now;
    }

    @Override
    public Checker checker() {
        return checker;
    }

    @Override
    public Coverage coverage() {
        return coverage;
    }

    @Override
    public List<SimHost> hosts() {
        return hosts;
    }

    SimHost hostAt(int rank) {
        return hosts.stream().filter(host -> host.rank() == rank).findFirst().orElseThrow();
    }

    @Override
    public boolean hasCrashed(int rank) {
        return crashed.contains(rank);
    }

    long target() {
        return target;
    }

    /// The highest view that an honest member is in.
    long highestView() {
        return hosts.stream()
                .filter(SimHost::isUp)
                .mapToLong(host -> host.engine().safety().view)
                .max()
                .orElse(0);
    }

    static ReplicaId idOf(int rank) {
        return new ReplicaId(rank + 1);
    }
}

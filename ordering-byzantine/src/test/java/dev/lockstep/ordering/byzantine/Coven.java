package dev.lockstep.ordering.byzantine;

import dev.lockstep.core.Batch;
import dev.lockstep.core.BatchId;
import dev.lockstep.core.wire.Bytes;

import org.jspecify.annotations.Nullable;

import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.function.Function;

/// The adversary: the members that it controls, what it knows, and the scripts that it follows.
final class Coven {

    private static final List<Function<Coven, Adversary>> SCRIPTS =
            List.of(
                    EquivocatingLeader::new,
                    DoubleVoter::new,
                    Withholder::new,
                    HiddenRelease::new,
                    Liar::new,
                    LowLeader::new,
                    Replayer::new,
                    Forger::new,
                    SplitBrain::new,
                    Follower::new);

    private static final int MAX_ACTS = 250;

    private final World world;
    private final Loot loot;
    private final SplittableRandom random;
    private final List<Adversary> scripts = new ArrayList<>();
    private int acts;

    Coven(
            World world,
            List<Setup> setups,
            boolean[] isByzantine,
            List<String> chosen,
            SplittableRandom random) {
        this.world = world;
        this.random = random;
        loot = new Loot(setups, isByzantine, random.split());
        if (loot.own().isEmpty()) {
            return;
        }
        for (Function<Coven, Adversary> script : SCRIPTS) {
            Adversary adversary = script.apply(this);
            boolean isWanted =
                    chosen.isEmpty() ? random.nextInt(5) < 2 : chosen.contains(adversary.name());
            if (isWanted) {
                scripts.add(adversary);
            }
        }
    }

    void begin() {
        if (!scripts.isEmpty()) {
            world.at(0, this::act);
        }
    }

    private void act() {
        acts++;
        loot.begin(rootOfAll());
        scripts.get(random.nextInt(scripts.size())).act();
        if (acts < MAX_ACTS) {
            world.at(world.now() + pause(), this::act);
        }
    }

    private Certificate rootOfAll() {
        for (SimHost host : world.hosts()) {
            if (host.isUp()) {
                return host.engine().root();
            }
        }
        return loot.root();
    }

    private long pause() {
        long quarter = Network.DELTA / 4;
        return world.hasTies()
                ? quarter * random.nextLong(1, 6)
                : random.nextLong(1, Network.DELTA);
    }

    void onReleased(int from, ByzantineMessage message) {
        if (!scripts.isEmpty()) {
            loot.note(from, message);
            scripts.forEach(script -> script.onReleased(from, message));
        }
    }

    // --- for the scripts ---

    World world() {
        return world;
    }

    Loot loot() {
        return loot;
    }

    SplittableRandom random() {
        return random;
    }

    int anyOwn() {
        return loot.own().get(random.nextInt(loot.own().size()));
    }

    int anyVictim() {
        return world.hosts().get(random.nextInt(world.hosts().size())).rank();
    }

    /// A moment in the near future, the bound and its double among them.
    long soon() {
        long delta = Network.DELTA;
        return world.now()
                + switch (random.nextInt(8)) {
                    case 0 -> 0;
                    case 1 -> delta;
                    case 2 -> 2 * delta;
                    case 3 -> delta - 1;
                    case 4 -> 2 * delta - 1;
                    case 5 -> delta / 2;
                    default -> random.nextLong(3 * delta);
                };
    }

    void slip(int from, int to, ByzantineMessage message, long at) {
        loot.note(from, message);
        world.slip(from, to, message, at);
    }

    void slipToSome(int from, ByzantineMessage message) {
        for (SimHost host : world.hosts()) {
            if (random.nextInt(3) > 0) {
                slip(from, host.rank(), message, soon());
            }
        }
    }

    void slipToAll(int from, ByzantineMessage message, long at) {
        for (SimHost host : world.hosts()) {
            slip(from, host.rank(), message, at);
        }
    }

    /// The view that the adversary works on: the highest, or the one after it.
    long view() {
        return world.highestView() + random.nextInt(2);
    }

    /// A payload that some client has sent; now and then one that nobody has.
    Payload payload(int leader, long view, long height) {
        if (random.nextInt(3) == 0) {
            var member = loot.any().members().members().get(leader);
            BatchId id =
                    new BatchId(
                            member.id(),
                            member.incarnation(),
                            BatchId.PROTOCOL_BOOT,
                            Math.max(1, height));
            return new Payload(Batch.of(id, 0, Bytes.EMPTY), null);
        }
        Batch batch =
                random.nextInt(12) == 0
                        ? SimHost.batch(World.idOf(leader), 1, 1 + view, -5 - random.nextInt(3))
                        : world.batch(World.idOf(leader), 1, 1 + random.nextInt(1 << 20));
        return new Payload(batch, null);
    }

    /// The first block of a view, on a lock.
    ByzantineMessage.Propose first(
            long view, Certificate lock, @Nullable TimeoutCertificate timeouts) {
        int leader = loot.any().leaderOf(view);
        long height = lock.block().height() + 1;
        return sign(
                leader,
                view,
                1,
                height,
                lock.block().hash(),
                timeOf(lock.block().hash()),
                lock,
                timeouts);
    }

    /// The block after another of the same view.
    ByzantineMessage.Propose next(Header parent) {
        int leader = loot.any().leaderOf(parent.view());
        return sign(
                leader,
                parent.view(),
                parent.seq() + 1,
                parent.height() + 1,
                parent.hash(),
                parent.timeNanos(),
                null,
                null);
    }

    private long timeOf(Hash hash) {
        ByzantineMessage.Propose propose = loot.proposal(hash);
        return propose == null ? 0 : propose.header().timeNanos();
    }

    private ByzantineMessage.Propose sign(
            int leader,
            long view,
            int seq,
            long height,
            Hash parent,
            long time,
            @Nullable Certificate lock,
            @Nullable TimeoutCertificate timeouts) {
        Payload payload = payload(leader, view, height);
        long stamp = random.nextInt(20) == 0 ? Long.MAX_VALUE / 2 : Math.max(time, world.now());
        Header header =
                new Header(
                        view,
                        seq,
                        height,
                        parent,
                        lock == null ? Rank.ROOT : lock.rank(),
                        timeouts == null ? Header.NO_HASH : timeouts.hash(),
                        payload.hash(),
                        stamp,
                        false);
        ByzantineMessage.Propose propose =
                new ByzantineMessage.Propose(
                        header,
                        payload,
                        loot.sign(leader, Phase.FIRST, header.ref()),
                        lock,
                        timeouts);
        loot.propose(propose);
        world.checker().learn(propose);
        return propose;
    }

    @Override
    public String toString() {
        return loot.own() + scripts.stream().map(Adversary::name).toList().toString();
    }
}

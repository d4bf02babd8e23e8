package dev.lockstep.testkit.simulator;

import dev.lockstep.client.Outcome;
import dev.lockstep.core.ProtocolMessage;
import dev.lockstep.core.Reign;
import dev.lockstep.core.ReplicaId;
import dev.lockstep.core.wire.Bytes;
import dev.lockstep.core.wire.ClientRequest.Freshness;
import dev.lockstep.testkit.simulator.Exercised.Deed;
import dev.lockstep.testkit.simulator.Script.Topic;

import org.jspecify.annotations.Nullable;

import java.nio.charset.StandardCharsets;
import java.util.Set;
import java.util.TreeSet;

/// Clients that ask for whatever chance draws.
final class Workload implements Demand, Lookout {

    private static final long MS = 1_000_000L;
    private static final long SECOND = 1_000 * MS;

    /// The faults last until this much has happened, or [#FAULTY_NANOS].
    private static final long FAULTY_EVENTS = 10_000;

    private static final long FAULTY_NANOS = 8 * SECOND;

    private static final int MOST_IN_A_RUSH = 50;

    /// How many of those who are at the new entry, or at none, are in as much of a hurry.
    private static final double OTHERS_IN_A_RUSH = 0.6;

    private static final int MOST_OF_OTHERS = 8;

    private static final int MOST_PENDING_IN_A_RUSH = 40;

    private final World world;
    private final Chance chance;
    private final Requests requests;
    private final Calls calls;

    /// Clients whose last command was executed.
    private final Set<Integer> finished = new TreeSet<>();

    private boolean isFinishing;

    Workload(World world, Chance chance, Requests requests, Calls calls) {
        this.world = world;
        this.chance = chance;
        this.requests = requests;
        this.calls = calls;
    }

    @Override
    public void begin() {
        world.clients.forEach(this::begin);
        if (world.weather.load().rush() > 0) {
            world.addLookout(this);
        }
        if (world.weather.load().neighbours()) {
            world.addLookout(new Neighbours(world, chance, requests, calls));
        }
    }

    /// Whoever talks to a replica that has not heard of it sees that something is wrong, and asks
    /// again and again, as people do.
    @Override
    public void onNewEntry(SimNode node) {
        for (SimClient client : world.clients) {
            rush(client, isElsewhere(client.life(), node));
        }
    }

    /// Those who talk to it.
    @Override
    public void onTrouble(SimNode node) {
        for (SimClient client : world.clients) {
            rush(client, client.life().isAt(node));
        }
    }

    private boolean isElsewhere(SimClient.Life life, SimNode entry) {
        for (SimNode node : world.nodes) {
            ReplicaId known = node.entry();
            if (known != null && !known.equals(entry.id()) && life.isAt(node)) {
                return true;
            }
        }
        return false;
    }

    /// There are those who only look on.
    private boolean onlyReads(SimClient client) {
        return world.weather.load().haveRoles() && client.index() % 2 == 1;
    }

    private void rush(SimClient client, boolean isAffected) {
        if (world.isHealed() || client.home() != null || !world.script.lives(client.index())) {
            return;
        }
        chance.about(Topic.RUSH, client.index());
        double share = isAffected ? 1 : OTHERS_IN_A_RUSH;
        if (chance.happens(world.weather.load().rush() * share)) {
            world.exercised.note(Deed.RUSHES);
            long every = chance.anywhere(MS / 10, 3 * MS);
            boolean reads = onlyReads(client) || (isAffected ? !chance.oneIn(8) : chance.oneIn(4));
            int times = 1 + chance.below(isAffected ? MOST_IN_A_RUSH : MOST_OF_OTHERS);
            rush(client, reads, times, every);
        }
    }

    private void rush(SimClient client, boolean reads, int times, long every) {
        if (times == 0) {
            return;
        }
        int index = client.index();
        chance.about(Topic.RUSH, index);
        world.timeline.after(
                chance.around(every),
                () -> {
                    if (isFinishing || world.isHealed()) {
                        return;
                    }
                    SimClient.Life life = client.life();
                    boolean isFree = life.pending() < MOST_PENDING_IN_A_RUSH;
                    chance.about(Topic.RUSH, index);
                    if (world.script.asks(Script.RUSHING + index, isFree)) {
                        long patience = chance.anywhere(30 * MS, SECOND);
                        byte @Nullable [] query = reads ? requests.query(chance.random()) : null;
                        if (query == null) {
                            command(life, requests.command(chance.random()), patience, () -> {});
                        } else {
                            calls.query(
                                    life, query, Freshness.LINEARIZABLE, patience, (_, _) -> {});
                        }
                    }
                    rush(client, reads, times - 1, every);
                });
    }

    @Override
    public void onSent(int fromIndex, ReplicaId to, ProtocolMessage message) {}

    @Override
    public void onHeard(SimNode from) {}

    /// A client issues its next operation after a while, and so on.
    private void begin(SimClient client) {
        if (!world.script.lives(client.index())) {
            return;
        }
        chance.about(Topic.THINKING, client.index());
        client.life().wake(chance.below(20 * MS));
        if (client.home() == null) {
            next(client);
        }
    }

    @Override
    public void pass() {
        boolean isGoingOn = true;
        while (isGoingOn && world.timeline.events() < FAULTY_EVENTS) {
            isGoingOn = world.timeline.step(Math.min(FAULTY_NANOS, world.script.untilNanos()));
        }
    }

    private void next(SimClient client) {
        int index = client.index();
        if (!chance.hasNext(Topic.THINKING, index)) {
            return;
        }
        chance.about(Topic.THINKING, index);
        world.timeline.after(
                chance.around(world.weather.load().thinkNanos()),
                () -> {
                    if (!isFinishing) {
                        SimClient.Life life = client.life();
                        boolean isFree = life.pending() < world.weather.load().pipeline();
                        chance.about(Topic.ASKING, index);
                        if (world.script.asks(index, isFree)) {
                            issue(client);
                        }
                        next(client);
                    }
                });
    }

    private void issue(SimClient client) {
        SimClient.Life life = client.life();
        boolean isHasty = chance.happens(world.weather.load().impatience());
        long patience =
                isHasty ? chance.anywhere(MS, 100 * MS) : chance.between(SECOND, 4 * SECOND);
        byte @Nullable [] query =
                onlyReads(client) || chance.happens(world.weather.load().queries())
                        ? requests.query(chance.random())
                        : null;
        if (query != null) {
            query(life, query, patience);
        } else {
            command(life, requests.command(chance.random()), patience, () -> {});
        }
    }

    private void command(SimClient.Life life, byte[] command, long patience, Runnable whenDone) {
        calls.command(
                life,
                command,
                patience,
                (outcome, reply) -> {
                    if (outcome == Outcome.REFUSED) {
                        throw new Violation(
                                calls.describe(command) + " was refused: " + text(reply));
                    }
                    if (outcome == Outcome.OK || outcome == Outcome.SERVICE_FAILURE) {
                        whenDone.run();
                    }
                });
    }

    private static String text(Bytes sentence) {
        return StandardCharsets.UTF_8.decode(sentence.asByteBuffer()).toString();
    }

    private void query(SimClient.Life life, byte[] query, long patience) {
        Freshness freshness =
                switch (chance.below(5)) {
                    case 0 -> Freshness.SESSION;
                    case 1 -> Freshness.LOCAL;
                    default -> Freshness.LINEARIZABLE;
                };
        calls.query(life, query, freshness, patience, (_, _) -> {});
    }

    /// Every client waits for what it has asked for, then asks for one thing more, which must come
    /// about.
    @Override
    public void finish() {
        isFinishing = true;
        world.clients.forEach(this::finish);
    }

    private void finish(SimClient client) {
        if (finished.contains(client.index())) {
            return;
        }
        if (!world.script.lives(client.index()) || hasNobodyToAsk(client)) {
            finished.add(client.index());
            return;
        }
        SimClient.Life life = client.life();
        if (life.pending() == 0) {
            chance.about(Topic.LAST, client.index());
            byte[] last = requests.lastCommand(chance.random());
            command(life, last, 20 * SECOND, () -> finished.add(life.index()));
        }
        world.timeline.after(50 * MS, () -> finish(client));
    }

    /// True if the only replica that it ever asks is not a member any more.
    private boolean hasNobodyToAsk(SimClient client) {
        SimNode home = client.home();
        Reign reign = world.observer.latestReign();
        return home != null && reign != null && !reign.members().contains(home.id());
    }

    @Override
    public boolean isFinished() {
        return finished.size() == world.clients.size();
    }
}

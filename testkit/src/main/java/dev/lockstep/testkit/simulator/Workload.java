package dev.lockstep.testkit.simulator;

import dev.lockstep.client.Outcome;
import dev.lockstep.core.wire.Bytes;
import dev.lockstep.core.wire.ClientRequest.Freshness;
import dev.lockstep.testkit.simulator.Script.Topic;

import org.jspecify.annotations.Nullable;

import java.nio.charset.StandardCharsets;
import java.util.Set;
import java.util.TreeSet;

/// Clients that ask for whatever chance draws.
final class Workload implements Demand {

    private static final long MS = 1_000_000L;
    private static final long SECOND = 1_000 * MS;

    /// The faults last until this much has happened, or [#FAULTY_NANOS].
    private static final long FAULTY_EVENTS = 10_000;

    private static final long FAULTY_NANOS = 8 * SECOND;

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
    }

    /// A client issues its next operation after a while, and so on.
    private void begin(SimClient client) {
        if (!world.script.lives(client.index())) {
            return;
        }
        chance.about(Topic.THINKING, client.index());
        client.life().wake(chance.below(20 * MS));
        next(client);
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
                            issue(life);
                        }
                        next(client);
                    }
                });
    }

    private void issue(SimClient.Life life) {
        boolean isHasty = chance.happens(world.weather.load().impatience());
        long patience =
                isHasty ? chance.anywhere(MS, 100 * MS) : chance.between(SECOND, 4 * SECOND);
        byte @Nullable [] query =
                chance.happens(world.weather.load().queries())
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
        if (!world.script.lives(client.index())) {
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

    @Override
    public boolean isFinished() {
        return finished.size() == world.clients.size();
    }
}

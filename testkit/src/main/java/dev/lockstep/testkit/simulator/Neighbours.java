package dev.lockstep.testkit.simulator;

import dev.lockstep.client.Outcome;
import dev.lockstep.core.ProtocolMessage;
import dev.lockstep.core.ReplicaId;
import dev.lockstep.core.wire.ClientRequest.Freshness;
import dev.lockstep.testkit.simulator.Script.Topic;

import org.jspecify.annotations.Nullable;

/// Clients that each ask one replica and never another: those of an [Exile] read there, those of
/// the rest write.
final class Neighbours implements Lookout {

    private static final long MS = 1_000_000L;
    private static final long PATIENCE_NANOS = 1_000 * MS;

    /// The most that one of them waits for at a time. What changes something is sent again and
    /// again where it is refused.
    private static final int MOST_READS = 100;

    private static final int MOST_WRITES = 6;

    private final World world;
    private final Chance chance;
    private final Requests requests;
    private final Calls calls;

    Neighbours(World world, Chance chance, Requests requests, Calls calls) {
        this.world = world;
        this.chance = chance;
        this.requests = requests;
        this.calls = calls;
    }

    @Override
    public void onExile(Exile.Banishment banishment) {
        for (SimClient client : world.clients) {
            SimNode home = client.home();
            if (home != null && world.script.lives(client.index())) {
                ask(client, home, banishment);
            }
        }
    }

    private void ask(SimClient client, SimNode home, Exile.Banishment banishment) {
        int index = client.index();
        boolean reads = banishment.holds(home);
        chance.about(Topic.RUSH, index);
        world.timeline.after(
                chance.around(banishment.pauseNanos(reads)),
                () -> {
                    if (banishment.isOver()) {
                        return;
                    }
                    SimClient.Life life = client.life();
                    boolean isFree = life.pending() < (reads ? MOST_READS : MOST_WRITES);
                    chance.about(Topic.RUSH, index);
                    if (world.script.asks(Script.RUSHING + index, isFree)) {
                        issue(life, reads);
                    }
                    ask(client, home, banishment);
                });
    }

    private void issue(SimClient.Life life, boolean reads) {
        byte @Nullable [] query = reads ? requests.query(chance.random()) : null;
        if (query != null) {
            calls.query(life, query, Freshness.LINEARIZABLE, PATIENCE_NANOS, (_, _) -> {});
            return;
        }
        byte[] command = requests.command(chance.random());
        calls.command(
                life,
                command,
                PATIENCE_NANOS,
                (outcome, _) ->
                        Violation.check(
                                outcome != Outcome.REFUSED,
                                calls.describe(command) + " was refused"));
    }

    @Override
    public void onNewEntry(SimNode node) {}

    @Override
    public void onSent(int fromIndex, ReplicaId to, ProtocolMessage message) {}

    @Override
    public void onHeard(SimNode from) {}
}

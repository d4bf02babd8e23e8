package dev.lockstep.testkit.simulator;

import dev.lockstep.core.BatchId;
import dev.lockstep.core.Epoch;
import dev.lockstep.core.ReplicaId;
import dev.lockstep.core.wire.Bytes;

import java.util.Set;
import java.util.SplittableRandom;

/// One replica that lies, as long as one process of it runs.
final class Liar {

    private final World world;
    private final int index;
    private final Set<Lie> lies;
    private final SplittableRandom random;

    Liar(World world, int index, Set<Lie> lies) {
        this.world = world;
        this.index = index;
        this.lies = lies;
        this.random = new SplittableRandom(world.seed * 31 + index);
    }

    /// True if it lies in this way, and now.
    boolean tells(Lie lie) {
        return tells(lie, 2);
    }

    /// The same, once in so many times.
    boolean tells(Lie lie, int times) {
        boolean isTime = lies.contains(lie) && random.nextInt(times) == 0;
        if (isTime) {
            world.exercised.noteMalice("lied:" + lie.word());
        }
        return isTime;
    }

    int below(int bound) {
        return random.nextInt(bound);
    }

    ReplicaId id() {
        return new ReplicaId(index + 1);
    }

    /// What it signs with in the epoch that its replica is in.
    Bytes key() {
        SimNode node = world.nodes.get(index);
        Bytes key = node.isUp() ? SimKeys.keyIn(node.replica().reign().sign(), node.id()) : null;
        return key == null ? SimKeys.keyOf(id(), Epoch.FIRST.value()) : key;
    }

    long nowNanos() {
        return world.nowNanos();
    }

    void later(long nanos, Runnable what) {
        world.timeline.after(nanos, what);
    }

    /// It has a batch of this name ordered, which no honest replica has made.
    void submits(BatchId batch) {
        world.observer.onLied(batch);
    }

    /// The same with one byte changed.
    Bytes altered(Bytes content, int from) {
        if (content.size() <= from) {
            return content;
        }
        byte[] bytes = content.toByteArray();
        bytes[from + below(bytes.length - from)] ^= (byte) (1 + below(255));
        return Bytes.wrap(bytes);
    }
}

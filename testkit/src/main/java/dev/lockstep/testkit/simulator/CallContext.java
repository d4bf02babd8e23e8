package dev.lockstep.testkit.simulator;

import dev.lockstep.api.CommandContext;

import org.jspecify.annotations.Nullable;

import java.util.SplittableRandom;
import java.util.function.LongSupplier;
import java.util.random.RandomGenerator;

/// What a machine may know of one call, in a form that can be repeated: of agreed randomness no
/// more than a seed is taken.
final class CallContext implements CommandContext {

    private final long session;
    private final long position;
    private final long timeNanos;
    private final LongSupplier seeds;
    private @Nullable RandomGenerator random;
    private long seed;

    CallContext(long session, long position, long timeNanos, LongSupplier seeds) {
        this.session = session;
        this.position = position;
        this.timeNanos = timeNanos;
        this.seeds = seeds;
    }

    /// What a replica says of a call.
    static CallContext of(CommandContext agreed) {
        return new CallContext(
                agreed.session(),
                agreed.position(),
                agreed.timeNanos(),
                () -> agreed.random().nextLong());
    }

    /// 0 unless somebody asked for randomness.
    long seed() {
        return seed;
    }

    @Override
    public long session() {
        return session;
    }

    @Override
    public long position() {
        return position;
    }

    @Override
    public long timeNanos() {
        return timeNanos;
    }

    @Override
    public RandomGenerator random() {
        RandomGenerator known = random;
        if (known == null) {
            seed = seeds.getAsLong();
            known = new SplittableRandom(seed);
            random = known;
        }
        return known;
    }
}

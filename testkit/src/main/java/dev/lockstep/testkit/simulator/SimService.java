package dev.lockstep.testkit.simulator;

import dev.lockstep.api.CommandContext;
import dev.lockstep.api.FrozenState;
import dev.lockstep.api.QueryContext;
import dev.lockstep.api.ReplyBuffer;
import dev.lockstep.api.StateMachine;

import java.io.DataInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;

/// Counters and registers whose every reply tells after how many commands it was given, so that a
/// checker can compare it with what it must have been.
///
/// A reply is the value and the version. The version counts commands that did not throw, and
/// deadlines.
final class SimService implements StateMachine {

    /// Hears every change, on every replica and again after every restart.
    interface Witness {
        void onApplied(long version, CommandContext context, ServiceCall call, long reply);

        void onDeadline(long version, CommandContext context);
    }

    static final int REPLY_BYTES = 16;

    private final Witness witness;
    private final long[] values = new long[ServiceCall.KEYS];
    private long version;
    private long luck;
    private long fired;
    private long deadlineNanos = Long.MAX_VALUE;

    SimService(Witness witness) {
        this.witness = witness;
    }

    long fired() {
        return fired;
    }

    long version() {
        return version;
    }

    @Override
    public void apply(CommandContext context, ByteBuffer command, ReplyBuffer reply) {
        ServiceCall call = ServiceCall.decode(command);
        long value = apply(context, call);
        version++;
        reply.putLong(value).putLong(version);
        witness.onApplied(version, context, call, value);
    }

    private long apply(CommandContext context, ServiceCall call) {
        int key = call.key();
        switch (call.function()) {
            case ADD -> {
                values[key] += call.first();
                return values[key];
            }
            case WRITE -> {
                long before = values[key];
                values[key] = call.first();
                return before;
            }
            case CAS -> {
                boolean equal = values[key] == call.first();
                values[key] = equal ? call.second() : values[key];
                return equal ? 1 : 0;
            }
            case RANDOM -> {
                long drawn = context.random().nextLong();
                luck += drawn;
                return drawn;
            }
            case LATER -> {
                long at = context.timeNanos() + call.first();
                deadlineNanos = Math.min(deadlineNanos, at);
                return at;
            }
            case BOOM -> throw new IllegalStateException("a service with a bug");
            case READ -> throw new IllegalArgumentException("a query came as a command");
        }
        throw new IllegalArgumentException(call.toString());
    }

    @Override
    public void query(QueryContext context, ByteBuffer query, ReplyBuffer reply) {
        ServiceCall call = ServiceCall.decode(query);
        reply.putLong(values[call.key()]).putLong(version);
    }

    @Override
    public long nextDeadlineNanos() {
        return deadlineNanos;
    }

    @Override
    public void onDeadline(CommandContext context) {
        Violation.check(
                context.timeNanos() >= deadlineNanos, "a deadline is met when its time has come");
        deadlineNanos = Long.MAX_VALUE;
        fired++;
        version++;
        witness.onDeadline(version, context);
    }

    @Override
    public FrozenState snapshot() {
        ByteBuffer bytes = ByteBuffer.allocate(8 * (ServiceCall.KEYS + 4));
        for (long value : values) {
            bytes.putLong(value);
        }
        bytes.putLong(version).putLong(luck).putLong(fired).putLong(deadlineNanos);
        return out -> out.write(bytes.array());
    }

    @Override
    public void restore(InputStream in) throws IOException {
        DataInputStream data = new DataInputStream(in);
        for (int i = 0; i < values.length; i++) {
            values[i] = data.readLong();
        }
        version = data.readLong();
        luck = data.readLong();
        fired = data.readLong();
        deadlineNanos = data.readLong();
    }
}

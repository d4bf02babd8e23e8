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

/// Counters and registers, agreed randomness, deadlines and a bug: what is simulated unless the
/// setup says otherwise.
final class SimService implements StateMachine {

    private final long[] values = new long[ServiceCall.KEYS];
    private long luck;
    private long fired;
    private long deadlineNanos = Long.MAX_VALUE;

    @Override
    public void apply(CommandContext context, ByteBuffer command, ReplyBuffer reply) {
        reply.putLong(apply(context, ServiceCall.decode(command)));
    }

    long apply(CommandContext context, ServiceCall call) {
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
        reply.putLong(values[ServiceCall.decode(query).key()]);
    }

    @Override
    public long nextDeadlineNanos() {
        return deadlineNanos;
    }

    @Override
    public void onDeadline(CommandContext context) {
        deadlineNanos = Long.MAX_VALUE;
        fired++;
    }

    @Override
    public FrozenState snapshot() {
        ByteBuffer bytes = ByteBuffer.allocate(8 * (ServiceCall.KEYS + 3));
        for (long value : values) {
            bytes.putLong(value);
        }
        bytes.putLong(luck).putLong(fired).putLong(deadlineNanos);
        return out -> out.write(bytes.array());
    }

    @Override
    public void restore(InputStream in) throws IOException {
        DataInputStream data = new DataInputStream(in);
        for (int i = 0; i < values.length; i++) {
            values[i] = data.readLong();
        }
        luck = data.readLong();
        fired = data.readLong();
        deadlineNanos = data.readLong();
    }
}

package dev.lockstep.node;

import dev.lockstep.api.CommandContext;
import dev.lockstep.api.FrozenState;
import dev.lockstep.api.QueryContext;
import dev.lockstep.api.ReplyBuffer;
import dev.lockstep.api.StateMachine;

import java.io.DataInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;

/// Adds the first byte of every command, of which 255 throws and 254 overflows the stack.
public final class Counter implements StateMachine {

    static final int THROWS = 255;
    static final int OVERFLOWS = 254;
    static final int EXHAUSTS = 253;

    private long count;

    /// For `service:` in a configuration.
    public Counter() {}

    @Override
    public void apply(CommandContext context, ByteBuffer command, ReplyBuffer reply) {
        int amount = command.get() & 0xff;
        if (amount == THROWS) {
            throw new IllegalArgumentException("not this one");
        }
        if (amount == OVERFLOWS) {
            throw new StackOverflowError("as ordered");
        }
        if (amount == EXHAUSTS) {
            throw new OutOfMemoryError("as ordered");
        }
        count += amount;
        reply.putLong(count);
    }

    @Override
    public void query(QueryContext context, ByteBuffer query, ReplyBuffer reply) {
        reply.putLong(count);
    }

    @Override
    public FrozenState snapshot() {
        long frozen = count;
        return out -> out.write(ByteBuffer.allocate(Long.BYTES).putLong(frozen).array());
    }

    @Override
    public void restore(InputStream in) throws IOException {
        count = new DataInputStream(in).readLong();
    }
}

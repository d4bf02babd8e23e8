package dev.lockstep.testkit.junit;

import dev.lockstep.api.CommandContext;
import dev.lockstep.api.FrozenState;
import dev.lockstep.api.QueryContext;
import dev.lockstep.api.ReplyBuffer;
import dev.lockstep.api.StateMachine;

import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;

/// Adds the one byte of a command and replies the sum, in one byte; whoever breaks it overrides a
/// part.
class CountMachine implements StateMachine {

    byte count;

    @Override
    public void apply(CommandContext context, ByteBuffer command, ReplyBuffer reply) {
        count += command.get();
        reply.put(new byte[] {count});
    }

    @Override
    public void query(QueryContext context, ByteBuffer query, ReplyBuffer reply) {
        reply.put(new byte[] {count});
    }

    @Override
    public FrozenState snapshot() {
        byte frozen = count;
        return out -> out.write(frozen);
    }

    @Override
    public void restore(InputStream in) throws IOException {
        count = (byte) in.read();
    }
}

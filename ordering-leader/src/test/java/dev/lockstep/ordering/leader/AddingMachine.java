package dev.lockstep.ordering.leader;

import dev.lockstep.api.CommandContext;
import dev.lockstep.api.FrozenState;
import dev.lockstep.api.QueryContext;
import dev.lockstep.api.ReplyBuffer;
import dev.lockstep.api.StateMachine;
import dev.lockstep.testkit.simulator.SimulatedClient;

import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;

/// Adds what it is told and replies the sum and the agreed time; a query asks for both.
final class AddingMachine implements StateMachine {

    private final boolean canFreeze;
    private long sum;

    AddingMachine() {
        this(true);
    }

    /// @param canFreeze what it says of itself; it can in any case
    AddingMachine(boolean canFreeze) {
        this.canFreeze = canFreeze;
    }

    @Override
    public boolean canFreeze() {
        return canFreeze;
    }

    record Reply(long sum, long timeNanos) {}

    /// Asks for so much, and is told the sum.
    static SimulatedClient.Typed<Integer, Reply> of(SimulatedClient client) {
        return client.typed(
                number -> ByteBuffer.allocate(4).putInt(number).array(),
                bytes ->
                        new Reply(
                                ByteBuffer.wrap(bytes).getLong(),
                                ByteBuffer.wrap(bytes).getLong(8)));
    }

    @Override
    public void apply(CommandContext context, ByteBuffer command, ReplyBuffer reply) {
        sum += command.getInt();
        reply.putLong(sum).putLong(context.timeNanos());
    }

    @Override
    public void query(QueryContext context, ByteBuffer query, ReplyBuffer reply) {
        reply.putLong(sum).putLong(context.timeNanos());
    }

    @Override
    public FrozenState snapshot() {
        long frozen = sum;
        return out -> new DataOutputStream(out).writeLong(frozen);
    }

    @Override
    public void restore(InputStream in) throws IOException {
        sum = new DataInputStream(in).readLong();
    }
}

package dev.lockstep.ordering.stability;

import dev.lockstep.api.CommandContext;
import dev.lockstep.api.FrozenState;
import dev.lockstep.api.QueryContext;
import dev.lockstep.api.ReplyBuffer;
import dev.lockstep.api.StateMachine;
import dev.lockstep.testkit.simulator.SimulatedClient;
import dev.lockstep.testkit.simulator.SimulatedCluster;

import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;

/// Adds what it is told and replies the sum.
final class AddingMachine implements StateMachine {

    private long sum;

    /// A client that asks for so much, and is told the sum.
    static SimulatedClient.Typed<Integer, Long> client(SimulatedCluster cluster) {
        return cluster.client()
                .typed(
                        number -> ByteBuffer.allocate(4).putInt(number).array(),
                        bytes -> ByteBuffer.wrap(bytes).getLong());
    }

    @Override
    public void apply(CommandContext context, ByteBuffer command, ReplyBuffer reply) {
        sum += command.getInt();
        reply.putLong(sum);
    }

    @Override
    public void query(QueryContext context, ByteBuffer query, ReplyBuffer reply) {
        reply.putLong(sum);
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

package dev.lockstep.examples;

import dev.lockstep.api.*;
import dev.lockstep.node.*;

import java.io.*;
import java.nio.ByteBuffer;

public final class CounterMachine implements StateMachine {
    private long count;

    @Override // a command: adds its eight bytes, replies with the sum
    public void apply(CommandContext context, ByteBuffer command, ReplyBuffer reply) {
        reply.putLong(count += command.getLong());
    }

    @Override
    public void query(QueryContext context, ByteBuffer query, ReplyBuffer reply) {
        reply.putLong(count);
    }

    @Override
    public FrozenState snapshot() {
        long frozen = count;
        return out -> new DataOutputStream(out).writeLong(frozen);
    }

    @Override
    public void restore(InputStream in) throws IOException {
        count = new DataInputStream(in).readLong();
    }

    public static void main(String[] arguments) {
        byte[] one = ByteBuffer.allocate(8).putLong(1).array();
        try (var cluster = Lockstep.embedded(3, CounterMachine::new);
                Client client = cluster.client()) {
            client.command(one).toCompletableFuture().join();
            cluster.kill(cluster.leader());
            System.out.println(client.command(one).toCompletableFuture().join().buffer().getLong());
        }
    }
}

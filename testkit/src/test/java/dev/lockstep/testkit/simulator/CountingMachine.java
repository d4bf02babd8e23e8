package dev.lockstep.testkit.simulator;

import dev.lockstep.api.CommandContext;
import dev.lockstep.api.FrozenState;
import dev.lockstep.api.QueryContext;
import dev.lockstep.api.ReplyBuffer;
import dev.lockstep.api.StateMachine;

import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.util.random.RandomGenerator;

/// A count: a command of one byte adds it and replies the sum, a query asks for it. Whoever breaks
/// it overrides a part.
class CountingMachine implements StateMachine {

    long count;

    /// One to nine, and a query now and then.
    static final class Counts implements Requests {
        @Override
        public byte[] command(RandomGenerator random) {
            return new byte[] {(byte) (1 + random.nextInt(9))};
        }

        @Override
        public byte[] query(RandomGenerator random) {
            return new byte[] {'?'};
        }
    }

    /// The count once more.
    static final class Sums implements ReplyCheck {
        private long sum;

        @Override
        public void onCommand(CommandContext context, ByteBuffer command, ByteBuffer reply) {
            sum += command.get();
            expect(reply.getLong());
        }

        @Override
        public void onQuery(QueryContext context, ByteBuffer query, ByteBuffer reply) {
            expect(reply.getLong());
        }

        private void expect(long replied) {
            if (replied != sum) {
                throw new AssertionError("the count is " + sum + ", not " + replied);
            }
        }
    }

    static final SimulatedService SERVICE =
            SimulatedService.of(CountingMachine::new, Counts::new).withCheck(Sums::new);

    @Override
    public void apply(CommandContext context, ByteBuffer command, ReplyBuffer reply) {
        count += command.get();
        reply.putLong(count);
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
}

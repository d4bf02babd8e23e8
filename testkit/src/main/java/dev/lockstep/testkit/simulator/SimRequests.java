package dev.lockstep.testkit.simulator;

import dev.lockstep.api.CommandContext;
import dev.lockstep.testkit.simulator.ServiceCall.Function;

import org.jspecify.annotations.Nullable;

import java.nio.ByteBuffer;
import java.util.random.RandomGenerator;

/// What clients ask of [SimService]: everything that it can, so that compare-and-set often
/// succeeds.
final class SimRequests implements Requests {

    private static final long MS = 1_000_000L;
    private static final long SECOND = 1_000 * MS;

    /// Registers and counters with requests that exercise all that a machine may do.
    static final SimulatedService SERVICE =
            SimulatedService.of(SimService::new, SimRequests::new)
                    .withCheck(OnlyBoomFails::new)
                    .withWords(new Words());

    private long writes;

    @Override
    public byte[] command(RandomGenerator random) {
        int counter = random.nextInt(ServiceCall.FIRST_REGISTER);
        int register = ServiceCall.FIRST_REGISTER + counter;
        ServiceCall call =
                switch (random.nextInt(20)) {
                    case 0 -> new ServiceCall(Function.RANDOM, 0, 0, 0);
                    case 1 -> new ServiceCall(Function.LATER, 0, random.nextLong(2 * SECOND), 0);
                    case 2 -> new ServiceCall(Function.BOOM, 0, 0, 0);
                    case 3, 4, 5, 6 -> new ServiceCall(Function.WRITE, register, ++writes, 0);
                    case 7, 8, 9 -> {
                        long old = Math.max(0, writes - random.nextInt(3));
                        yield new ServiceCall(Function.CAS, register, old, ++writes);
                    }
                    default -> new ServiceCall(Function.ADD, counter, 1 + random.nextInt(9), 0);
                };
        return call.encode();
    }

    @Override
    public byte[] query(RandomGenerator random) {
        return new ServiceCall(Function.READ, random.nextInt(ServiceCall.KEYS), 0, 0).encode();
    }

    /// A deadline, which must come although nobody asks for anything any more.
    @Override
    public byte[] lastCommand(RandomGenerator random) {
        return new ServiceCall(Function.LATER, 0, 300 * MS, 0).encode();
    }

    @Override
    public String describe(byte[] request) {
        return ServiceCall.decode(ByteBuffer.wrap(request)).toString();
    }

    /// Values are judged by the search for an order.
    private static final class OnlyBoomFails implements ReplyCheck {
        @Override
        public void onFailure(CommandContext context, ByteBuffer command, Throwable thrown) {
            if (ServiceCall.decode(command).function() != Function.BOOM) {
                throw new AssertionError("only a bug throws", thrown);
            }
        }
    }

    private static final class Words implements HistoryWords {
        @Override
        public @Nullable Word word(byte[] request) {
            ServiceCall call = ServiceCall.decode(ByteBuffer.wrap(request));
            return call.isOfHistory()
                    ? new Word("key " + call.key(), call.word(), call.argument())
                    : null;
        }

        @Override
        public String result(byte[] request, ByteBuffer reply) {
            return ServiceCall.decode(ByteBuffer.wrap(request)).result(reply.getLong());
        }
    }
}

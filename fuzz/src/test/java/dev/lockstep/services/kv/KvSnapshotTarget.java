package dev.lockstep.services.kv;

import dev.lockstep.api.CommandContext;
import dev.lockstep.api.ReplyBuffer;
import dev.lockstep.fuzz.Target;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.random.RandomGenerator;

/// The written state of the key-value service.
public final class KvSnapshotTarget implements Target {

    /// The target; it has no state.
    public KvSnapshotTarget() {}

    @Override
    public String name() {
        return "kv-snapshot";
    }

    @Override
    public boolean takes(byte[] input) throws IOException {
        KvStateMachine machine = new KvStateMachine();
        try {
            machine.restore(new ByteArrayInputStream(input));
        } catch (IOException refused) {
            return false;
        }
        byte[] written = KvRequestsTarget.bytesOf(machine);
        KvStateMachine again = new KvStateMachine();
        again.restore(new ByteArrayInputStream(written));
        if (!Arrays.equals(KvRequestsTarget.bytesOf(again), written)) {
            throw new AssertionError("written and read again the state is another");
        }
        return true;
    }

    /// Two machines, with a table of removals each.
    @Override
    public long mostAllocatedBytes(int inputBytes) {
        return (4L << 20) + 512L * inputBytes;
    }

    @Override
    public Map<String, byte[]> seeds() throws IOException {
        Map<String, byte[]> seeds = new LinkedHashMap<>();
        KvStateMachine machine = new KvStateMachine();
        seeds.put("empty", KvRequestsTarget.bytesOf(machine));
        ReplyBuffer reply = new ReplyBuffer(1 << 10);
        for (List<String> words :
                List.of(
                        List.of("set", "k", "v"),
                        List.of("set", "passing", "v", "px", "100000"),
                        List.of("set", "gone", ""),
                        List.of("del", "gone"))) {
            byte[] request = KvCommands.of(words.toArray(new String[0])).bytes();
            reply.clear();
            machine.apply(new Moment(), ByteBuffer.wrap(request), reply);
        }
        seeds.put("keys", KvRequestsTarget.bytesOf(machine));
        return seeds;
    }

    private static final class Moment implements CommandContext {

        @Override
        public long session() {
            return 1;
        }

        @Override
        public RandomGenerator random() {
            return new SplittableRandom(1);
        }

        @Override
        public long timeNanos() {
            return 1_700_000_000_000_000_000L;
        }

        @Override
        public long position() {
            return 1;
        }
    }
}

package dev.lockstep.services.kv;

import dev.lockstep.api.CommandContext;
import dev.lockstep.api.ReplyBuffer;
import dev.lockstep.fuzz.Target;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.random.RandomGenerator;

/// Commands and queries of the key-value service, one after the other: a byte that says how it is
/// sent, two of its size, the request.
///
/// Every answer is one that clients can read. The state that comes of it is written, read and
/// written again the same, if the first byte asks for it: that takes longer than all the rest.
public final class KvRequestsTarget implements Target {

    private static final int MOST_VALUE_BYTES = 4 << 10;
    private static final int MOST_REPLY_BYTES = 16 << 10;
    private static final int HEADER_BYTES = 3;
    private static final int QUERY = 1;
    private static final int LATER = 2;

    /// In the upper bits, so that few inputs ask for it.
    private static final int RESTORE = 0x54;

    private static final int MOST_REQUESTS = 64;

    /// The target; it has no state.
    public KvRequestsTarget() {}

    @Override
    public String name() {
        return "kv-requests";
    }

    @Override
    public boolean takes(byte[] input) throws IOException {
        Store store = new Store();
        boolean taken = true;
        int at = 0;
        for (int i = 0; i < MOST_REQUESTS && at + HEADER_BYTES <= input.length; i++) {
            int size = (input[at + 1] & 0xff) | (input[at + 2] & 0xff) << 8;
            int from = at + HEADER_BYTES;
            int end = Math.min(input.length, from + size);
            KvReply reply = store.run(input[at] & 0xff, Arrays.copyOfRange(input, from, end));
            taken &=
                    !(reply instanceof KvReply.Failure failure)
                            || !failure.text().startsWith("ERR malformed");
            at = end;
        }
        if (input.length == 0 || (input[0] & 0xfc) != RESTORE) {
            return taken;
        }
        byte[] state = store.stateBytes();
        KvStateMachine restored = new KvStateMachine();
        restored.restore(new ByteArrayInputStream(state));
        if (!Arrays.equals(bytesOf(restored), state)) {
            throw new AssertionError("the state restored is another");
        }
        return taken;
    }

    static byte[] bytesOf(KvStateMachine machine) throws IOException {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        machine.snapshot().writeTo(out);
        return out.toByteArray();
    }

    /// A state machine and the agreed time of its next command.
    private static final class Store implements CommandContext {

        private final KvStateMachine machine = new KvStateMachine(new KvOptions(MOST_VALUE_BYTES));
        private final ReplyBuffer reply = new ReplyBuffer(MOST_REPLY_BYTES);
        private long timeNanos = 1_700_000_000_000_000_000L;
        private long position;

        KvReply run(int how, byte[] request) {
            timeNanos += (how & LATER) == 0 ? 1 : 1_000_000_000_000L;
            reply.clear();
            if ((how & QUERY) == 0) {
                position++;
                machine.apply(this, ByteBuffer.wrap(request), reply);
            } else {
                machine.query(this, ByteBuffer.wrap(request), reply);
            }
            if (machine.nextDeadlineNanos() <= timeNanos) {
                machine.onDeadline(this);
            }
            return KvReply.decode(reply.toByteArray());
        }

        byte[] stateBytes() throws IOException {
            return bytesOf(machine);
        }

        @Override
        public long session() {
            return 1;
        }

        @Override
        public RandomGenerator random() {
            return new SplittableRandom(position);
        }

        @Override
        public long timeNanos() {
            return timeNanos;
        }

        @Override
        public long position() {
            return position;
        }
    }

    /// A command of two bytes may make a value and a reply of the largest size, and the state holds
    /// them; a new store is large.
    @Override
    public long mostAllocatedBytes(int inputBytes) {
        return (4L << 20) + 8L * (MOST_VALUE_BYTES + MOST_REPLY_BYTES) * (inputBytes / 2 + 1);
    }

    @Override
    public Map<String, byte[]> seeds() {
        Map<String, byte[]> seeds = new LinkedHashMap<>();
        seeds.put(
                "strings",
                requests(
                        0, "set k v", "get k", "append k w", "setrange k 3 xyz", "getrange k 0 2"));
        seeds.put("counters", requests(0, "incr n", "incrby n 41", "incrbyfloat n 0.5", "decr m"));
        seeds.put(
                "expiry",
                requests(RESTORE, "set k v px 10", "pttl k", "expire k 100", "persist k"));
        seeds.put(
                "keys",
                requests(RESTORE, "mset a 1 b 2", "keys *", "scan 0", "del a b", "exists a"));
        CommandWriter writer =
                new CommandWriter().transaction(1).watched(new byte[] {'k'}, 0).commands(2);
        KvCommand set = CommandTable.require("set");
        writer.part(set, 2).argument(new byte[] {'k'}, 0, 1).argument(new byte[] {'v'}, 0, 1);
        writer.part(CommandTable.GET, 1).argument(new byte[] {'k'}, 0, 1);
        ByteArrayOutputStream transaction = new ByteArrayOutputStream();
        put(transaction, 0, writer.toByteArray());
        seeds.put("transaction", transaction.toByteArray());
        for (KvCommand command : CommandTable.all()) {
            ByteArrayOutputStream out = new ByteArrayOutputStream();
            put(out, 0, KvCommands.set(new byte[] {'1'}, new byte[] {'1'}));
            for (int count = 0; count <= 3; count++) {
                CommandWriter one = new CommandWriter().command(command, count);
                for (int i = 0; i < count; i++) {
                    one.argument(new byte[] {'1'}, 0, 1);
                }
                put(out, QUERY, one.toByteArray());
                put(out, 0, one.toByteArray());
            }
            seeds.put("command-" + command.spec().name(), out.toByteArray());
        }
        return seeds;
    }

    private static byte[] requests(int first, String... lines) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        for (String line : lines) {
            List<byte[]> words =
                    Arrays.stream(line.split(" ", -1))
                            .map(word -> word.getBytes(StandardCharsets.US_ASCII))
                            .toList();
            KvCommands.Request request = KvCommands.of(words);
            int how = out.size() == 0 ? first : 0;
            put(out, request.isQuery() ? how | QUERY : how, request.bytes());
        }
        return out.toByteArray();
    }

    private static void put(ByteArrayOutputStream out, int how, byte[] request) {
        out.write(how);
        out.write(request.length & 0xff);
        out.write(request.length >> 8);
        out.writeBytes(request);
    }
}

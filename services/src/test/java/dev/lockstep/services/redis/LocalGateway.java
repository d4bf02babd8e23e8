package dev.lockstep.services.redis;

import dev.lockstep.api.CommandContext;
import dev.lockstep.api.ReplyBuffer;
import dev.lockstep.core.wire.Bytes;
import dev.lockstep.core.wire.ClientReply;
import dev.lockstep.core.wire.ClientRequest;
import dev.lockstep.node.Gateway;
import dev.lockstep.node.GatewayCallback;
import dev.lockstep.services.kv.KvStateMachine;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.SequencedMap;
import java.util.SplittableRandom;
import java.util.random.RandomGenerator;

/// A gateway to a state machine at hand. Commands run in order and late; queries run on the state
/// as it happens to be when their turn comes, so that whoever relies on more order than a gateway
/// promises is found out.
final class LocalGateway implements Gateway {

    private static final int REPLY_BYTES = 8 << 20;

    private final KvStateMachine machine = new KvStateMachine();
    private final ReplyBuffer reply = new ReplyBuffer(REPLY_BYTES);
    private final SplittableRandom chance = new SplittableRandom(42);
    private final ArrayDeque<Issued> commands = new ArrayDeque<>();
    private final ArrayDeque<Issued> queries = new ArrayDeque<>();
    private final List<Runnable> writable = new ArrayList<>();
    private long position;
    private long executedCommands;

    /// How many commands are taken before the next is refused; none is if negative.
    private int room = -1;

    private ClientReply.Status refusal = ClientReply.Status.OVERLOADED;
    /// The size that some answers claim to have; 0 if all tell the truth.
    private int enlargedBytes;

    private ClientReply.Status outcome = ClientReply.Status.OK;

    /// True if what was issued is executed at once, as fast as can be.
    private boolean prompt;

    /// True if nothing that was issued is executed for now.
    private boolean held;

    /// True if of the queries that wait the last is answered first.
    private boolean backwards;

    /// @param bytes a copy
    @SuppressWarnings("ArrayRecordComponent")
    private record Issued(byte[] bytes, GatewayCallback callback) {}

    void prompt() {
        prompt = true;
    }

    /// How many commands were executed.
    long executedCommands() {
        return executedCommands;
    }

    /// How many commands are before the first that has this text in it; -1 if none has.
    int before(String text) {
        int before = 0;
        for (Issued issued : commands) {
            if (new String(issued.bytes(), StandardCharsets.ISO_8859_1).contains(text)) {
                return before;
            }
            before++;
        }
        return -1;
    }

    /// Executes nothing until it is called again.
    void hold(boolean hold) {
        held = hold;
    }

    /// Answers queries in no order that anybody would like.
    void answerBackwards() {
        backwards = true;
    }

    /// Takes so many commands and refuses others in this way until it is called again.
    void refuseAfter(int taken, ClientReply.Status status) {
        room = taken;
        refusal = status;
        List<Runnable> actions = List.copyOf(writable);
        writable.clear();
        actions.forEach(Runnable::run);
    }

    /// Some answers to queries claim to have so many bytes.
    void enlargeSomeReplies(int bytes) {
        enlargedBytes = bytes;
    }

    /// Every command and query has this outcome.
    void outcome(ClientReply.Status status) {
        outcome = status;
    }

    @Override
    public boolean command(byte[] bytes, int offset, int length, GatewayCallback callback) {
        if (room == 0) {
            return false;
        }
        room = room < 0 ? room : room - 1;
        commands.add(new Issued(Arrays.copyOfRange(bytes, offset, offset + length), callback));
        return true;
    }

    @Override
    public void query(Bytes query, ClientRequest.Freshness freshness, GatewayCallback callback) {
        queries.add(new Issued(query.toByteArray(), callback));
    }

    /// A cycle of the loop: executes some of what was issued, or all.
    ///
    /// @return true if there is more
    boolean work() {
        if (held) {
            return false;
        }
        int runs = prompt ? Integer.MAX_VALUE : chance.nextInt(4);
        for (int i = 0; i < runs && !(commands.isEmpty() && queries.isEmpty()); i++) {
            boolean takeQuery = commands.isEmpty() || (!queries.isEmpty() && chance.nextBoolean());
            if (takeQuery) {
                run(backwards ? queries.removeLast() : queries.remove(), true);
            } else {
                run(commands.remove(), false);
                executedCommands++;
            }
        }
        long now = nowNanos();
        if (machine.nextDeadlineNanos() <= now) {
            position++;
            machine.onDeadline(new Context(now, position));
        }
        return !commands.isEmpty() || !queries.isEmpty();
    }

    private void run(Issued issued, boolean query) {
        if (outcome != ClientReply.Status.OK) {
            byte[] sentence = "for the sake of a test".getBytes(StandardCharsets.UTF_8);
            issued.callback().onReply(outcome, 0, sentence, 0, sentence.length);
            return;
        }
        reply.clear();
        ByteBuffer request = ByteBuffer.wrap(issued.bytes());
        if (query) {
            machine.query(new Context(nowNanos(), position), request, reply);
        } else {
            position++;
            machine.apply(new Context(nowNanos(), position), request, reply);
        }
        boolean isEnlarged = query && enlargedBytes > 0 && chance.nextInt(20) == 0;
        if (issued.callback().takes(isEnlarged ? enlargedBytes : reply.size())) {
            issued.callback()
                    .onReply(ClientReply.Status.OK, position, reply.array(), 0, reply.size());
        } else {
            byte[] sentence = "its reply found no room".getBytes(StandardCharsets.UTF_8);
            issued.callback()
                    .onReply(
                            query ? ClientReply.Status.OVERLOADED : ClientReply.Status.UNKNOWN,
                            position,
                            sentence,
                            0,
                            sentence.length);
        }
    }

    private static long nowNanos() {
        return System.currentTimeMillis() * 1_000_000;
    }

    @Override
    public ClientReply.Status refusalStatus() {
        return refusal;
    }

    @Override
    public String refusal() {
        return "refused for the sake of a test";
    }

    @Override
    public int inFlight() {
        return commands.size() + queries.size();
    }

    @Override
    public SequencedMap<String, String> about() {
        SequencedMap<String, String> about = new LinkedHashMap<>();
        about.put("replica", "1");
        about.put("executed_position", Long.toString(position));
        return about;
    }

    @Override
    public void onWritable(Runnable action) {
        writable.add(action);
    }

    private record Context(long timeNanos, long position) implements CommandContext {

        @Override
        public long session() {
            return 1;
        }

        @Override
        public RandomGenerator random() {
            return new SplittableRandom(position);
        }
    }
}

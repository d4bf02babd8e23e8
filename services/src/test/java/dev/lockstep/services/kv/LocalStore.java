package dev.lockstep.services.kv;

import dev.lockstep.api.CommandContext;
import dev.lockstep.api.ReplyBuffer;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.util.SplittableRandom;
import java.util.random.RandomGenerator;

/// One state machine without a cluster, and the agreed time that a test gives it.
public final class LocalStore {

    private static final int REPLY_BYTES = 8 << 20;

    private final ReplyBuffer reply = new ReplyBuffer(REPLY_BYTES);
    private KvStateMachine machine;

    /// Agreed time.
    private long timeNanos;

    /// How many commands were executed.
    private long position;

    public LocalStore() {
        this(KvOptions.DEFAULT);
    }

    public LocalStore(KvOptions options) {
        machine = new KvStateMachine(options);
    }

    public KvStateMachine machine() {
        return machine;
    }

    public long nowMillis() {
        return Math.floorDiv(timeNanos, 1_000_000);
    }

    /// Lets agreed time come to `millis`, as a host does: the machine hears of a deadline first.
    public void timeIs(long millis) {
        timeNanos = millis * 1_000_000;
        if (machine.nextDeadlineNanos() <= timeNanos) {
            machine.onDeadline(context());
        }
    }

    /// Lets agreed time come to `millis` before the machine has heard of any deadline.
    public void passWithoutDeadline(long millis) {
        timeNanos = millis * 1_000_000;
    }

    /// Executes what `bytes` ask for.
    public byte[] command(byte[] bytes) {
        position++;
        reply.clear();
        machine.apply(context(), ByteBuffer.wrap(bytes), reply);
        return reply.toByteArray();
    }

    public byte[] query(byte[] bytes) {
        reply.clear();
        machine.query(context(), ByteBuffer.wrap(bytes), reply);
        return reply.toByteArray();
    }

    /// Sends a command as its row in the table says, and reads the answer.
    public KvReply run(String... words) {
        return run(KvCommands.of(words));
    }

    public KvReply run(KvCommands.Request request) {
        return KvReply.decode(
                request.isQuery() ? query(request.bytes()) : command(request.bytes()));
    }

    public byte[] stateBytes() {
        return bytesOf(machine.snapshot());
    }

    public static byte[] bytesOf(dev.lockstep.api.FrozenState state) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        try {
            state.writeTo(out);
        } catch (IOException impossible) {
            throw new UncheckedIOException(impossible);
        }
        return out.toByteArray();
    }

    /// Goes on with another machine that was restored from this one's bytes.
    public void restart() {
        KvStateMachine restored = new KvStateMachine();
        try {
            restored.restore(new ByteArrayInputStream(stateBytes()));
        } catch (IOException broken) {
            throw new UncheckedIOException(broken);
        }
        machine = restored;
    }

    private CommandContext context() {
        return new CommandContext() {
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
        };
    }
}

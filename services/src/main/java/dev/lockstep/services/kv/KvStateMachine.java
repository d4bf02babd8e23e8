package dev.lockstep.services.kv;

import dev.lockstep.api.CommandContext;
import dev.lockstep.api.FrozenState;
import dev.lockstep.api.QueryContext;
import dev.lockstep.api.ReplyBuffer;
import dev.lockstep.api.ReplyTooLargeException;
import dev.lockstep.api.StateMachine;
import dev.lockstep.core.wire.MalformedException;

import org.jspecify.annotations.Nullable;

import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/// The key-value service: what a command's bytes and its reply's mean is written in the package.
///
/// A key is gone when agreed time has passed the last millisecond of its life: a command finds the
/// keys removed whose time had come, a query does not see them.
public final class KvStateMachine implements StateMachine {

    static final int VERSION = 1;
    static final int FORM_COMMAND = 1;
    static final int FORM_TRANSACTION = 2;

    private static final long NANOS_PER_MILLI = 1_000_000;

    /// How replies begin that stand for one that was too large.
    private static final byte[] TOO_LARGE =
            "-ERR the reply has at least ".getBytes(StandardCharsets.US_ASCII);

    private Keyspace keyspace = new Keyspace();

    private final Arguments args = new Arguments();
    private final ReplyWriter writer = new ReplyWriter();
    private final Call call;

    /// An empty store with default options.
    public KvStateMachine() {
        this(KvOptions.DEFAULT);
    }

    /// An empty store.
    public KvStateMachine(KvOptions options) {
        call = new Call(args, writer, options.maxValueBytes(), keyspace);
    }

    @Override
    public void apply(CommandContext context, ByteBuffer command, ReplyBuffer reply) {
        long nowMillis = Math.floorDiv(context.timeNanos(), NANOS_PER_MILLI);
        keyspace.beginChange();
        keyspace.expire(nowMillis);
        run(nowMillis, context, command, reply);
    }

    @Override
    public void query(QueryContext context, ByteBuffer query, ReplyBuffer reply) {
        run(Math.floorDiv(context.timeNanos(), NANOS_PER_MILLI), null, query, reply);
    }

    @Override
    public String describe(ByteBuffer command) {
        return CommandWords.of(command);
    }

    @Override
    public long changeDigest() {
        return keyspace.changed();
    }

    @Override
    public FrozenState snapshot() {
        return keyspace.freeze();
    }

    @Override
    public void restore(InputStream in) throws IOException {
        keyspace = KvSnapshot.read(in);
    }

    @Override
    public long nextDeadlineNanos() {
        long last = keyspace.earliestExpiry();
        return last >= Long.MAX_VALUE / NANOS_PER_MILLI - 1
                ? Long.MAX_VALUE
                : (last + 1) * NANOS_PER_MILLI;
    }

    @Override
    public void onDeadline(CommandContext context) {
        keyspace.beginChange();
        keyspace.expire(Math.floorDiv(context.timeNanos(), NANOS_PER_MILLI));
    }

    /// @param context null for a query
    private void run(
            long nowMillis,
            @Nullable CommandContext context,
            ByteBuffer request,
            ReplyBuffer reply) {
        args.reset(request);
        writer.reset(reply);
        call.reset(keyspace, nowMillis, context);
        try {
            int version = args.readByte();
            if (version != VERSION) {
                throw new MalformedException("version " + version + " is not known");
            }
            int form = args.readByte();
            if (form == FORM_COMMAND) {
                KvCommand single = readCommand();
                requireEnd();
                runOne(single, context != null);
            } else if (form == FORM_TRANSACTION && context != null) {
                runTransaction();
            } else {
                throw new MalformedException("form " + form + " cannot be executed");
            }
        } catch (MalformedException malformed) {
            reply.clear();
            writer.error("ERR malformed request: " + malformed.getMessage());
        } catch (ReplyTooLargeException tooLarge) {
            reply.clear();
            writer.error("ERR " + tooLarge.getMessage());
        }
    }

    /// True if this reply says that there was another that was larger than the cluster allows, and
    /// was made as far as that.
    public static boolean isTooLarge(byte[] bytes, int offset, int length) {
        return length > TOO_LARGE.length
                && Arrays.equals(
                        bytes, offset, offset + TOO_LARGE.length, TOO_LARGE, 0, TOO_LARGE.length);
    }

    /// All commands or, if a watched key has changed, none.
    private void runTransaction() {
        boolean unchanged = true;
        for (int left = readCount("the number of watched keys"); left > 0; left--) {
            args.readOne();
            long hash = args.hash(1);
            unchanged &= args.readLong() == keyspace.version(call.find(1, hash), hash);
        }
        int commands = readCount("the number of commands");
        int start = args.position();
        for (int left = commands; left > 0; left--) {
            readCommand();
        }
        requireEnd();
        if (!unchanged) {
            writer.nothingArray();
            return;
        }
        args.goTo(start);
        writer.array(commands);
        for (int left = commands; left > 0; left--) {
            runOne(readCommand(), true);
        }
    }

    private KvCommand readCommand() {
        KvCommand command = CommandTable.find(args.readNumber(0xffff, "the code of a command"));
        if (command == null) {
            throw new MalformedException("the code of a command is not known");
        }
        args.readAll(readCount("the number of arguments"));
        return command;
    }

    /// How many of something that takes at least a byte each, so that nothing is allocated for a
    /// count that cannot be.
    private int readCount(String what) {
        return args.readNumber(args.remaining(), what);
    }

    private void requireEnd() {
        if (args.remaining() != 0) {
            throw new MalformedException(args.remaining() + " bytes too many");
        }
    }

    private void runOne(KvCommand command, boolean mayChange) {
        call.begin(command);
        try {
            if (!command.spec().takes(args.count())) {
                throw RedisError.wrongArity(command.spec().name());
            }
            if (!mayChange && command.access() != KvCommand.Access.READ) {
                throw new RedisError(
                        "ERR '%s' must be sent as a command, not as a query"
                                .formatted(command.spec().name()));
            }
            command.action().execute(call);
        } catch (RedisError error) {
            writer.error(error.text());
        }
    }
}

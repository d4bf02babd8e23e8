package dev.lockstep.services.redis;

import dev.lockstep.core.wire.ClientReply;
import dev.lockstep.services.kv.CommandSpec;
import dev.lockstep.services.kv.CommandWriter;
import dev.lockstep.services.kv.KvCommand;

import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;

import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import java.nio.charset.StandardCharsets;
import java.util.Locale;
import java.util.function.Consumer;

/// One client's connection: reads requests, executes or issues them, and gives the replies in the
/// order of the requests.
///
/// A request that has to wait stops the reading; [#resume] tries it again.
///
/// Threading: the loop's thread.
final class RedisConnection extends ChannelInboundHandlerAdapter {

    /// How many replies a connection may owe.
    static final int MOST_PENDING = 4096;

    private static final Logger LOG = LoggerFactory.getLogger(RedisConnection.class);

    /// A buffer that is fuller is handed on and another begun, so that growing stays cheap.
    private static final int CHUNK_BYTES = 256 << 10;

    private static final int FIRST_BUFFER_BYTES = 4 << 10;

    /// How many bytes of replies may be under way, as far as the sizes of earlier ones tell.
    private static final long REPLY_BYTES_UNDER_WAY = 16L << 20;

    private static final int FIRST_WINDOW = 16;

    private final RedisPort port;
    private final Channel channel;
    private final RequestReader reader;
    private final ReplyRing ring = new ReplyRing(this);
    private final RespOut resp = new RespOut();

    final ConnectionInfo info;
    final Transaction transaction = new Transaction();

    /// Replies since the last flush; null if there are none.
    private @Nullable ByteBuf out;

    private int queries;
    private int commands;

    /// `WATCH`es whose answers are outstanding.
    int watches;

    /// How many replies this connection may owe now: grows with every small reply and shrinks with
    /// a
    /// large one.
    private int window = FIRST_WINDOW;

    /// True while a request waits and nothing more is read.
    private boolean waiting;

    /// True while the replies of a transaction decide how to go on.
    private boolean barrier;

    private boolean resp3;

    /// True while the client wants no replies at all.
    private boolean answersNone;

    /// True while the current request is not to be answered.
    private boolean skipping;

    /// True if the next request is not to be answered.
    private boolean skipsNext;

    /// True once no more requests are taken.
    private boolean closing;

    private boolean closed;

    /// Since when the request that waits has been refused by the gateway; 0 if it has not.
    private long refusedSinceNanos;

    /// Why the last command was refused.
    private String refusal = "";

    /// True while the port has this connection among those to be flushed.
    boolean marked;

    /// True while the port has this connection among those to be resumed.
    boolean woken;

    /// What became of an attempt to issue a command.
    enum Issued {
        /// The reply will come.
        ISSUED,
        /// The cluster is busy: the connection is resumed when it is to be tried again.
        WAIT,
        /// The cluster does not take it, see [#refusal].
        REFUSED
    }

    RedisConnection(RedisPort port, Channel channel, ConnectionInfo info) {
        this.port = port;
        this.channel = channel;
        this.info = info;
        this.reader = new RequestReader(port.scratch(), port.maxRequestBytes());
    }

    RedisPort port() {
        return port;
    }

    boolean isResp3() {
        return resp3;
    }

    void useResp3(boolean use) {
        resp3 = use;
    }

    /// `CLIENT REPLY ON`.
    void answerAll() {
        answersNone = false;
        skipping = false;
    }

    /// `CLIENT REPLY OFF`.
    void answerNone() {
        answersNone = true;
    }

    /// `CLIENT REPLY SKIP`.
    void skipNextAnswer() {
        skipsNext = !answersNone;
    }

    /// Answers what comes after this request.
    void answerFromNowOn() {
        answersNone = false;
        skipsNext = false;
    }

    int queryBytes() {
        return reader.waitingBytes();
    }

    String remote() {
        return String.valueOf(channel.remoteAddress());
    }

    @Override
    public void channelRead(ChannelHandlerContext context, Object message) {
        ByteBuf in = (ByteBuf) message;
        try {
            if (!closing && !closed) {
                info.touch();
                reader.take(in);
                process();
            }
        } catch (Throwable thrown) {
            fail(thrown);
        } finally {
            in.release();
        }
    }

    @Override
    public void channelWritabilityChanged(ChannelHandlerContext context) {
        if (channel.isWritable()) {
            port.wake(this);
        }
    }

    @Override
    public void channelInactive(ChannelHandlerContext context) {
        closed = true;
        release();
        port.remove(this);
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
        close();
    }

    /// Goes on with what waits, if it need not wait any longer.
    void resume() {
        woken = false;
        if (closed || closing) {
            return;
        }
        try {
            process();
        } catch (Throwable thrown) {
            fail(thrown);
        }
    }

    /// How much memory its requests hold.
    int heldBytes() {
        return reader.heldBytes();
    }

    /// Closes at once, because the connections hold too much together and this one most.
    void evict() {
        LOG.warn(
                "closing the connection of {}: it holds {} bytes of requests, most of all, and there is no room for more",
                remote(),
                reader.heldBytes());
        close();
    }

    /// Closes at once.
    void close() {
        closed = true;
        release();
        port.remove(this);
        var _ = channel.close();
    }

    /// Gives the replies to the kernel.
    void flush() {
        marked = false;
        ByteBuf gathered = out;
        out = null;
        if (closed) {
            return;
        }
        if (gathered != null) {
            var _ = channel.write(gathered, channel.voidPromise());
        }
        channel.flush();
        if (closing && ring.isEmpty()) {
            closed = true;
            var _ =
                    channel.writeAndFlush(channel.alloc().buffer(0))
                            .addListener(ChannelFutureListener.CLOSE);
        }
    }

    /// No more requests are taken; the connection ends when the replies are written.
    void closeWhenAnswered() {
        closing = true;
        var _ = channel.config().setAutoRead(false);
        port.markUnflushed(this);
    }

    private void process() {
        waiting = false;
        try {
            while (!waiting && !closing && !closed) {
                RequestReader.Event event = reader.next();
                if (event == RequestReader.Event.MORE) {
                    break;
                }
                if (event == RequestReader.Event.TOO_LARGE) {
                    refuseTooLarge(reader.refusedBytes());
                } else if (mayGoOn() && execute(reader.words())) {
                    if (closed) {
                        return;
                    }
                    refusedSinceNanos = 0;
                    skipping = skipsNext;
                    skipsNext = false;
                    reader.consume();
                } else {
                    waiting = true;
                }
            }
        } catch (ProtocolError error) {
            LOG.warn("closing the connection of {}: protocol error: {}", remote(), error.words());
            reply(replyOut -> replyOut.error("ERR Protocol error: " + error.words()));
            closeWhenAnswered();
        }
        reader.keep();
        port.relieve();
        if (!closing && !closed) {
            var _ = channel.config().setAutoRead(!waiting);
        }
    }

    private boolean mayGoOn() {
        return !barrier && ring.size() < window && channel.isWritable();
    }

    private void refuseTooLarge(long sizeBytes) {
        transaction.spoil();
        error(
                "ERR the request has %d bytes, this cluster takes at most %d; send less at once or raise limits.request-bytes"
                        .formatted(sizeBytes, port.maxRequestBytes()));
    }

    /// Executes or issues a request. False if it has to wait.
    private boolean execute(Words words) {
        PortCommand command = port.table().find(words, 0);
        if (command != null && command.isContainer() && words.count() > 1) {
            PortCommand container = command;
            command = container.subcommand(words.text(1));
            if (command == null) {
                return reject(
                        "ERR unknown subcommand '%s'. Try %s HELP."
                                .formatted(
                                        words.printed(1, 128),
                                        container.spec().name().toUpperCase(Locale.ROOT)));
            }
        }
        if (command == null && (words.is(0, "POST") || words.is(0, "HOST:"))) {
            closeAsAttack();
            return true;
        }
        if (command == null) {
            return reject(unknown(words));
        }
        CommandSpec spec = command.spec();
        info.lastCommand(spec.name());
        if (!spec.takes(words.count())) {
            return wrongArity(spec);
        }
        PortCommand.Immediate immediate = command.immediate();
        if (immediate != null) {
            return immediate.execute(this, words);
        }
        if (transaction.isOpen()) {
            return queue(command, words);
        }
        KvCommand kv = command.replicated();
        if (kv != null) {
            return issue(kv, command.shape(), words);
        }
        executeLocally(command, words);
        return true;
    }

    /// A web page can make a browser send an HTTP request here; what its body has may be commands.
    private void closeAsAttack() {
        LOG.warn(
                "closing the connection of {}: it sends POST or Host:, as a browser does that an attacker has talked into a request to this port",
                remote());
        close();
    }

    private boolean wrongArity(CommandSpec spec) {
        String error = "wrong number of arguments for '%s' command".formatted(spec.name());
        if (spec.name().equals("exec")) {
            transaction.reset();
            return error("EXECABORT Transaction discarded because of: " + error);
        }
        return reject("ERR " + error);
    }

    private boolean queue(PortCommand command, Words words) {
        if (!mayHold(words)) {
            return reject(tooMuchHeld());
        }
        transaction.queue(command, words);
        reply(replyOut -> replyOut.simple("QUEUED"));
        return true;
    }

    /// True if the connection may hold these words until `EXEC`.
    boolean mayHold(Words words) {
        return transaction.heldBytes() + words.totalBytes() <= port.maxRequestBytes();
    }

    String tooMuchHeld() {
        return "ERR the transaction has more than the %d bytes that this cluster takes at once; queue and watch less or raise limits.request-bytes"
                .formatted(port.maxRequestBytes());
    }

    private void executeLocally(PortCommand command, Words words) {
        reply(replyOut -> executeLocally(command, words, replyOut));
    }

    /// Executes one of the connection's own commands and writes its reply.
    void executeLocally(PortCommand command, Words words, RespOut replyOut) {
        PortCommand.Local local = command.local();
        if (local == null) {
            throw new IllegalStateException(command.spec().name() + " is not the connection's own");
        }
        local.execute(this, words, replyOut);
    }

    /// Refuses a request; a transaction that is open will fail.
    boolean reject(String error) {
        transaction.spoil();
        return error(error);
    }

    /// Replies with an error and is done with the request.
    boolean error(String error) {
        reply(replyOut -> replyOut.error(error));
        return true;
    }

    /// Issues a command of the state machine, as a query if it may be one. False if it has to wait.
    boolean issue(KvCommand command, @Nullable ReplyShape shape, Words words) {
        boolean asQuery = command.access() == KvCommand.Access.READ && commands == 0;
        if (asQuery ? !port.mayQuery(this) : queries > 0) {
            return false;
        }
        CommandWriter writer = port.writer().command(command, words.count() - 1);
        Transaction.append(writer, words);
        if (!asQuery) {
            return switch (issueCommand(writer, shape)) {
                case ISSUED -> true;
                case WAIT -> false;
                case REFUSED -> error(refusal);
            };
        }
        PendingReply reply = ring.add(PendingReply.Kind.QUERY, resp3, isSilent());
        reply.shape = shape;
        queries++;
        port.query(writer, reply);
        return true;
    }

    /// Issues what `writer` has as a command.
    Issued issueCommand(CommandWriter writer, @Nullable ReplyShape shape) {
        PendingReply reply = ring.add(PendingReply.Kind.COMMAND, resp3, isSilent());
        reply.shape = shape;
        commands++;
        if (port.gateway().command(writer.array(), 0, writer.size(), reply)) {
            port.statistics().command();
            return Issued.ISSUED;
        }
        ring.removeLast();
        commands--;
        ClientReply.Status status = port.gateway().refusalStatus();
        if (status == ClientReply.Status.OVERLOADED) {
            long now = System.nanoTime();
            if (refusedSinceNanos == 0) {
                refusedSinceNanos = now;
            }
            if (now - refusedSinceNanos < RedisPort.PATIENCE_NANOS) {
                port.awaitRoom(this);
                return Issued.WAIT;
            }
        }
        refusal = Failures.text(status, port.gateway().refusal());
        return Issued.REFUSED;
    }

    /// Why the last command was refused.
    String refusal() {
        return refusal;
    }

    /// True if nothing is outstanding that a command could overtake.
    boolean hasNoQueries() {
        return queries == 0;
    }

    /// Takes no more requests until [#endBarrier].
    void beginBarrier() {
        barrier = true;
    }

    void endBarrier() {
        barrier = false;
    }

    /// A reply has come from the gateway.
    void onReply(
            PendingReply reply, ClientReply.Status status, byte[] bytes, int offset, int length) {
        if (reply.kind == PendingReply.Kind.QUERY) {
            queries--;
            port.queryAnswered();
        } else {
            commands--;
        }
        if (closed) {
            return;
        }
        try {
            deliver(reply, status, bytes, offset, length);
        } catch (RuntimeException thrown) {
            fail(thrown);
        }
        if (waiting) {
            port.wake(this);
        }
    }

    private void deliver(
            PendingReply reply, ClientReply.Status status, byte[] bytes, int offset, int length) {
        boolean first = ring.first() == reply;
        ByteBuf target =
                first && !reply.silent ? room(length) : port.allocator().heapBuffer(length + 16);
        write(reply, status, bytes, offset, length, target);
        adapt(length);
        if (reply.silent) {
            target.clear();
        }
        if (first) {
            ring.removeFirst();
            if (reply.silent) {
                target.release();
            }
            writeEarly();
        } else {
            reply.early = target;
        }
    }

    private void write(
            PendingReply reply,
            ClientReply.Status status,
            byte[] bytes,
            int offset,
            int length,
            ByteBuf target) {
        ReplyShape shape = reply.shape;
        if (status != ClientReply.Status.OK) {
            String sentence = new String(bytes, offset, length, StandardCharsets.UTF_8);
            byte[] error =
                    ("-" + Failures.text(status, sentence).replaceAll("[\r\n]", " ") + "\r\n")
                            .getBytes(StandardCharsets.UTF_8);
            if (shape == null) {
                target.writeBytes(error);
            } else {
                shape.write(this, error, 0, resp.reset(target, reply.resp3));
            }
        } else if (shape == null) {
            ServiceReplies.write(bytes, offset, length, reply.resp3, target);
        } else {
            shape.write(this, bytes, offset, resp.reset(target, reply.resp3));
        }
    }

    private void adapt(int replyBytes) {
        if (replyBytes > REPLY_BYTES_UNDER_WAY / MOST_PENDING) {
            window = (int) Math.max(1, Math.min(window, REPLY_BYTES_UNDER_WAY / replyBytes));
        } else if (window < MOST_PENDING) {
            window++;
        }
    }

    private void writeEarly() {
        while (!ring.isEmpty()) {
            ByteBuf early = ring.first().early;
            if (early == null) {
                return;
            }
            room(early.readableBytes()).writeBytes(early);
            early.release();
            ring.first().early = null;
            ring.removeFirst();
        }
    }

    private boolean isSilent() {
        return answersNone || skipping;
    }

    /// Writes one of the connection's own replies, in its turn.
    void reply(Consumer<RespOut> writer) {
        if (isSilent()) {
            ByteBuf unwanted = port.allocator().heapBuffer(64);
            writer.accept(resp.reset(unwanted, resp3));
            unwanted.release();
            return;
        }
        if (ring.isEmpty()) {
            writer.accept(resp.reset(room(256), resp3));
            return;
        }
        PendingReply pending = ring.add(PendingReply.Kind.LOCAL, resp3, false);
        ByteBuf buffer = port.allocator().heapBuffer(64);
        pending.early = buffer;
        writer.accept(resp.reset(buffer, resp3));
    }

    private ByteBuf room(int size) {
        ByteBuf current = out;
        if (current != null && current.readableBytes() + size > CHUNK_BYTES) {
            var _ = channel.write(current, channel.voidPromise());
            current = null;
        }
        if (current == null) {
            current = port.allocator().buffer(Math.max(FIRST_BUFFER_BYTES, size));
            out = current;
        }
        port.markUnflushed(this);
        return current;
    }

    private void fail(Throwable thrown) {
        LOG.error("closing the connection of {} after an error of this server's", remote(), thrown);
        close();
    }

    private void release() {
        reader.release();
        ring.release();
        transaction.reset();
        ByteBuf gathered = out;
        out = null;
        if (gathered != null) {
            gathered.release();
        }
    }

    private static String unknown(Words words) {
        StringBuilder args = new StringBuilder();
        for (int i = 1; i < words.count() && args.length() < 128; i++) {
            args.append('\'').append(words.printed(i, 128 - args.length())).append("' ");
        }
        return "ERR unknown command '%s', with args beginning with: %s"
                .formatted(words.printed(0, 128), args);
    }
}

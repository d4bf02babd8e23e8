package dev.lockstep.services.redis;

import dev.lockstep.core.wire.ClientReply;
import dev.lockstep.services.kv.CommandSpec;
import dev.lockstep.services.kv.KvCommand;

import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.socket.ChannelInputShutdownEvent;

import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

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

    private final RedisPort port;
    private final Channel channel;
    private final RequestReader reader;
    private final ReplyStream replies;
    private final ReplyDebt debt;
    private final Outstanding outstanding;

    final ConnectionInfo info;
    final Transaction transaction = new Transaction();

    /// `WATCH`es whose answers are outstanding.
    int watches;

    /// True while a request waits and nothing more is read.
    private boolean waiting;

    /// True while the replies of a transaction decide how to go on.
    private boolean barrier;

    /// True once no more requests will come than have.
    private boolean ended;

    /// True once no more requests are taken.
    private boolean closing;

    private boolean closed;

    /// True while the port has this connection among those to be flushed.
    boolean marked;

    /// True while the port has this connection among those to be resumed.
    boolean woken;

    RedisConnection(RedisPort port, Channel channel, ConnectionInfo info) {
        this.port = port;
        this.channel = channel;
        this.info = info;
        this.reader = new RequestReader(port.scratch(), port.maxRequestBytes());
        this.replies = new ReplyStream(this, port, channel);
        this.debt = replies.debt();
        this.outstanding = new Outstanding(this, port, replies);
    }

    Outstanding outstanding() {
        return outstanding;
    }

    ReplyDebt debt() {
        return debt;
    }

    Channel channel() {
        return channel;
    }

    RedisPort port() {
        return port;
    }

    ReplyStream replies() {
        return replies;
    }

    /// True while a request waits and nothing more is read.
    boolean isWaiting() {
        return waiting;
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

    /// The client has sent all that it will: `nc` does so at the end of its input, and waits for
    /// replies.
    @Override
    public void userEventTriggered(ChannelHandlerContext context, Object event) {
        if (event instanceof ChannelInputShutdownEvent && !closing && !closed) {
            ended = true;
            if (!waiting) {
                closeWhenAnswered();
            }
        }
    }

    @Override
    public void channelInactive(ChannelHandlerContext context) {
        leave();
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
        close();
    }

    /// Goes on with what waits, if it need not wait any longer.
    void resume() {
        woken = false;
        if (closed) {
            return;
        }
        try {
            if (closing) {
                var _ = outstanding.askAgain();
            } else {
                process();
            }
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

    /// Closes at once, because others need the room that its replies take and it does not read
    /// them.
    void closeAsSlow() {
        LOG.warn(
                "closing the connection of {}: {} bytes of replies are owed to it, its socket took {} of them in the last {} ms, and others need the room",
                remote(),
                debt.countedBytes(),
                debt.takenInSpanBytes(),
                debt.spanNanos(System.nanoTime()) / 1_000_000);
        close();
    }

    /// Closes at once.
    void close() {
        leave();
        var _ = channel.close();
    }

    private void leave() {
        closed = true;
        release();
        outstanding.leave();
        port.remove(this);
    }

    /// Gives the replies to the kernel.
    void flush() {
        marked = false;
        if (closed) {
            // Something may have been gathered while it was being closed.
            replies.release();
            return;
        }
        replies.flush();
        if (closing && replies.size() == 0) {
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
                if (!outstanding.askAgain()) {
                    waiting = true;
                    break;
                }
                RequestReader.Event event = reader.next();
                if (event == RequestReader.Event.MORE) {
                    if (ended) {
                        closeWhenAnswered();
                    }
                    break;
                }
                if (event == RequestReader.Event.TOO_LARGE) {
                    refuseTooLarge(reader.refusedBytes(), reader.refusedWords());
                } else if (mayGoOn() && execute(reader.words())) {
                    if (closed) {
                        return;
                    }
                    outstanding.requestDone();
                    replies.endRequest();
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
        debt.count();
        reader.keep();
        port.relieve();
        if (!closing && !closed) {
            var _ = channel.config().setAutoRead(!waiting);
        }
    }

    private boolean mayGoOn() {
        return !barrier && replies.size() < MOST_PENDING && channel.isWritable();
    }

    private void refuseTooLarge(long sizeBytes, int words) {
        transaction.spoil();
        if (words > RequestReader.MOST_WORDS) {
            error(
                    "ERR the request has %d words, this port takes at most %d; send fewer at once"
                            .formatted(words, RequestReader.MOST_WORDS));
            return;
        }
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
                return refuse(
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
            return refuse(unknown(words));
        }
        CommandSpec spec = command.spec();
        info.lastCommand(spec.name());
        if (!spec.takes(words.count())) {
            return mayReply(0) && wrongArity(spec);
        }
        PortCommand.Immediate immediate = command.immediate();
        if (immediate != null) {
            return mayReply(words.totalBytes()) && immediate.execute(this, words);
        }
        KvCommand kv = command.replicated();
        if (kv != null && !transaction.isOpen()) {
            return issue(
                    kv,
                    command.shape(),
                    words,
                    command.mayBringValue(words.count()),
                    command.weight(words));
        }
        if (!mayReply(words.totalBytes())) {
            return false;
        }
        if (transaction.isOpen()) {
            return queue(command, words);
        }
        executeLocally(command, words);
        return true;
    }

    private boolean refuse(String error) {
        return mayReply(0) && reject(error);
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

    /// True if a reply may be made that is about as large as its request; otherwise the connection
    /// is resumed when it may.
    private boolean mayReply(int requestBytes) {
        if (debt.mayReply(requestBytes)) {
            return true;
        }
        if (debt.waitsForRoom(requestBytes)) {
            port.awaitReplyRoom(this);
        }
        return false;
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

    /// Issues a command of the state machine, as [Outstanding#issue] has it. False if it has to
    /// wait.
    boolean issue(
            KvCommand command,
            @Nullable ReplyShape shape,
            Words words,
            boolean mayBringValue,
            int weight) {
        return switch (outstanding.issue(command, shape, words, mayBringValue, weight)) {
            case ISSUED -> true;
            case WAIT -> false;
            case REFUSED -> error(outstanding.refusal());
        };
    }

    /// Takes no more requests until [#endBarrier].
    void beginBarrier() {
        barrier = true;
    }

    void endBarrier() {
        barrier = false;
    }

    /// A reply has come to the gateway, from within the replica. False if it finds no room.
    boolean takes(PendingReply reply, int lengthBytes) {
        return !closed && outstanding.takes(reply, lengthBytes);
    }

    /// A reply is told by the gateway.
    void onReply(
            PendingReply reply, ClientReply.Status status, byte[] bytes, int offset, int length) {
        outstanding.answered(reply);
        if (closed) {
            debt.count();
            return;
        }
        if (reply.refusedBytes >= 0) {
            outstanding.learnRefused(reply);
            port.wake(this);
        } else {
            // Before it is delivered: the place in the order is then another's.
            outstanding.learn(reply, status, bytes, offset, length);
            try {
                replies.deliver(reply, status, bytes, offset, length);
            } catch (RuntimeException thrown) {
                fail(thrown);
            }
        }
        debt.count();
        if (waiting || (closing && outstanding.hasRefused())) {
            port.wake(this);
        }
    }

    /// Writes one of the connection's own replies, in its turn.
    void reply(Consumer<RespOut> writer) {
        replies.reply(writer);
    }

    private void fail(Throwable thrown) {
        LOG.error("closing the connection of {} after an error of this server's", remote(), thrown);
        close();
    }

    private void release() {
        reader.release();
        transaction.reset();
        replies.release();
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

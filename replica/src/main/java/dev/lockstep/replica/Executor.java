package dev.lockstep.replica;

import dev.lockstep.core.Batch;
import dev.lockstep.core.BatchId;
import dev.lockstep.core.Invariant;
import dev.lockstep.core.wire.Bytes;
import dev.lockstep.core.wire.ClientReply.Status;

import org.jspecify.annotations.Nullable;

import java.nio.ByteBuffer;

/// Executes delivered batches: what happens here follows from the order alone, on every replica
/// alike, except that only the replica to which a client is connected sends it the reply.
///
/// At each position, in this order: agreed time moves, sessions expire, the state machine's
/// deadline comes, the batch's requests run.
final class Executor {

    /// Requests in a batch are fewer than this, so that position and index make a session's id.
    private static final int INDEX_BITS = 20;

    /// So many requests are in a batch at most.
    static final int MOST_REQUESTS = (1 << INDEX_BITS) - 1;

    private static final byte[] NOTHING = new byte[0];
    private static final String EXPIRED =
            "the cluster does not know this session, or ended it because it was not heard of for"
                    + " too long; open a new client";

    private final ReplicaLimits limits;
    private final Service service;
    private final Sessions sessions;
    private final DeliveredBatches delivered;
    private final ReplyChain chain;
    private final ReplyRouting routing;
    private final ReplicaListener listener;
    private final ReplicaRules rules;
    private final Audience audience;
    private final RequestCursor cursor = new RequestCursor();
    private final RecentReplies recent = new RecentReplies();
    private final OrderedWish wished = new OrderedWish();

    /// Everything through here is executed.
    private long position;

    /// Agreed time there; never goes back.
    private long timeNanos;

    /// True while another thread reads the service's state.
    private boolean isPaused;

    private long commands;

    /// The results of commands that were made since the process started.
    private long resultBytes;

    Executor(
            ReplicaOptions options,
            Service service,
            Sessions sessions,
            DeliveredBatches delivered,
            ReplyChain chain,
            ReplyRouting routing,
            ReplicaListener listener,
            ReplicaRules rules) {
        this(
                options,
                service,
                sessions,
                delivered,
                chain,
                routing,
                Audience.ofOwnBatches(options),
                listener,
                rules);
    }

    Executor(
            ReplicaOptions options,
            Service service,
            Sessions sessions,
            DeliveredBatches delivered,
            ReplyChain chain,
            ReplyRouting routing,
            Audience audience,
            ReplicaListener listener,
            ReplicaRules rules) {
        this.audience = audience;
        this.rules = rules;
        this.limits = options.limits();
        this.service = service;
        this.sessions = sessions;
        this.delivered = delivered;
        this.chain = chain;
        this.routing = routing;
        this.listener = listener;
        service.refreshDeadline();
    }

    long position() {
        return position;
    }

    long timeNanos() {
        return timeNanos;
    }

    /// What operators want of the next epoch.
    OrderedWish wished() {
        return wished;
    }

    /// The reply chain after each of the last commands.
    RecentReplies recentReplies() {
        return recent;
    }

    /// How many commands ran since the process started.
    long commands() {
        return commands;
    }

    /// The results of the commands that ran since the process started.
    long resultBytes() {
        return resultBytes;
    }

    /// Continues from a state that was written at `written`; the reply chain is that of it already.
    void restore(long written, long writtenTimeNanos) {
        position = written;
        timeNanos = writtenTimeNanos;
        recent.restore(written, chain.digest());
        service.refreshDeadline();
    }

    /// Nothing is executed, and the service is not called, until [#resume].
    void pause() {
        isPaused = true;
    }

    void resume() {
        isPaused = false;
    }

    boolean isPaused() {
        return isPaused;
    }

    void execute(long at, Batch batch, long agreedNanos) {
        Invariant.check(!isPaused, "nothing is executed in a pause", at);
        Invariant.check(at == position + 1, "positions are delivered without gaps", at, position);
        Invariant.check(agreedNanos >= timeNanos, "agreed time never goes back", agreedNanos, at);
        position = at;
        timeNanos = agreedNanos;
        service.enter(at, agreedNanos);
        listener.onDelivered(at, batch.id(), agreedNanos);
        expireSessions();
        if (service.deadlineNanos() <= agreedNanos) {
            service.onDeadline();
            foldChange();
        }
        if (!delivered.add(batch.id())) {
            listener.onRepeated(at, batch.id());
        } else if (!batch.payload().isEmpty()) {
            executeRequests(batch);
        }
        service.refreshDeadline();
        listener.onPositionExecuted(at, chain.digest());
    }

    private void expireSessions() {
        while (true) {
            Session session = sessions.expiredAt(rules.expiryNanos(timeNanos));
            if (session == null) {
                return;
            }
            end(session, true);
        }
    }

    private void end(Session session, boolean expired) {
        sessions.end(session);
        for (long sequence : session.parkedSequences()) {
            routing.answer(
                    Status.SESSION_EXPIRED,
                    session.client(),
                    session.id(),
                    sequence,
                    position,
                    EXPIRED);
        }
        listener.onSessionEnded(position, session.id(), expired);
    }

    private void executeRequests(Batch batch) {
        Bytes payload = batch.payload();
        byte[] array = payload.backingArray();
        ByteBuffer view = ByteBuffer.wrap(array);
        cursor.reset(payload);
        while (cursor.next()) {
            if (cursor.kind() == RequestKind.QUERY) {
                query(view);
                continue;
            }
            audience.onOrdered(cursor.kind(), cursor.client(), cursor.session(), cursor.sequence());
            switch (cursor.kind()) {
                case RequestKind.COMMAND, RequestKind.SKIP -> numbered(batch.id(), array, view);
                case RequestKind.OPEN -> open();
                case RequestKind.KEEP_ALIVE -> keepAlive();
                case RequestKind.WISH -> wished.onOrdered(cursor.body());
                default -> close();
            }
        }
        if (cursor.isMalformed()) {
            listener.onMalformedBatch(position, batch.id(), cursor.index() + 1);
        }
    }

    /// Only who has asked it is interested in what the state says.
    private void query(ByteBuffer view) {
        long name = cursor.session();
        if (audience.awaits(cursor.client(), name, cursor.body())) {
            Status status = service.query(Service.move(view, cursor.bodyOffset(), cursor.length()));
            routing.answerQuery(
                    status,
                    cursor.client(),
                    name,
                    position,
                    service.result(),
                    service.resultLength());
        }
    }

    private void numbered(BatchId batch, byte[] array, ByteBuffer view) {
        long id = cursor.session();
        long sequence = cursor.sequence();
        Session session = sessions.find(id);
        if (session == null || !isOwn(session)) {
            routing.answer(
                    Status.SESSION_EXPIRED, cursor.client(), id, sequence, position, EXPIRED);
            return;
        }
        session.hear(timeNanos, cursor.acknowledged());
        int length = cursor.length();
        switch (rules.heed(session.judge(sequence, length, limits))) {
            case NEXT -> {
                if (cursor.kind() == RequestKind.COMMAND) {
                    run(session, sequence, Service.move(view, cursor.bodyOffset(), length));
                } else {
                    skip(session, sequence);
                }
            }
            case EXECUTED, FORGOTTEN -> answerExecuted(session, sequence, routing);
            case PARK -> {
                byte[] body = new byte[length];
                System.arraycopy(array, cursor.bodyOffset(), body, 0, length);
                session.park(sequence, cursor.kind(), Bytes.wrap(body));
            }
            case PARKED -> {}
            case TOO_FAR -> refuse(batch, session, sequence);
            case UNACKNOWLEDGED -> refuseUnacknowledged(batch, session, sequence);
        }
        runParked(session);
    }

    private void runParked(Session session) {
        while (true) {
            Session.@Nullable Parked next = session.unparkNext();
            if (next == null) {
                return;
            }
            long sequence = session.replies().next();
            // Another copy may have come since this one was parked.
            audience.onOrdered(next.kind(), session.client(), session.id(), sequence);
            if (next.kind() == RequestKind.COMMAND) {
                run(session, sequence, next.body().asByteBuffer());
            } else {
                skip(session, sequence);
            }
        }
    }

    private void run(Session session, long sequence, ByteBuffer command) {
        Status status = service.apply(session.id(), sequence, command);
        byte[] reply = service.result();
        int length = service.resultLength();
        session.replies().append(status.ordinal(), position, reply, 0, length);
        chain.fold(session.id(), sequence, status.ordinal(), reply, 0, length);
        foldChange();
        recent.add(position, session.id(), sequence, chain.digest());
        commands++;
        resultBytes += length;
        listener.onExecuted(position, session.id(), sequence, chain.digest());
        routing.answer(
                status, session.client(), session.id(), sequence, position, reply, 0, length);
    }

    private void foldChange() {
        long changed = service.changeDigest();
        if (changed != 0) {
            chain.foldChange(changed);
        }
    }

    private void skip(Session session, long sequence) {
        session.replies().append(Status.OK.ordinal(), position, NOTHING, 0, 0);
        routing.answer(
                Status.OK, session.client(), session.id(), sequence, position, NOTHING, 0, 0);
    }

    /// Answers a number that has been executed, if a client waits for it here.
    static void answerExecuted(Session session, long sequence, ReplyRouting routing) {
        ReplyRing replies = session.replies();
        if (replies.contains(sequence)) {
            routing.answer(
                    statusOf(replies.status(sequence)),
                    session.client(),
                    session.id(),
                    sequence,
                    replies.position(sequence),
                    replies.array(sequence),
                    replies.offset(sequence),
                    replies.length(sequence));
        } else {
            routing.answer(
                    Status.FORGOTTEN,
                    session.client(),
                    session.id(),
                    sequence,
                    0,
                    "the command was executed, and its reply forgotten after the client"
                            + " acknowledged it");
        }
    }

    private static Status statusOf(int code) {
        return code == Status.OK.ordinal()
                ? Status.OK
                : dev.lockstep.core.wire.ClientReply.statusOf(code);
    }

    private void refuse(BatchId batch, Session session, long sequence) {
        if (audience.hearsRefusals(batch)) {
            routing.answer(
                    Status.OUT_OF_ORDER,
                    session.client(),
                    session.id(),
                    sequence,
                    position,
                    "command "
                            + sequence
                            + " is too far past "
                            + session.executedThrough()
                            + ", the last executed: at most "
                            + limits.parkedRequests()
                            + " commands and "
                            + limits.parkedBytes()
                            + " bytes of a session may wait past a gap; send the missing ones"
                            + " first");
        }
    }

    private void refuseUnacknowledged(BatchId batch, Session session, long sequence) {
        if (audience.hearsRefusals(batch)) {
            routing.answer(
                    Status.OUT_OF_ORDER,
                    session.client(),
                    session.id(),
                    sequence,
                    position,
                    "the session has "
                            + session.replies().count()
                            + " replies of "
                            + session.replies().bytes()
                            + " bytes that it has not acknowledged, at most "
                            + Session.MAX_REMEMBERED_REPLIES
                            + " or "
                            + Session.MAX_REMEMBERED_BYTES
                            + " bytes are remembered; acknowledge some and send it again");
        }
    }

    /// Whoever signs has opened the session.
    private boolean isOwn(Session session) {
        return session.client() == cursor.client();
    }

    private void open() {
        int client = cursor.client();
        long nonce = cursor.session();
        Session known = sessions.opened(client, nonce);
        if (known != null) {
            known.hear(timeNanos, 0);
            routing.answerOpening(Status.OK, client, nonce, known.id(), position, null);
            return;
        }
        String full = sessions.whyFull(client);
        if (full != null) {
            routing.answerOpening(Status.OVERLOADED, client, nonce, 0, position, full);
            return;
        }
        Invariant.check(
                cursor.index() < 1 << INDEX_BITS && position < 1L << (63 - INDEX_BITS),
                "position and index make a session's id",
                position,
                cursor.index());
        long id = (position << INDEX_BITS) | cursor.index();
        sessions.open(id, client, nonce, cursor.sequence(), timeNanos);
        listener.onSessionOpened(position, id);
        routing.answerOpening(Status.OK, client, nonce, id, position, null);
    }

    private void keepAlive() {
        Session session = sessions.find(cursor.session());
        if (session == null || !isOwn(session)) {
            routing.answerSession(
                    Status.SESSION_EXPIRED,
                    cursor.client(),
                    cursor.session(),
                    ReplyRouting.KEEPING_ALIVE,
                    position,
                    EXPIRED);
            return;
        }
        session.hear(timeNanos, cursor.acknowledged());
        runParked(session);
        routing.answerSession(
                Status.OK,
                cursor.client(),
                session.id(),
                ReplyRouting.KEEPING_ALIVE,
                position,
                null);
    }

    private void close() {
        long id = cursor.session();
        Session session = sessions.find(id);
        if (session == null || !isOwn(session)) {
            routing.answerSession(
                    Status.SESSION_EXPIRED,
                    cursor.client(),
                    id,
                    ReplyRouting.CLOSING,
                    position,
                    EXPIRED);
            return;
        }
        end(session, false);
        routing.answerSession(Status.OK, cursor.client(), id, ReplyRouting.CLOSING, position, null);
    }
}

package dev.lockstep.services.redis;

import dev.lockstep.core.wire.Bytes;
import dev.lockstep.core.wire.ClientReply;
import dev.lockstep.services.kv.CommandWriter;
import dev.lockstep.services.kv.KvCommand;
import dev.lockstep.services.kv.KvStateMachine;
import dev.lockstep.services.redis.PendingReply.Kind;

import org.jspecify.annotations.Nullable;

/// What one connection has asked of the cluster and was not answered: decides whether one more
/// request may go, issues it, asks again what found no room, and gives back what was taken for it.
///
/// Whatever a request needs is asked for before any of it is taken, so that one that has to wait
/// holds nothing.
///
/// Threading: the loop's thread.
final class Outstanding {

    /// What a command counts for beside its bytes. All that may be under way then are fewer than
    /// the places that the gateway has.
    static final int COMMAND_BYTES = 600;

    private final RedisConnection connection;
    private final RedisPort port;
    private final ReplyStream replies;
    private final ReplyDebt debt;

    private final FairShare.Claimant claimant;
    private final FairShare.Claim queryValues;
    private final FairShare.Claim commandValues;
    private final FairShare.Claim bytes;

    private int queries;
    private int commands;

    /// Queries whose replies found no room: they are asked again before anything else.
    private int refused;

    /// True while queries are under way behind one whose reply found no room. Their replies are not
    /// kept either, because asked again that one would see a later state than they did.
    private boolean rewinding;

    /// Since when the request that waits has been refused by the gateway; 0 if it has not.
    private long refusedSinceNanos;

    /// Why the last command was refused.
    private String refusal = "";

    /// What became of an attempt to issue a request.
    enum Issued {
        /// The reply will come.
        ISSUED,
        /// The cluster is busy: the connection is resumed when it is to be tried again.
        WAIT,
        /// The cluster does not take it, see [#refusal].
        REFUSED
    }

    Outstanding(RedisConnection connection, RedisPort port, ReplyStream replies) {
        this.connection = connection;
        this.port = port;
        this.replies = replies;
        this.debt = replies.debt();
        this.claimant = new FairShare.Claimant(connection::resume);
        this.queryValues = new FairShare.Claim(claimant);
        this.commandValues = new FairShare.Claim(claimant);
        this.bytes = new FairShare.Claim(claimant);
    }

    /// Why the last command was refused.
    String refusal() {
        return refusal;
    }

    /// True if nothing is outstanding that a command could overtake.
    boolean hasNoQueries() {
        return queries == 0;
    }

    /// True if queries are to be asked again.
    boolean hasRefused() {
        return refused > 0;
    }

    /// The request that waited, if one did, is done with.
    void requestDone() {
        refusedSinceNanos = 0;
    }

    /// The connection is closed and waits for nothing.
    void leave() {
        port.values(Kind.QUERY).share().leave(queryValues);
        port.values(Kind.COMMAND).share().leave(commandValues);
        port.commandBytes().leave(bytes);
    }

    /// Issues a command of the state machine, as a query if it may be one.
    ///
    /// @param mayBringValue whether the reply may be large
    /// @param weight for how many large replies it counts
    Issued issue(
            KvCommand command,
            @Nullable ReplyShape shape,
            Words words,
            boolean mayBringValue,
            int weight) {
        boolean asQuery = command.access() == KvCommand.Access.READ && commands == 0;
        if (asQuery ? !port.mayQuery(connection) : queries > 0) {
            return Issued.WAIT;
        }
        Kind kind = asQuery ? Kind.QUERY : Kind.COMMAND;
        if (mayBringValue && !mayAsk(kind, words.totalBytes(), weight)) {
            return Issued.WAIT;
        }
        if (!asQuery && !mayCommand(words.totalBytes())) {
            return Issued.WAIT;
        }
        CommandWriter writer = port.writer().command(command, words.count() - 1);
        Transaction.append(writer, words);
        if (!asQuery) {
            return command(writer, words.totalBytes(), shape, mayBringValue, weight);
        }
        PendingReply reply = replies.begin(Kind.QUERY);
        reply.shape = shape;
        reply.isValue = true;
        Bytes query = Bytes.wrap(writer.toByteArray());
        reply.query = query;
        reply.weight = weight;
        port.statistics().command();
        ask(query, reply);
        return Issued.ISSUED;
    }

    /// Issues the transaction that `writer` has.
    Issued issueTransaction(CommandWriter writer, @Nullable ReplyShape shape, int weight) {
        return mayAsk(Kind.COMMAND, writer.size(), weight) && mayCommand(writer.size())
                ? command(writer, writer.size(), shape, true, weight)
                : Issued.WAIT;
    }

    /// True if a request may be taken up whose reply may be a large one; otherwise the connection
    /// is resumed when it may.
    private boolean mayAsk(Kind kind, int requestBytes, int weight) {
        int charge = debt.charge(requestBytes);
        if (!debt.mayAsk(charge)) {
            if (debt.waitsForRoom(charge)) {
                port.awaitReplyRoom(connection);
            }
            return false;
        }
        return weight == 0 || port.values(kind).share().grants(values(kind), weight);
    }

    private FairShare.Claim values(Kind kind) {
        return kind == Kind.QUERY ? queryValues : commandValues;
    }

    private void takeValues(PendingReply reply) {
        if (reply.weight > 0) {
            port.values(reply.kind).share().take(values(reply.kind), reply.values, reply.weight);
        }
    }

    private boolean mayCommand(int requestBytes) {
        return port.commandBytes().grants(bytes, (long) requestBytes + COMMAND_BYTES);
    }

    private Issued command(
            CommandWriter writer,
            int requestBytes,
            @Nullable ReplyShape shape,
            boolean mayBringValue,
            int weight) {
        PendingReply reply = replies.begin(Kind.COMMAND);
        reply.shape = shape;
        reply.weight = weight;
        commands++;
        port.commandBytes().take(bytes, reply.bytes, (long) requestBytes + COMMAND_BYTES);
        takeValues(reply);
        if (mayBringValue) {
            reply.isValue = true;
            debt.asked(reply, debt.charge(0));
        }
        if (port.gateway().command(writer.array(), 0, writer.size(), reply)) {
            port.statistics().command();
            return Issued.ISSUED;
        }
        debt.withdrawn(reply);
        giveBack(reply);
        replies.withdrawLast();
        commands--;
        return refused();
    }

    private Issued refused() {
        ClientReply.Status status = port.gateway().refusalStatus();
        if (status == ClientReply.Status.OVERLOADED) {
            long now = System.nanoTime();
            if (refusedSinceNanos == 0) {
                refusedSinceNanos = now;
            }
            if (now - refusedSinceNanos < RedisPort.PATIENCE_NANOS) {
                port.awaitRoom(connection);
                return Issued.WAIT;
            }
        }
        refusal = Failures.text(status, port.gateway().refusal());
        return Issued.REFUSED;
    }

    private void ask(Bytes query, PendingReply reply) {
        queries++;
        takeValues(reply);
        debt.asked(reply, debt.charge(query.size()));
        port.query(query, reply);
    }

    /// Asks those queries again whose replies found no room, in their order. False if some still
    /// wait.
    boolean askAgain() {
        for (int i = 0; refused > 0 && i < replies.size(); i++) {
            PendingReply reply = replies.get(i);
            Bytes query = reply.query;
            if (reply.refusedBytes >= 0 && query != null) {
                if (rewinding || !connection.channel().isWritable() || !port.mayQuery(connection)) {
                    return false;
                }
                if (!mayAsk(Kind.QUERY, query.size(), reply.weight)) {
                    return false;
                }
                reply.refusedBytes = -1;
                refused--;
                port.room().askedAgain();
                ask(query, reply);
            }
        }
        return true;
    }

    /// A reply has come to the gateway, from within the replica. False if it finds no room.
    boolean takes(PendingReply reply, int lengthBytes) {
        boolean isQuery = reply.kind == Kind.QUERY;
        boolean isBehind = rewinding && !replies.isFirst(reply);
        if (!(isQuery && isBehind) && debt.takes(reply, lengthBytes, isQuery)) {
            return true;
        }
        if (isQuery) {
            reply.refusedBytes = lengthBytes;
            refused++;
            rewinding = true;
        } else {
            learnLarge(reply, lengthBytes);
        }
        return false;
    }

    /// A reply is being told: nothing is under way for it any more.
    void answered(PendingReply reply) {
        debt.answered(reply);
        giveBack(reply);
        if (reply.kind == Kind.QUERY) {
            queries--;
            rewinding &= queries > 0;
            port.queryAnswered();
        } else {
            commands--;
        }
    }

    private void giveBack(PendingReply reply) {
        port.values(reply.kind).share().giveBack(values(reply.kind), reply.values);
        port.commandBytes().giveBack(bytes, reply.bytes);
        port.serveSoon();
    }

    /// A query whose reply found no room was told so.
    void learnRefused(PendingReply reply) {
        learnLarge(reply, reply.refusedBytes);
    }

    private void learnLarge(PendingReply reply, int lengthBytes) {
        debt.learnRefused(lengthBytes);
        if (reply.weight > 0 && lengthBytes >= ValueWindow.LARGE_BYTES) {
            port.values(reply.kind).learn(true);
        }
    }

    /// Sentences about failures are short, and tell nothing of what a reply takes: one that was too
    /// large took the replicas as long as the largest.
    void learn(
            PendingReply reply, ClientReply.Status status, byte[] bytes, int offset, int length) {
        if (!reply.isValue) {
            return;
        }
        boolean isOk = status == ClientReply.Status.OK;
        boolean isTooLarge =
                status == ClientReply.Status.SERVICE_FAILURE
                        || (isOk && KvStateMachine.isTooLarge(bytes, offset, length));
        if (isTooLarge) {
            debt.learnRefused(port.maxRequestBytes());
        } else if (isOk) {
            debt.learn(length);
        }
        if (reply.weight > 0 && (isTooLarge || isOk)) {
            port.values(reply.kind).learn(isTooLarge || length >= ValueWindow.LARGE_BYTES);
        }
    }
}

package dev.lockstep.services.redis;

import dev.lockstep.services.kv.CommandSpec;
import dev.lockstep.services.kv.CommandTable;
import dev.lockstep.services.kv.CommandWriter;

import java.util.ArrayList;
import java.util.List;

/// Transactions: `MULTI`, `EXEC` and what belongs to them.
final class TransactionCommands {

    static final List<PortCommand> ALL =
            List.of(
                    PortCommand.immediate(
                            spec("multi", 1, "1.2.0", "Begins a transaction")
                                    .flags("noscript", "loading", "stale", "fast", "allow_busy"),
                            TransactionCommands::multi),
                    PortCommand.immediate(
                            spec("exec", 1, "1.2.0", "Executes a transaction")
                                    .cost("Depends on the commands of the transaction")
                                    .flags("noscript", "loading", "stale", "skip_slowlog"),
                            TransactionCommands::exec),
                    PortCommand.immediate(
                            spec("discard", 1, "2.0.0", "Gives up a transaction")
                                    .cost("O(N) for N queued commands")
                                    .flags("noscript", "loading", "stale", "fast", "allow_busy"),
                            TransactionCommands::discard),
                    PortCommand.immediate(CommandTable.WATCH.spec(), TransactionCommands::watch),
                    PortCommand.local(
                            spec("unwatch", 1, "2.2.0", "Forgets the keys that WATCH has seen")
                                    .flags("noscript", "loading", "stale", "fast", "allow_busy"),
                            (connection, words, out) -> {
                                connection.transaction.unwatch();
                                out.ok();
                            }));

    private TransactionCommands() {}

    private static CommandSpec spec(String name, int arity, String since, String summary) {
        return CommandSpec.of(name, arity, "transactions", since, summary);
    }

    private static boolean multi(RedisConnection connection, Words words) {
        if (connection.transaction.isOpen()) {
            return connection.error("ERR MULTI calls can not be nested");
        }
        connection.transaction.open();
        connection.reply(RespOut::ok);
        return true;
    }

    private static boolean discard(RedisConnection connection, Words words) {
        if (!connection.transaction.isOpen()) {
            return connection.error("ERR DISCARD without MULTI");
        }
        connection.transaction.reset();
        connection.reply(RespOut::ok);
        return true;
    }

    /// Asks for the versions of the keys, for `EXEC` to send along.
    private static boolean watch(RedisConnection connection, Words words) {
        Transaction transaction = connection.transaction;
        if (transaction.isOpen()) {
            return connection.error("ERR WATCH inside MULTI is not allowed");
        }
        if (!connection.mayHold(words)) {
            return connection.error(connection.tooMuchHeld());
        }
        List<byte[]> keys = new ArrayList<>();
        for (int i = 1; i < words.count(); i++) {
            keys.add(words.bytes(i));
        }
        int generation = transaction.generation();
        ReplyShape shape =
                (asker, reply, offset, out) -> {
                    asker.watches--;
                    if (reply[offset] != '*') {
                        out.raw(reply, offset, ServiceReplies.lineEnd(reply, offset) - offset);
                        return;
                    }
                    int at = ServiceReplies.lineEnd(reply, offset);
                    for (byte[] key : keys) {
                        if (generation == transaction.generation()) {
                            transaction.watch(key, ServiceReplies.integer(reply, at));
                        }
                        at = ServiceReplies.lineEnd(reply, at);
                    }
                    out.ok();
                };
        connection.watches++;
        if (connection.issue(CommandTable.WATCH, shape, words, true, 0)) {
            return true;
        }
        connection.watches--;
        return false;
    }

    private static boolean exec(RedisConnection connection, Words words) {
        Transaction transaction = connection.transaction;
        if (!transaction.isOpen()) {
            return connection.error("ERR EXEC without MULTI");
        }
        if (transaction.isSpoilt()) {
            transaction.reset();
            return connection.error("EXECABORT Transaction discarded because of previous errors.");
        }
        if (!connection.outstanding().hasNoQueries() || connection.watches > 0) {
            return false;
        }
        List<Transaction.Queued> queue = transaction.queued();
        if (transaction.replicated() == 0 && !transaction.isWatching()) {
            // Its reply may be large, and would wait for those before it.
            if (connection.replies().size() > 0) {
                return false;
            }
            transaction.reset();
            connection.reply(out -> executeLocally(connection, queue, out));
            return true;
        }
        boolean plain = true;
        boolean local = false;
        for (Transaction.Queued queued : queue) {
            plain &= queued.command().replicated() != null && queued.command().shape() == null;
            local |= queued.command().replicated() == null;
        }
        boolean barrier = local;
        ReplyShape shape =
                plain
                        ? null
                        : (asker, reply, offset, out) -> {
                            if (barrier) {
                                asker.endBarrier();
                            }
                            merge(asker, queue, reply, offset, out);
                        };
        CommandWriter writer = connection.port().writer();
        transaction.write(writer);
        switch (connection.outstanding().issueTransaction(writer, shape, transaction.weight())) {
            case WAIT -> {
                return false;
            }
            case REFUSED -> {
                transaction.reset();
                return connection.error(
                        "EXECABORT Transaction discarded because of: "
                                + connection.outstanding().refusal());
            }
            case ISSUED -> {
                transaction.reset();
                if (barrier) {
                    connection.beginBarrier();
                }
            }
        }
        return true;
    }

    private static void executeLocally(
            RedisConnection connection, List<Transaction.Queued> queue, RespOut out) {
        out.array(queue.size());
        for (Transaction.Queued queued : queue) {
            executeLocally(connection, queued, out);
        }
    }

    /// Small requests can bring large replies, such as `COMMAND`: no more of them once there is too
    /// much.
    private static void executeLocally(
            RedisConnection connection, Transaction.Queued queued, RespOut out) {
        int most = connection.port().maxRequestBytes();
        if (out.buffer().readableBytes() > most) {
            out.error(
                    "ERR not executed: the replies of the transaction have more than %d bytes already; queue less"
                            .formatted(most));
        } else {
            connection.executeLocally(queued.command(), queued.words(), out);
        }
    }

    /// Puts the replies of the service and the connection's own together in the order of the queue.
    private static void merge(
            RedisConnection connection,
            List<Transaction.Queued> queue,
            byte[] reply,
            int offset,
            RespOut out) {
        if (reply[offset] != '*') {
            out.raw(reply, offset, ServiceReplies.lineEnd(reply, offset) - offset);
            return;
        }
        if (ServiceReplies.items(reply, offset) < 0) {
            out.nothingArray();
            return;
        }
        out.array(queue.size());
        int at = ServiceReplies.lineEnd(reply, offset);
        for (Transaction.Queued queued : queue) {
            if (queued.command().replicated() == null) {
                executeLocally(connection, queued, out);
                continue;
            }
            int end = ServiceReplies.endOf(reply, at);
            ReplyShape shape = queued.command().shape();
            if (shape == null) {
                out.service(reply, at, end - at);
            } else {
                shape.write(connection, reply, at, out);
            }
            at = end;
        }
    }
}

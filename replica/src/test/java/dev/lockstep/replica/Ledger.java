package dev.lockstep.replica;

import dev.lockstep.api.CommandContext;
import dev.lockstep.api.FrozenState;
import dev.lockstep.api.QueryContext;
import dev.lockstep.api.ReplyBuffer;
import dev.lockstep.api.StateMachine;

import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;

/// A service for tests: every command's text is appended to a ledger, some are orders.
///
/// `boom` throws, `die` is an `Error`, `random` replies with randomness, `at N` sets a deadline at
/// agreed time N, `size N` replies with N bytes; everything else replies with the ledger's length.
final class Ledger implements StateMachine {

    private final StringBuilder text = new StringBuilder();
    private long deadline = Long.MAX_VALUE;

    /// Appended to every reply: makes this replica differ.
    String bug = "";

    /// Is in the state and shows in no reply: makes this replica differ.
    String flaw = "";

    /// Only this command changes something else, and replies the same.
    String secretFor = "";

    /// True if it says what it changes.
    boolean isOpen;

    private long changed;

    /// Only this command gets another reply.
    String bugFor = "";

    /// It says that it cannot be frozen.
    boolean isLive;

    /// Its snapshots throw.
    boolean isShy;

    String text() {
        return text.toString();
    }

    @Override
    public void apply(CommandContext context, ByteBuffer command, ReplyBuffer reply) {
        String order = StandardCharsets.UTF_8.decode(command).toString();
        text.append(order).append(';');
        if (order.equals(secretFor)) {
            flaw = "?";
        }
        changed = isOpen ? (order + flaw).hashCode() : 0;
        switch (order.split(" ", 2)[0]) {
            case "boom" ->
                    throw new IllegalStateException("a bug at " + System.identityHashCode(this));
            case "die" -> throw new StackOverflowError("no more stack");
            case "random" -> reply.putUtf8(Long.toString(context.random().nextLong()));
            case "at" -> deadline = Long.parseLong(order.substring(3));
            case "size" -> {
                reply.put(new byte[Integer.parseInt(order.substring(5))]);
                reply.putUtf8(order.equals(bugFor) ? "?" : "");
            }
            default -> reply.putUtf8(text.length() + bug);
        }
    }

    @Override
    public void query(QueryContext context, ByteBuffer query, ReplyBuffer reply) {
        if (query.hasRemaining() && query.get(query.position()) == '!') {
            throw new IllegalStateException("a bug in a query");
        }
        reply.putUtf8(text.toString());
    }

    @Override
    public long changeDigest() {
        return changed;
    }

    @Override
    public boolean canFreeze() {
        return !isLive;
    }

    @Override
    public String describe(ByteBuffer command) {
        String order = StandardCharsets.UTF_8.decode(command).toString();
        if (order.equals("boom")) {
            throw new IllegalStateException("a bug in a description");
        }
        return order.startsWith("c") ? "the order " + order : "";
    }

    @Override
    public FrozenState snapshot() {
        if (isShy) {
            throw new IllegalStateException("a bug in a snapshot");
        }
        byte[] bytes = (text + flaw + "|" + deadline).getBytes(StandardCharsets.UTF_8);
        return out -> out.write(bytes);
    }

    @Override
    public void restore(InputStream in) throws IOException {
        String written = new String(in.readAllBytes(), StandardCharsets.UTF_8);
        int bar = written.lastIndexOf('|');
        text.append(written, 0, bar);
        deadline = Long.parseLong(written.substring(bar + 1));
    }

    @Override
    public long nextDeadlineNanos() {
        return deadline;
    }

    @Override
    public void onDeadline(CommandContext context) {
        text.append("deadline@").append(context.position()).append(';');
        deadline = Long.MAX_VALUE;
    }
}

package dev.lockstep.node;

import dev.lockstep.api.CommandContext;
import dev.lockstep.api.FrozenState;
import dev.lockstep.api.QueryContext;
import dev.lockstep.api.ReplyBuffer;
import dev.lockstep.api.StateMachine;

import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;

/// A state machine that executes every command twice and tells what came of the second time.
final class TwiceExecuted implements StateMachine {

    private static final int MOST_REPLY_BYTES = 64 << 20;

    private final StateMachine honest;
    private final ReplyBuffer unheard = new ReplyBuffer(MOST_REPLY_BYTES);

    TwiceExecuted(StateMachine honest) {
        this.honest = honest;
    }

    @Override
    public void apply(CommandContext context, ByteBuffer command, ReplyBuffer reply) {
        unheard.clear();
        honest.apply(context, command.duplicate(), unheard);
        honest.apply(context, command, reply);
    }

    @Override
    public void query(QueryContext context, ByteBuffer query, ReplyBuffer reply) {
        honest.query(context, query, reply);
    }

    @Override
    public String describe(ByteBuffer command) {
        return honest.describe(command);
    }

    @Override
    public long changeDigest() {
        return honest.changeDigest();
    }

    @Override
    public FrozenState snapshot() {
        return honest.snapshot();
    }

    @Override
    public boolean canFreeze() {
        return honest.canFreeze();
    }

    @Override
    public void restore(InputStream in) throws IOException {
        honest.restore(in);
    }

    @Override
    public long nextDeadlineNanos() {
        return honest.nextDeadlineNanos();
    }

    @Override
    public void onDeadline(CommandContext context) {
        honest.onDeadline(context);
    }
}

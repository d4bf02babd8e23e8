package dev.lockstep.cli.service;

import dev.lockstep.api.CommandContext;
import dev.lockstep.api.FrozenState;
import dev.lockstep.api.QueryContext;
import dev.lockstep.api.ReplyBuffer;
import dev.lockstep.api.StateMachine;

import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;

/// Counts commands, but where `-Dtest.drift=true` it is not deterministic: a command `s` counts
/// twice and does not show it, a command `t` does so and says what it changed, a command `r` gets
/// another reply.
public final class DriftingMachine implements StateMachine {

    private static final boolean DRIFTS = Boolean.getBoolean("test.drift");

    private long count;
    private long changed;

    @Override
    public void apply(CommandContext context, ByteBuffer command, ReplyBuffer reply) {
        int order = command.get();
        int counted = DRIFTS && (order == 's' || order == 't') ? 2 : 1;
        count += counted;
        changed = order == 't' ? counted : 0;
        reply.putUtf8(DRIFTS && order == 'r' ? "other" : "done");
    }

    @Override
    public void query(QueryContext context, ByteBuffer query, ReplyBuffer reply) {
        reply.putLong(count);
    }

    @Override
    public long changeDigest() {
        return changed;
    }

    @Override
    public String describe(ByteBuffer command) {
        return "order " + (char) command.get();
    }

    @Override
    public FrozenState snapshot() {
        long frozen = count;
        return out -> new DataOutputStream(out).writeLong(frozen);
    }

    @Override
    public void restore(InputStream in) throws IOException {
        count = new DataInputStream(in).readLong();
    }
}

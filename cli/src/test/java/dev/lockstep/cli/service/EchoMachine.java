package dev.lockstep.cli.service;

import dev.lockstep.api.CommandContext;
import dev.lockstep.api.FrozenState;
import dev.lockstep.api.QueryContext;
import dev.lockstep.api.ReplyBuffer;
import dev.lockstep.api.StateMachine;

import java.io.InputStream;
import java.nio.ByteBuffer;

/// A service that only `--class-path` brings along: replies what it is told, with a mark.
public final class EchoMachine implements StateMachine {

    @Override
    public void apply(CommandContext context, ByteBuffer command, ReplyBuffer reply) {
        reply.putUtf8("echo of ").put(command);
    }

    @Override
    public void query(QueryContext context, ByteBuffer query, ReplyBuffer reply) {
        reply.put(query);
    }

    @Override
    public FrozenState snapshot() {
        return out -> {};
    }

    @Override
    public void restore(InputStream in) {}
}

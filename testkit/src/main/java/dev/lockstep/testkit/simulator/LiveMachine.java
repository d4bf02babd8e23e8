package dev.lockstep.testkit.simulator;

import dev.lockstep.api.CommandContext;
import dev.lockstep.api.FrozenState;
import dev.lockstep.api.QueryContext;
import dev.lockstep.api.ReplyBuffer;
import dev.lockstep.api.StateMachine;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.ByteBuffer;

/// A service that cannot freeze its state: what is written of it is its state at the time of
/// writing, and nobody may call it from when a snapshot is taken until that is closed.
final class LiveMachine implements StateMachine {

    private final StateMachine machine;

    /// So many snapshots were taken and not closed.
    private int open;

    /// @param machine what it really is
    LiveMachine(StateMachine machine) {
        this.machine = machine;
    }

    private void requireIdle(String what) {
        Violation.check(open == 0, "while a state that cannot be frozen is written, " + what);
    }

    @Override
    public boolean canFreeze() {
        return false;
    }

    @Override
    public void apply(CommandContext context, ByteBuffer command, ReplyBuffer reply) {
        requireIdle("no command is executed");
        machine.apply(context, command, reply);
    }

    @Override
    public void query(QueryContext context, ByteBuffer query, ReplyBuffer reply) {
        requireIdle("no query is answered");
        machine.query(context, query, reply);
    }

    @Override
    public String describe(ByteBuffer command) {
        return machine.describe(command);
    }

    @Override
    public FrozenState snapshot() {
        open++;
        return new FrozenState() {
            private boolean isClosed;

            @Override
            public void writeTo(OutputStream out) throws IOException {
                try (FrozenState now = machine.snapshot()) {
                    now.writeTo(out);
                }
            }

            @Override
            public void close() {
                if (!isClosed) {
                    isClosed = true;
                    open--;
                }
            }
        };
    }

    @Override
    public void restore(InputStream in) throws IOException {
        machine.restore(in);
    }

    @Override
    public long nextDeadlineNanos() {
        return machine.nextDeadlineNanos();
    }

    @Override
    public void onDeadline(CommandContext context) {
        requireIdle("no deadline is met");
        machine.onDeadline(context);
    }
}

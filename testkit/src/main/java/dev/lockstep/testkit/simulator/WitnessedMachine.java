package dev.lockstep.testkit.simulator;

import dev.lockstep.api.CommandContext;
import dev.lockstep.api.FrozenState;
import dev.lockstep.api.QueryContext;
import dev.lockstep.api.ReplyBuffer;
import dev.lockstep.api.StateMachine;
import dev.lockstep.core.wire.Bytes;

import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.ByteBuffer;

/// A service's machine on one replica, whose every change and reply [Reference] hears of and
/// compares with what it must have been.
///
/// A command begins with its number. A reply ends with the version, which counts commands and
/// deadlines; a query's answer also with the position and the agreed time that the machine was
/// told.
final class WitnessedMachine implements StateMachine {

    /// Before a command.
    static final int NUMBER_BYTES = 8;

    /// Behind a reply.
    static final int VERSION_BYTES = 8;

    /// Behind a query's answer.
    static final int ANSWER_BYTES = VERSION_BYTES + 8 + 8;

    private static final byte[] NOTHING = new byte[0];

    private final StateMachine machine;
    private final Reference reference;
    private long version;

    /// True if the state is not what commands have made of it; no reply shows it.
    private boolean isFlawed;

    private long frozenBytes;

    WitnessedMachine(StateMachine machine, Reference reference) {
        this.machine = machine;
        this.reference = reference;
    }

    long version() {
        return version;
    }

    /// How many bytes the machine's state had when it was last written.
    long frozenBytes() {
        return frozenBytes;
    }

    /// The service's own machine.
    StateMachine machine() {
        return machine;
    }

    @Override
    public void apply(CommandContext context, ByteBuffer command, ReplyBuffer reply) {
        Bytes sent =
                Bytes.wrap(
                        command.array(),
                        command.arrayOffset() + command.position(),
                        command.remaining());
        long number = command.getLong();
        reference.onBegins(number, sent);
        CallContext call = CallContext.of(context);
        version++;
        try {
            machine.apply(call, command, reply);
            int size = reply.size();
            reply.putLong(version);
            Bytes ofMachine = Bytes.wrap(reply.array(), 0, size);
            reference.onChanged(version, Change.of(number, call, false, ofMachine));
        } catch (Exception | AssertionError thrown) {
            Bytes name = Bytes.wrap(CallText.bytes(thrown.getClass().getName()));
            reference.onChanged(version, Change.of(number, call, true, name));
            throw thrown;
        }
    }

    @Override
    public void query(QueryContext context, ByteBuffer query, ReplyBuffer reply) {
        machine.query(context, query, reply);
        reply.putLong(version).putLong(context.position()).putLong(context.timeNanos());
    }

    @Override
    public long nextDeadlineNanos() {
        return machine.nextDeadlineNanos();
    }

    @Override
    public void onDeadline(CommandContext context) {
        Violation.check(
                context.timeNanos() >= machine.nextDeadlineNanos(),
                "a deadline is met when its time has come");
        CallContext call = CallContext.of(context);
        version++;
        try {
            machine.onDeadline(call);
        } catch (Exception | AssertionError thrown) {
            throw new Violation("a deadline throws nothing: " + thrown);
        }
        reference.onChanged(version, Change.of(Change.DEADLINE, call, false, Bytes.wrap(NOTHING)));
        Violation.check(
                machine.nextDeadlineNanos() > context.timeNanos(),
                "a deadline that was met is over: " + machine.nextDeadlineNanos());
    }

    @Override
    public long changeDigest() {
        return machine.changeDigest();
    }

    @Override
    public boolean canFreeze() {
        return machine.canFreeze();
    }

    @Override
    public String describe(ByteBuffer command) {
        command.getLong();
        return machine.describe(command);
    }

    /// The state changes of its own accord.
    void flip() {
        isFlawed = true;
    }

    boolean isFlawed() {
        return isFlawed;
    }

    /// The version comes first, the complement of a state that is flawed; then the machine's own.
    @Override
    public FrozenState snapshot() {
        long frozenVersion = isFlawed ? ~version : version;
        FrozenState frozen = machine.snapshot();
        return new FrozenState() {
            @Override
            public void writeTo(OutputStream out) throws IOException {
                out.write(ByteBuffer.allocate(VERSION_BYTES).putLong(frozenVersion).array());
                DataOutputStream counting = new DataOutputStream(out);
                frozen.writeTo(counting);
                counting.flush();
                frozenBytes = counting.size();
            }

            @Override
            public void close() {
                frozen.close();
            }
        };
    }

    @Override
    public void restore(InputStream in) throws IOException {
        long frozen = new DataInputStream(in).readLong();
        isFlawed = frozen < 0;
        version = isFlawed ? ~frozen : frozen;
        machine.restore(in);
    }
}

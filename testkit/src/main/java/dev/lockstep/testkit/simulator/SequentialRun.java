package dev.lockstep.testkit.simulator;

import dev.lockstep.api.FrozenState;
import dev.lockstep.api.ReplyBuffer;
import dev.lockstep.api.StateMachine;
import dev.lockstep.core.wire.Bytes;

import org.jspecify.annotations.Nullable;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Comparator;
import java.util.List;
import java.util.function.Supplier;

/// The whole of a run again, one call after the other, on one machine: what it replies is what
/// clients must have been told, and what the service promises is checked here. Halfway the machine
/// is replaced by one that was restored from its snapshot.
final class SequentialRun {

    private static final int LARGEST_REPLY = 64 << 20;

    private final SimulatedService service;
    private final Reference reference;
    private final Requests requests;
    private final ReplyCheck check;
    private final ReplyBuffer buffer = new ReplyBuffer(LARGEST_REPLY);
    private StateMachine machine;

    /// @param requests the run's, for its words
    SequentialRun(SimulatedService service, Reference reference, Requests requests) {
        this.service = service;
        this.reference = reference;
        this.requests = requests;
        this.check = service.beginCheck();
        this.machine = service.createMachine();
    }

    /// How many commands and queries were compared.
    ///
    /// @param state what the replicas' machines are in the end
    int compare(FrozenState state) {
        List<Change> changes = reference.changes();
        List<Reference.Read> reads =
                reference.reads().stream()
                        .sorted(Comparator.comparingLong(Reference.Read::version))
                        .toList();
        int answered = 0;
        for (int version = 0; version <= changes.size(); version++) {
            if (version > 0) {
                repeat(version, changes.get(version - 1));
            }
            if (version == (changes.size() + 1) / 2) {
                machine = restored();
            }
            while (answered < reads.size() && reads.get(answered).version() == version) {
                repeat(reads.get(answered++));
            }
        }
        Violation.check(
                bytes(state).equals(bytes(machine.snapshot())),
                "the state is what a machine alone comes to");
        return changes.size() + answered;
    }

    private void repeat(int version, Change change) {
        CallContext context = change.context();
        if (change.number() == Change.DEADLINE) {
            Violation.check(
                    machine.nextDeadlineNanos() <= change.timeNanos(),
                    "a machine alone has the same deadlines, at version " + version);
            machine.onDeadline(context);
            checked(version, () -> "a deadline", () -> check.onDeadline(change.context()));
            return;
        }
        ByteBuffer command = reference.command(change.number());
        Supplier<String> words = () -> requests.describe(copy(command));
        buffer.clear();
        try {
            machine.apply(context, command.duplicate(), buffer);
        } catch (Exception | AssertionError thrown) {
            if (!change.hasFailed()) {
                throw differs(version, words, "threw " + thrown, change.reply());
            }
            ByteBuffer sent = command.slice().asReadOnlyBuffer();
            checked(version, words, () -> check.onFailure(change.context(), sent, thrown));
            return;
        }
        requireSame(version, words, change.hasFailed() ? null : change.reply());
        ByteBuffer sent = command.slice().asReadOnlyBuffer();
        checked(
                version,
                words,
                () -> check.onCommand(change.context(), sent, readOnly(change.reply())));
    }

    private void repeat(Reference.Read read) {
        CallContext context = new CallContext(0, read.position(), read.timeNanos(), () -> 0);
        long version = read.version();
        byte[] query = read.query().toByteArray();
        Supplier<String> words = () -> requests.describe(query);
        buffer.clear();
        machine.query(context, ByteBuffer.wrap(query.clone()), buffer);
        requireSame(version, words, read.reply());
        ByteBuffer sent = ByteBuffer.wrap(query).asReadOnlyBuffer();
        checked(version, words, () -> check.onQuery(context, sent, readOnly(read.reply())));
    }

    /// @param inCluster what was replied there; null if the machine threw
    private void requireSame(long version, Supplier<String> words, @Nullable Bytes inCluster) {
        Bytes alone = Bytes.wrap(buffer.array(), 0, buffer.size());
        if (!alone.equals(inCluster)) {
            String replied = "replied " + CallText.of(alone.toByteArray());
            throw differs(version, words, replied, inCluster);
        }
    }

    private static Violation differs(
            long version, Supplier<String> words, String alone, @Nullable Bytes inCluster) {
        String elsewhere =
                inCluster == null ? "it threw" : "it was " + CallText.of(inCluster.toByteArray());
        return new Violation(
                "a machine alone does the same at version "
                        + version
                        + ": "
                        + words.get()
                        + ": it "
                        + alone
                        + ", in the cluster "
                        + elsewhere);
    }

    private static void checked(long version, Supplier<String> words, Runnable ofService) {
        try {
            ofService.run();
        } catch (RuntimeException | AssertionError thrown) {
            Violation violation =
                    new Violation(
                            "the service keeps its own promises at version "
                                    + version
                                    + ": "
                                    + words.get()
                                    + ": "
                                    + thrown.getMessage());
            violation.initCause(thrown);
            throw violation;
        }
    }

    private StateMachine restored() {
        Bytes written = bytes(machine.snapshot());
        StateMachine other = service.createMachine();
        try {
            other.restore(new ByteArrayInputStream(written.toByteArray()));
        } catch (IOException | RuntimeException failed) {
            throw new Violation("a snapshot restores what it was taken of: " + failed);
        }
        Violation.check(
                bytes(other.snapshot()).equals(written)
                        && other.nextDeadlineNanos() == machine.nextDeadlineNanos(),
                "a snapshot restores what it was taken of");
        return other;
    }

    private static Bytes bytes(FrozenState state) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        try (state) {
            state.writeTo(out);
        } catch (IOException failed) {
            throw new Violation("a snapshot can be written: " + failed);
        }
        return Bytes.wrap(out.toByteArray());
    }

    private static byte[] copy(ByteBuffer buffer) {
        byte[] bytes = new byte[buffer.remaining()];
        buffer.duplicate().get(bytes);
        return bytes;
    }

    private static ByteBuffer readOnly(Bytes bytes) {
        return ByteBuffer.wrap(bytes.toByteArray()).asReadOnlyBuffer();
    }
}

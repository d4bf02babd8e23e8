package dev.lockstep.testkit.simulator;

import dev.lockstep.api.FrozenState;
import dev.lockstep.api.ReplyBuffer;
import dev.lockstep.api.StateMachine;

import org.jspecify.annotations.Nullable;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;

/// Looks for the cause of a failed run in the service: a query that changes the state, which only
/// the replica that answers it then has.
///
/// The run is repeated on a machine alone, which is put back to what it was after every query.
final class ChangingQuery {

    private static final int LARGEST_REPLY = 64 << 20;

    private final SimulatedService service;
    private final Reference reference;
    private final ReplyBuffer buffer = new ReplyBuffer(LARGEST_REPLY);
    private StateMachine machine;

    ChangingQuery(SimulatedService service, Reference reference) {
        this.service = service;
        this.reference = reference;
        this.machine = service.createMachine();
    }

    /// The first answered query that changes the state it is asked in, or null.
    byte @Nullable [] find() {
        try {
            return search();
        } catch (IOException | RuntimeException | AssertionError _) {
            // A service that cannot even be repeated: the failure itself has to do.
            return null;
        }
    }

    private byte @Nullable [] search() throws IOException {
        List<Change> changes = reference.changes();
        List<Reference.Read> reads =
                reference.reads().stream()
                        .sorted(Comparator.comparingLong(Reference.Read::version))
                        .toList();
        int version = 0;
        for (Reference.Read read : reads) {
            while (version < Math.min(read.version(), changes.size())) {
                repeat(changes.get(version++));
            }
            byte[] before = bytes(machine.snapshot());
            if (!Arrays.equals(before, bytes(machine.snapshot()))) {
                // Snapshots of one state differ, so they say nothing about queries.
                return null;
            }
            byte[] query = read.query().toByteArray();
            buffer.clear();
            machine.query(
                    new CallContext(0, read.position(), read.timeNanos(), () -> 0),
                    ByteBuffer.wrap(query.clone()),
                    buffer);
            if (!Arrays.equals(before, bytes(machine.snapshot()))) {
                return query;
            }
            machine = service.createMachine();
            machine.restore(new ByteArrayInputStream(before));
        }
        return null;
    }

    private void repeat(Change change) {
        buffer.clear();
        if (change.number() == Change.DEADLINE) {
            machine.onDeadline(change.context());
            return;
        }
        try {
            machine.apply(change.context(), reference.command(change.number()), buffer);
        } catch (Exception | AssertionError _) {
            // As in the run: whether it had to throw is judged elsewhere.
        }
    }

    private static byte[] bytes(FrozenState state) throws IOException {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        try (state) {
            state.writeTo(out);
        }
        return out.toByteArray();
    }
}

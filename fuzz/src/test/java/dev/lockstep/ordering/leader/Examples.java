package dev.lockstep.ordering.leader;

import dev.lockstep.core.Batch;
import dev.lockstep.core.BatchId;
import dev.lockstep.core.Epoch;
import dev.lockstep.core.FaultModel;
import dev.lockstep.core.Incarnation;
import dev.lockstep.core.Member;
import dev.lockstep.core.Membership;
import dev.lockstep.core.ReplicaId;
import dev.lockstep.core.StopSign;
import dev.lockstep.core.wire.Bytes;

import java.nio.charset.StandardCharsets;
import java.util.List;

/// What the seeds of leader ordering are made of.
final class Examples {

    private Examples() {}

    static Batch batch(String payload) {
        BatchId id = new BatchId(new ReplicaId(2), new Incarnation(1, 2), 5, 17);
        return Batch.of(id, 999, Bytes.wrap(payload.getBytes(StandardCharsets.UTF_8)));
    }

    static StopSign sign() {
        Membership members =
                new Membership(
                        List.of(
                                new Member(new ReplicaId(1), new Incarnation(1, 1)),
                                new Member(new ReplicaId(2), new Incarnation(2, 2))));
        return new StopSign(new Epoch(2), members, FaultModel.CRASH, "leader", new ReplicaId(2));
    }

    /// One of each kind, with the indexes 8 to 11.
    static List<AppendedEntry> entries() {
        Batch batch = batch("payload");
        return List.of(
                new LogEntry(new Mark(8, 3, 42), 1_000, batch, LogEntry.Purpose.BATCH, null),
                new AppendedEntry.Reference(
                        new Mark(9, 3, 43), 1_001, batch.id(), batch.checksum()),
                new LogEntry(new Mark(10, 3, 44), 1_002, batch(""), LogEntry.Purpose.SIGN, sign()),
                new LogEntry(
                        new Mark(11, 4, 45), 1_003, batch(""), LogEntry.Purpose.CLOSING, null));
    }
}

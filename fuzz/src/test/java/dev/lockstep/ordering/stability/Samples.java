package dev.lockstep.ordering.stability;

import dev.lockstep.core.Batch;
import dev.lockstep.core.BatchId;
import dev.lockstep.core.Epoch;
import dev.lockstep.core.FaultModel;
import dev.lockstep.core.HistoryEntry;
import dev.lockstep.core.Incarnation;
import dev.lockstep.core.Member;
import dev.lockstep.core.Membership;
import dev.lockstep.core.ReplicaId;
import dev.lockstep.core.StopSign;
import dev.lockstep.core.wire.Bytes;
import dev.lockstep.ordering.stability.StabilityMessage.Body;

import java.nio.charset.StandardCharsets;
import java.util.List;

/// What the seeds of stability ordering are made of.
final class Samples {

    private static final CommandId ID = new CommandId(new ReplicaId(2), 17);

    private Samples() {}

    static Batch batch(String payload) {
        BatchId id = new BatchId(new ReplicaId(2), new Incarnation(1, 2), 5, 17);
        return Batch.of(id, 999, Bytes.wrap(payload.getBytes(StandardCharsets.UTF_8)));
    }

    static Membership members() {
        return new Membership(
                List.of(
                        new Member(new ReplicaId(1), new Incarnation(1, 1)),
                        new Member(new ReplicaId(2), new Incarnation(1, 2))));
    }

    static StopSign sign() {
        return new StopSign(
                new Epoch(2), members(), FaultModel.CRASH, "replica-ids", new ReplicaId(2));
    }

    static Command command() {
        return new Command(ID, batch("payload"), null, 16, 1_000, 0b11, 40);
    }

    static Command stop() {
        return new Command(ID, null, sign(), 0, 1_000, 0b11, 40);
    }

    static Header header() {
        return new Header(
                30, 50, 7, List.of(new Mark(40, ID)), 60, 8, 0, 1_700_000_000_000_000_000L);
    }

    static List<Body> bodies() {
        Vote vote = new Vote(41, true, 9, 6, 44, 0);
        return List.of(
                new StabilityMessage.Propose(command()),
                new StabilityMessage.ProposeAck(ID, 41),
                new StabilityMessage.Consensus(command(), 2, 41),
                new StabilityMessage.ConsensusAck(ID, 2),
                new StabilityMessage.Nack(ID, 9),
                new StabilityMessage.Recover(stop(), 9),
                new StabilityMessage.RecoverAck(ID, vote),
                new StabilityMessage.Commit(ID, 41, command()),
                new StabilityMessage.Past(ID, 12),
                new StabilityMessage.Fetch(List.of(ID), true),
                new StabilityMessage.Payload(command()),
                new StabilityMessage.Heartbeat(),
                new StabilityMessage.ReadBound(3, -1),
                new StabilityMessage.ReadBoundAck(3, -1, 41));
    }

    static Bytes anchor(boolean isSign) {
        Done done = new Done(members());
        for (long number : new long[] {1, 2, 4}) {
            if (!done.add(new CommandId(new ReplicaId(2), number))) {
                throw new AssertionError("number " + number);
            }
        }
        return Anchor.encode(new Epoch(1), new Mark(41, ID), done, isSign ? sign() : null);
    }

    static List<StabilityRecord> records() {
        return List.of(
                new StabilityRecord.Known(command(), new Vote(40, false, 0, 0, 0, 0)),
                new StabilityRecord.Voted(ID, new Vote(40, false, 9, 9, 41, 41)),
                new StabilityRecord.Reserved(10_000, 30),
                new StabilityRecord.Executed(7, new Mark(41, ID), null),
                new StabilityRecord.Executed(8, new Mark(42, ID), batch("")),
                new StabilityRecord.Learnt(
                        new HistoryEntry(9, batch("payload"), 1_000, anchor(false))));
    }
}

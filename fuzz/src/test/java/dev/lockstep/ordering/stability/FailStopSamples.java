package dev.lockstep.ordering.stability;

import dev.lockstep.core.Epoch;
import dev.lockstep.core.HistoryEntry;
import dev.lockstep.core.ReplicaId;
import dev.lockstep.core.wire.Bytes;

import java.util.List;

/// What the seeds of stability ordering under fail-stop faults are made of.
final class FailStopSamples {

    private static final CommandId ID = new CommandId(new ReplicaId(2), 17);
    private static final Mark MARK = new Mark(41, ID);
    private static final Entry ENTRY = new Entry(ID, 41, true, 1_000, Samples.batch("payload"));

    private FailStopSamples() {}

    static FailStopHeader header() {
        return new FailStopHeader(30, 17, 29, 1_700_000_000_000_000_000L, List.of(4L, 17L));
    }

    private static Suffix suffix(boolean hasLast) {
        return new Suffix(3, Samples.sign(), 6, hasLast ? MARK : null, List.of(MARK));
    }

    static List<FailStopMessage.Body> bodies() {
        Standing standing = new Standing(MARK, false);
        return List.of(
                new FailStopMessage.Propose(ENTRY),
                new FailStopMessage.Candidate(ID, 41),
                new FailStopMessage.Fix(ID, 41),
                new FailStopMessage.Status(),
                new FailStopMessage.Ask(7),
                new FailStopMessage.Answer(7),
                new FailStopMessage.Holdings(3, 6, MARK, List.of(standing)),
                new FailStopMessage.Ending(suffix(true)),
                new FailStopMessage.EndingAck(3),
                new FailStopMessage.Want(List.of(ID)),
                new FailStopMessage.Have(ENTRY));
    }

    static List<FailStopRecord> records() {
        Bytes anchor = FailStopAnchor.encode(new Epoch(1), MARK, null);
        return List.of(
                new FailStopRecord.Opened(),
                new FailStopRecord.Logged(ENTRY),
                new FailStopRecord.Fixed(MARK),
                new FailStopRecord.Executed(7, MARK),
                new FailStopRecord.Agreed(suffix(false)),
                new FailStopRecord.Ended(3, Samples.batch("")),
                new FailStopRecord.Learnt(
                        new HistoryEntry(9, Samples.batch("payload"), 1_000, anchor)));
    }
}

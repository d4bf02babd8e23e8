package dev.lockstep.replica;

import dev.lockstep.core.Now;
import dev.lockstep.core.ReplicaId;
import dev.lockstep.core.port.Journal;
import dev.lockstep.core.port.JournalRecord;
import dev.lockstep.core.wire.Bytes;
import dev.lockstep.core.wire.BytesReader;
import dev.lockstep.core.wire.BytesWriter;

import org.jspecify.annotations.Nullable;

/// A replica whose state is not to be believed does nothing that needs it until another's has taken
/// its place: it votes, logs, and leads where nobody else can.
///
/// The journal says so too. Without that a replica that ends in quarantine would start from its own
/// snapshot, which may have the same fault, and serve clients and newcomers until it is found out
/// again.
final class Quarantine {

    private final ReplicaId self;
    private final Journal journal;
    private final CurrentReign current;
    private final CurrentEngine engine;
    private final Admission admission;
    private final Reads queries;
    private final SnapshotDuties duties;
    private final ReplicaListener listener;

    /// No state of this replica at or before this position is believed; 0 if all are.
    private long through;

    /// Null while its state is believed.
    private @Nullable String reason;

    Quarantine(
            CurrentReign current,
            CurrentEngine engine,
            Admission admission,
            Reads queries,
            SnapshotDuties duties,
            ReplicaPorts ports) {
        this.self = current.self();
        this.journal = ports.journal();
        this.current = current;
        this.engine = engine;
        this.admission = admission;
        this.queries = queries;
        this.duties = duties;
        this.listener = ports.listener();
    }

    boolean isOn() {
        return reason != null;
    }

    /// Why, one sentence; null while its state is believed.
    @Nullable String reason() {
        return reason;
    }

    /// A record of this survived the last boot.
    void replay(JournalRecord record) {
        through = Math.max(through, positionOf(record));
    }

    static long positionOf(JournalRecord record) {
        BytesReader in = new BytesReader(record.content());
        long position = in.getNonNegativeLong("position");
        in.requireEnd();
        return position;
    }

    /// The replica takes part.
    ///
    /// @param restored the position of the snapshot that it has begun with; 0 without one
    /// @param executed how far it has come
    void recovered(Now now, long restored, long executed) {
        if (isDoubtful(restored, through)) {
            begin(
                    now,
                    executed,
                    "this replica's state was found to differ from that of the majority before it was started again");
        }
    }

    /// True if a replica that begins with this state must not go on with it.
    ///
    /// @param restored the position of the snapshot that it has begun with; 0 without one
    /// @param distrustedThrough what the last record says; 0 without one
    static boolean isDoubtful(long restored, long distrustedThrough) {
        return distrustedThrough > 0 && restored <= distrustedThrough;
    }

    /// The state after `executed` is wrong.
    void begin(Now now, long executed, String why) {
        if (reason != null) {
            return;
        }
        reason = why;
        String sentence = "replica " + self + " is quarantined; ask another";
        admission.close(sentence);
        queries.refuseAll(sentence);
        listener.onQuarantined(why);
        // It may be the only one that can lead: whoever is behind it cannot, and the order needs no
        // state.
        engine.handOver(now);
        if (executed > through) {
            through = executed;
            Bytes content = new BytesWriter(Long.BYTES).putLong(through).toBytes();
            var _ = journal.append(RecordKind.DISTRUST, current.epoch(), content, Bytes.EMPTY);
        }
        duties.heal(now, through);
    }

    /// An epoch has begun, of which this replica is a member.
    void onBegun(Now now) {
        if (reason != null) {
            engine.handOver(now);
        }
    }

    /// The end of a duty cycle.
    void advance(Now now) {
        if (reason != null && duties.wantsMore() && current.isMember()) {
            engine.handOver(now);
            if (!admission.hasInFlight()) {
                admission.submitEmpty(now);
            }
        }
    }
}

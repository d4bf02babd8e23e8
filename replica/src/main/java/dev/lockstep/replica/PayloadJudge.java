package dev.lockstep.replica;

import dev.lockstep.core.Batch;
import dev.lockstep.core.Member;
import dev.lockstep.core.Now;
import dev.lockstep.core.ReplicaId;
import dev.lockstep.core.wire.Bytes;

import java.util.TreeSet;

/// Judges what another member wants to have ordered, for protocols that vote on it. All honest
/// replicas judge alike: nothing of this replica's state is looked at.
///
/// What a batch repeats of earlier ones is no fault: sessions see to that when it is executed.
final class PayloadJudge {

    /// Takes the verdict, perhaps before [#judge] returns.
    @FunctionalInterface
    interface Answer {
        void accept(Now now, Bytes digest, boolean isValid);
    }

    private final ReplicaLimits limits;
    private final CurrentReign current;
    private final PendingChecks checks;
    private final Trust.Requests requests;
    private final Answer answer;

    PayloadJudge(
            ReplicaLimits limits,
            CurrentReign current,
            PendingChecks checks,
            Trust.Requests requests,
            Answer answer) {
        this.limits = limits;
        this.current = current;
        this.checks = checks;
        this.requests = requests;
        this.answer = answer;
    }

    /// @param digest what the answer is to name
    /// @param proposer the member that wants it
    void judge(Now now, Bytes digest, ReplicaId proposer, Batch batch) {
        if (!isOf(proposer, batch) || !isWellFormed(batch.payload())) {
            answer.accept(now, digest, false);
            return;
        }
        checks.check(
                now,
                () -> requests.areGenuine(batch.payload()),
                (then, isGenuine) -> answer.accept(then, digest, isGenuine));
    }

    /// A batch has a name of its proposer's own: with another's, it would pass for one that this
    /// other makes later, which would then count as executed.
    private boolean isOf(ReplicaId proposer, Batch batch) {
        for (Member member : current.members().members()) {
            if (member.id().equals(proposer)) {
                return batch.id().origin().equals(proposer)
                        && batch.id().incarnation().equals(member.incarnation())
                        && batch.id().boot() > dev.lockstep.core.BatchId.PROTOCOL_BOOT;
            }
        }
        return false;
    }

    private boolean isWellFormed(Bytes payload) {
        if (payload.size()
                > Math.max(limits.batchBytes(), limits.requestBytes() + OpenBatch.HEADER_BYTES)) {
            return false;
        }
        RequestCursor cursor = new RequestCursor();
        cursor.reset(payload);
        TreeSet<RequestName> names = new TreeSet<>();
        while (cursor.next()) {
            boolean isNew =
                    names.add(RequestName.of(cursor.kind(), cursor.session(), cursor.sequence()));
            if (!isNew
                    || cursor.length() > limits.requestBytes()
                    || cursor.index() >= Executor.MOST_REQUESTS) {
                return false;
            }
        }
        return !cursor.isMalformed();
    }
}

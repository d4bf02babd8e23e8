package dev.lockstep.replica;

import dev.lockstep.core.Batch;
import dev.lockstep.core.Member;
import dev.lockstep.core.Now;
import dev.lockstep.core.ReplicaId;
import dev.lockstep.core.wire.Bytes;

import java.util.ArrayList;
import java.util.List;
import java.util.TreeSet;

/// Judges what another member wants to have ordered, for protocols that vote on it. All honest
/// replicas judge alike: nothing of this replica's state is looked at.
///
/// What a batch repeats of earlier ones is no fault: sessions see to that when it is executed. A
/// request that this replica was asked itself, byte for byte, was checked when it came.
final class PayloadJudge {

    /// Takes the verdict, perhaps before [#judge] returns.
    @FunctionalInterface
    interface Answer {
        void accept(Now now, Bytes digest, boolean isValid);
    }

    /// What is around a request's body at most.
    private static final int MOST_AROUND =
            OpenBatch.HEADER_BYTES + OpenBatch.TRAILER_BYTES + Trust.Requests.MAX_PROOF_BYTES;

    private final ReplicaLimits limits;
    private final CurrentReign current;
    private final PendingChecks checks;
    private final RequestSignatures signatures;
    private final KnownRequests known;
    private final Answer answer;

    /// @param known the requests that were checked when they came
    PayloadJudge(
            ReplicaLimits limits,
            CurrentReign current,
            PendingChecks checks,
            RequestSignatures signatures,
            KnownRequests known,
            Answer answer) {
        this.limits = limits;
        this.current = current;
        this.checks = checks;
        this.signatures = signatures;
        this.known = known;
        this.answer = answer;
    }

    /// @param digest what the answer is to name
    /// @param proposer the member that wants it
    void judge(Now now, Bytes digest, ReplicaId proposer, Batch batch) {
        List<SignedRequest> unknown = new ArrayList<>();
        if (!isOf(proposer, batch) || !isWellFormed(batch.payload(), unknown)) {
            answer.accept(now, digest, false);
            return;
        }
        if (unknown.isEmpty()) {
            answer.accept(now, digest, true);
            return;
        }
        long epoch = current.epoch();
        checks.check(
                now,
                () -> signatures.areGenuine(epoch, unknown),
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

    /// @param unknown gets the requests whose signatures are to be checked
    private boolean isWellFormed(Bytes payload, List<SignedRequest> unknown) {
        int largest = Math.max(limits.requestBytes(), Wish.MAX_BYTES) + MOST_AROUND;
        if (payload.size() > Math.max(limits.batchBytes(), largest)) {
            return false;
        }
        RequestCursor cursor = new RequestCursor();
        cursor.reset(payload);
        TreeSet<RequestName> others = new TreeSet<>();
        known.beginJudgement();
        while (cursor.next()) {
            boolean isNew =
                    switch (known.of(cursor)) {
                        case KNOWN -> true;
                        case REPEATED -> false;
                        case DIFFERENT -> unknown.add(SignedRequest.at(cursor));
                        case NO_SUCH_NAME ->
                                unknown.add(SignedRequest.at(cursor)) && others.add(nameOf(cursor));
                    };
            if (!isNew
                    || !signatures.isOneForm(cursor, limits)
                    || !isOfEpoch(cursor)
                    || cursor.length() > largestBody(cursor)
                    || cursor.index() >= Executor.MOST_REQUESTS) {
                return false;
            }
        }
        return !cursor.isMalformed();
    }

    private static RequestName nameOf(RequestCursor cursor) {
        return RequestName.of(cursor.kind(), cursor.client(), cursor.session(), cursor.sequence());
    }

    private int largestBody(RequestCursor cursor) {
        return cursor.kind() == RequestKind.WISH ? Wish.MAX_BYTES : limits.requestBytes();
    }

    /// A wish counts in the epoch that it ends.
    private boolean isOfEpoch(RequestCursor cursor) {
        return cursor.kind() != RequestKind.WISH || cursor.sequence() == current.epoch();
    }
}

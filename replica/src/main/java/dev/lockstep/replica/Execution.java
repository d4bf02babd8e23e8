package dev.lockstep.replica;

import dev.lockstep.core.Batch;
import dev.lockstep.core.Now;
import dev.lockstep.core.port.Snapshots;

/// What happens around the execution of one batch, in this order: it is executed, its state is
/// there for whoever has waited for it or takes a snapshot, whoever admitted it is told, and its
/// replies are compared.
final class Execution {

    private final Executor executor;
    private final Snapshots snapshots;
    private final DeliveredBatches delivered;
    private final StateFreezer freezer;
    private final SnapshotDuties duties;
    private final StateChecks checks;
    private final ReplyChain chain;
    private final Admission admission;
    private final Comparisons comparisons;
    private final Quarantine quarantine;

    Execution(
            Executor executor,
            Snapshots snapshots,
            DeliveredBatches delivered,
            StateFreezer freezer,
            SnapshotDuties duties,
            StateChecks checks,
            ReplyChain chain,
            Admission admission,
            Comparisons comparisons,
            Quarantine quarantine) {
        this.executor = executor;
        this.snapshots = snapshots;
        this.delivered = delivered;
        this.freezer = freezer;
        this.duties = duties;
        this.checks = checks;
        this.chain = chain;
        this.admission = admission;
        this.comparisons = comparisons;
        this.quarantine = quarantine;
    }

    /// @param isLive false while the journal is replayed
    void execute(Now now, long position, Batch batch, long timeNanos, boolean isLive) {
        if (quarantine.isOn()) {
            // The next epoch's protocol is told what was delivered.
            var _ = delivered.add(batch.id());
        } else {
            long begun = snapshots.stopwatchNanos();
            long beforeNanos = executor.timeNanos();
            executor.execute(position, batch, timeNanos);
            freezer.onPosition();
            duties.onExecuted(
                    now,
                    new SnapshotTaking.Executed(
                            position,
                            batch.payload().size(),
                            beforeNanos,
                            timeNanos,
                            snapshots.stopwatchNanos() - begun,
                            isLive));
            if (isLive) {
                checks.onExecuted(beforeNanos, timeNanos);
            }
        }
        admission.onExecuted(batch.id());
        if (!quarantine.isOn()) {
            comparisons.onExecuted(now, position, chain.digest(), isLive);
        }
    }
}

package dev.lockstep.ordering.stability;

import dev.lockstep.core.OrderTable;
import dev.lockstep.core.ReplicaId;
import dev.lockstep.ordering.stability.OpenCommands.Slot;

import java.util.ArrayList;
import java.util.List;

/// One member's table under fail-stop faults: the last requests that were executed, then all that
/// are not, with what each waits for.
final class FailStopTable {

    private static final List<String> COLUMNS = List.of("request", "CUID", "UID", "state");
    private static final String NONE = "-";

    private final FailStopSetup setup;
    private final FailStopStep step;
    private final OpenCommands open;
    private final FailStopLedger ledger;
    private final Progress progress;
    private final Assignment assignment;

    FailStopTable(
            FailStopSetup setup,
            FailStopStep step,
            OpenCommands open,
            FailStopLedger ledger,
            Progress progress,
            Assignment assignment) {
        this.setup = setup;
        this.step = step;
        this.open = open;
        this.ledger = ledger;
        this.progress = progress;
        this.assignment = assignment;
    }

    /// @param isWedged true if this member takes no part in the epoch any more
    OrderTable read(boolean isWedged) {
        List<List<String>> rows = new ArrayList<>();
        for (FailStopLedger.Finished done : ledger.latest()) {
            rows.add(
                    row(
                            done.mark().id(),
                            done.candidate(),
                            done.mark().timestamp(),
                            "executed at " + done.position()));
        }
        long stable = progress.stable();
        for (Slot slot : open.inOrder()) {
            Entry entry = slot.entry();
            String words = isWedged ? "waits for the end of the epoch" : state(slot, stable);
            rows.add(row(entry.id(), slot.candidate(), entry.isFixed() ? entry.value() : 0, words));
        }
        return new OrderTable(COLUMNS, rows);
    }

    private static List<String> row(CommandId id, long candidate, long uid, String words) {
        return List.of(id.toString(), number(candidate), number(uid), words);
    }

    private static String number(long id) {
        return id == 0 ? NONE : Long.toString(id);
    }

    private String state(Slot slot, long stable) {
        Entry entry = slot.entry();
        if (!entry.isFixed()) {
            ReplicaId origin = entry.id().origin();
            return origin.equals(setup.self())
                    ? "waits for the CUID of " + names(assignment.unanswered(entry.id()))
                    : "waits for the UID from " + origin;
        }
        if (entry.value() <= stable) {
            return "stable, waits for what comes before it";
        }
        return "waits for " + String.join(" and ", missing(slot));
    }

    private static String names(List<ReplicaId> members) {
        List<String> names = new ArrayList<>();
        members.forEach(member -> names.add(member.toString()));
        return String.join(", ", names);
    }

    /// Who has not said that it holds everything through a unique id.
    private List<String> missing(Slot slot) {
        long uid = slot.entry().value();
        List<String> missing = new ArrayList<>();
        if (slot.sequence() > step.durable()) {
            missing.add("the disk");
        } else if (progress.held() < uid) {
            missing.add("what may come before it");
        }
        for (int rank = 0; rank < setup.size(); rank++) {
            if (rank != setup.rank() && progress.through(rank) < uid) {
                missing.add(
                        "%s to hold all through it (%d)"
                                .formatted(setup.idAt(rank), progress.through(rank)));
            }
        }
        return missing;
    }
}

package dev.lockstep.ordering.stability;

import dev.lockstep.core.Batch;
import dev.lockstep.core.Effect;

import java.util.ArrayDeque;

/// What this member admitted, and what of it is under way.
final class Submissions {

    private final FailStopSetup setup;
    private final FailStopStep step;
    private final Progress progress;
    private final Assignment assignment;
    private final FailStopPost post;
    private final AgreedClock clock;
    private final ArrayDeque<Batch> waiting = new ArrayDeque<>();

    /// Of what waits and of what is under way.
    private long bytes;

    private int underWay;

    Submissions(
            FailStopSetup setup,
            FailStopStep step,
            Progress progress,
            Assignment assignment,
            FailStopPost post,
            AgreedClock clock) {
        this.setup = setup;
        this.step = step;
        this.progress = progress;
        this.assignment = assignment;
        this.post = post;
        this.clock = clock;
    }

    boolean wantsBatch() {
        return waiting.isEmpty() && underWay < setup.options().inFlight();
    }

    int size() {
        return waiting.size() + underWay;
    }

    void submit(Batch batch) {
        long limit = setup.options().pendingBytes();
        if (size() > 0 && bytes + batch.encodedSize() > limit) {
            step.emit(
                    new Effect.Refused<>(
                            batch.id(),
                            "more than pending-limit, " + limit + " bytes, would wait"));
            return;
        }
        bytes += batch.encodedSize();
        waiting.addLast(batch);
    }

    /// Proposes as many as may be under way.
    void propose() {
        while (!waiting.isEmpty() && underWay < setup.options().inFlight()) {
            Batch batch = waiting.removeFirst();
            underWay++;
            long number = progress.received(setup.rank()) + 1;
            CommandId id = new CommandId(setup.self(), number);
            progress.onReceived(setup.rank(), number);
            Entry entry = assignment.originate(id, clock.stamp(), batch);
            post.sendAll(new FailStopMessage.Propose(entry));
        }
    }

    void onDelivered(Entry entry) {
        if (entry.id().origin().equals(setup.self())) {
            underWay--;
            bytes -= entry.batch().encodedSize();
        }
    }
}

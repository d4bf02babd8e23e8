package dev.lockstep.node;

import dev.lockstep.journal.Preparation;
import dev.lockstep.journal.SegmentJournal;

import org.jspecify.annotations.Nullable;

import java.time.Duration;

/// One [Preparation] on a thread of its own.
final class BackgroundPreparation {

    private static final Duration PATIENCE = Duration.ofSeconds(2);

    private final Preparation preparation;
    private final Thread thread;

    /// Written by the thread before `done`.
    private @Nullable Throwable failure;

    private volatile boolean done;

    BackgroundPreparation(Preparation preparation, String name, Runnable wakeup) {
        this.preparation = preparation;
        this.thread =
                Thread.ofPlatform()
                        .daemon()
                        .name(name + "-prepare")
                        .start(
                                () -> {
                                    try {
                                        preparation.run();
                                    } catch (Throwable thrown) {
                                        failure = thrown;
                                    }
                                    done = true;
                                    wakeup.run();
                                });
    }

    boolean isDone() {
        return done;
    }

    /// Tells the journal, once done.
    void finish(SegmentJournal journal, String name) {
        Throwable thrown = failure;
        if (thrown != null) {
            throw new NodeFailure(
                    "%s cannot prepare its journal's next segment (%s): look after the disk, then start the replica again"
                            .formatted(name, thrown.getMessage()),
                    thrown);
        }
        journal.onPrepared(preparation);
    }

    /// Waits for the thread, a while.
    void await() {
        try {
            var _ = thread.join(PATIENCE);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}

package dev.lockstep.net;

import java.util.function.Consumer;

/// Tells of callers that never greet, such as a scanner's or a balancer's probes: of the first at
/// once, of those that follow in one line for each interval, however many they are.
///
/// Threading: the loop's thread.
final class SilenceLog {

    static final long INTERVAL_NANOS = 60_000_000_000L;

    private final Consumer<String> log;

    /// Runs a task after [#INTERVAL_NANOS].
    private final Consumer<Runnable> later;

    /// True while the interval lasts that began with the last line.
    private boolean waiting;

    /// Callers of the current interval that no line has told of.
    private int untold;

    private String last = "";

    SilenceLog(Consumer<String> log, Consumer<Runnable> later) {
        this.log = log;
        this.later = later;
    }

    /// A caller is disconnected because it has not greeted in time.
    void onSilent(String remote) {
        last = remote;
        if (waiting) {
            untold++;
            return;
        }
        log.accept("closing the connection of " + remote + ": no greeting within 5 s");
        begin();
    }

    private void begin() {
        waiting = true;
        later.accept(this::end);
    }

    private void end() {
        waiting = false;
        if (untold > 0) {
            log.accept(
                    "closed %d more connection%s without a greeting within the last minute, the last of %s"
                            .formatted(untold, untold == 1 ? "" : "s", last));
            untold = 0;
            begin();
        }
    }
}

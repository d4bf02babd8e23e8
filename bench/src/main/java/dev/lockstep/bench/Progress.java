package dev.lockstep.bench;

import java.io.PrintWriter;
import java.util.function.LongSupplier;

/// Tells on the error stream what is going on: on one line that is overwritten again and again, or
/// where nobody watches with a line now and then, so that a log shows that it goes on and does not
/// fill up.
final class Progress {

    private static final String CLEAR_LINE = "\r\u001b[K";

    /// Where nobody watches.
    private static final long BETWEEN_LINES_NANOS = 20_000_000_000L;

    private final PrintWriter out;
    private final boolean watched;
    private final LongSupplier nanos;
    private long saidAt;

    Progress(PrintWriter out, boolean watched) {
        this(out, watched, System::nanoTime);
    }

    /// @param nanos a clock that never goes back
    Progress(PrintWriter out, boolean watched, LongSupplier nanos) {
        this.out = out;
        this.watched = watched;
        this.nanos = nanos;
        this.saidAt = nanos.getAsLong();
    }

    void show(String text) {
        if (watched) {
            out.print(CLEAR_LINE + text);
            out.flush();
        } else if (nanos.getAsLong() - saidAt >= BETWEEN_LINES_NANOS) {
            saidAt = nanos.getAsLong();
            out.println(text);
            out.flush();
        }
    }

    void clear() {
        if (watched) {
            out.print(CLEAR_LINE);
            out.flush();
        }
    }
}

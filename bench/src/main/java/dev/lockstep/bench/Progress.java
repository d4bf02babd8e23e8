package dev.lockstep.bench;

import java.io.PrintWriter;

/// One line on the error stream that tells what is going on, overwritten again and again.
///
/// Nothing is shown where nobody watches, so that a log does not fill up with it.
final class Progress {

    private static final String CLEAR_LINE = "\r\u001b[K";

    private final PrintWriter out;
    private final boolean shown;

    Progress(PrintWriter out, boolean shown) {
        this.out = out;
        this.shown = shown;
    }

    void show(String text) {
        if (shown) {
            out.print(CLEAR_LINE + text);
            out.flush();
        }
    }

    void clear() {
        if (shown) {
            out.print(CLEAR_LINE);
            out.flush();
        }
    }
}

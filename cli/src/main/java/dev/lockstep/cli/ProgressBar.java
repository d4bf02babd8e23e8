package dev.lockstep.cli;

import java.io.PrintWriter;
import java.util.Locale;

/// How far something has come, on one line of a terminal; elsewhere nothing, because a log is not
/// redrawn.
final class ProgressBar {

    private static final int WIDTH = 30;
    private static final long REDRAW_NANOS = 100_000_000L;

    private final PrintWriter out;
    private final boolean isShown;
    private long drawnAt = System.nanoTime() - REDRAW_NANOS;
    private boolean isOnLine;

    private ProgressBar(PrintWriter out, boolean isShown) {
        this.out = out;
        this.isShown = isShown;
    }

    /// Draws on `out` if this process has a terminal.
    static ProgressBar on(PrintWriter out) {
        return new ProgressBar(out, StatusLine.isOnTerminal());
    }

    /// Draws on `out` in any case.
    static ProgressBar always(PrintWriter out) {
        return new ProgressBar(out, true);
    }

    /// False if nothing is drawn, because this is no terminal.
    boolean isShown() {
        return isShown;
    }

    void show(String what, long done, long all) {
        long now = System.nanoTime();
        if (!isShown || (done < all && now - drawnAt < REDRAW_NANOS)) {
            return;
        }
        drawnAt = now;
        isOnLine = true;
        double part = all <= 0 ? 1 : Math.clamp((double) done / all, 0, 1);
        int filled = (int) (part * WIDTH);
        out.print(
                String.format(
                        Locale.ROOT,
                        "\r%-9s [%s%s] %3d %%",
                        what,
                        "#".repeat(filled),
                        "-".repeat(WIDTH - filled),
                        (int) (part * 100)));
        out.flush();
    }

    /// Leaves the line, so that a sentence can follow.
    void end() {
        if (isOnLine) {
            isOnLine = false;
            out.println();
            out.flush();
        }
    }
}

package dev.lockstep.cli;

import org.jspecify.annotations.Nullable;

import java.io.Console;
import java.io.PrintWriter;
import java.util.Optional;
import java.util.function.Supplier;

/// One line of a terminal that says how far something has come and is written over again and again;
/// elsewhere nothing, because a log is not redrawn.
///
/// Threading: one thread at a time.
final class StatusLine {

    /// Shows nothing.
    static final StatusLine NONE = new StatusLine(null);

    private static final String CLEAR_LINE = "\r\u001b[K";
    private static final long REDRAW_NANOS = 100_000_000L;

    private final @Nullable PrintWriter out;
    private long drawnAt = System.nanoTime() - REDRAW_NANOS;
    private boolean isDrawn;

    private StatusLine(@Nullable PrintWriter out) {
        this.out = out;
    }

    /// On `out` if this process has a terminal.
    static StatusLine on(PrintWriter out) {
        return isOnTerminal() ? new StatusLine(out) : NONE;
    }

    /// On `out` in any case.
    static StatusLine always(PrintWriter out) {
        return new StatusLine(out);
    }

    /// True if somebody watches what this process prints.
    static boolean isOnTerminal() {
        return Optional.ofNullable(System.console()).filter(Console::isTerminal).isPresent();
    }

    /// Writes over what stood there, unless that was only just written.
    void show(Supplier<String> text) {
        long now = System.nanoTime();
        if (out == null || now - drawnAt < REDRAW_NANOS) {
            return;
        }
        drawnAt = now;
        isDrawn = true;
        out.print(CLEAR_LINE + text.get());
        out.flush();
    }

    /// Makes room for what is to stay; what is shown next is news, however soon it comes.
    void clear() {
        drawnAt = System.nanoTime() - REDRAW_NANOS;
        if (out != null && isDrawn) {
            isDrawn = false;
            out.print(CLEAR_LINE);
            out.flush();
        }
    }
}

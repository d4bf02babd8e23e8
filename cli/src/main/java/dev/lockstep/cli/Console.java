package dev.lockstep.cli;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;

import org.jspecify.annotations.Nullable;

import picocli.CommandLine.Model.CommandSpec;

import java.io.PrintWriter;
import java.util.Locale;
import java.util.Objects;

/// Where a command prints: lines for people on one stream, or one JSON value for scripts.
public final class Console {

    private static final ObjectMapper JSON =
            new ObjectMapper().configure(SerializationFeature.ORDER_MAP_ENTRIES_BY_KEYS, false);

    private final PrintWriter out;

    /// A console that prints to `out`.
    public Console(PrintWriter out) {
        this.out = out;
    }

    /// The console of a command that picocli has injected with its own description.
    public static Console of(@Nullable CommandSpec spec) {
        return new Console(Objects.requireNonNull(spec).commandLine().getOut());
    }

    /// Prints one line at once, so that somebody who watches sees it.
    @SuppressWarnings("AnnotateFormatMethod") // the annotation would be a dependency
    public void line(String format, @Nullable Object... arguments) {
        out.println(String.format(Locale.ROOT, format, arguments));
        out.flush();
    }

    /// Prints text that stays on its line, to be overwritten or continued.
    void part(String text) {
        out.print(text);
        out.flush();
    }

    /// Prints `value` as one line of JSON.
    public void json(@Nullable Object value) {
        try {
            out.println(JSON.writeValueAsString(value));
        } catch (JsonProcessingException e) {
            throw new IllegalArgumentException("not a JSON value: " + value, e);
        }
        out.flush();
    }
}

package dev.lockstep.testkit.history;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;

/// Why a history is not linearizable: the few operations that no order explains.
///
/// @param key the object they are about
/// @param culprit the operation by whose return it is certain
/// @param needed operations that contradict each other, by invocation, the culprit among them: none
///     of them can be left out
/// @param others those that overlap the window besides; whether they take effect or not does not
///     help
/// @param statesBefore what the object may hold at the beginning of the window, as text; empty if
///     that is not known
/// @param operations how many operations on that key were looked at
/// @param callers what the text and the drawing call those who called
public record Window(
        String key,
        Operation culprit,
        List<Operation> needed,
        List<Operation> others,
        List<String> statesBefore,
        int operations,
        Callers callers) {

    /// How many of what does not help are printed.
    private static final int MOST_OTHERS = 12;

    private static final int MOST_STATES = 5;

    /// A window of sessions.
    Window(
            String key,
            Operation culprit,
            List<Operation> needed,
            List<Operation> others,
            List<String> statesBefore,
            int operations) {
        this(key, culprit, needed, others, statesBefore, operations, Callers.SESSIONS);
    }

    /// The same with sessions called what they are in a history that [JepsenFile] has read.
    public Window ofProcesses() {
        return new Window(
                key, culprit, needed, others, statesBefore, operations, Callers.PROCESSES);
    }

    /// An operation as the text calls it, with times as they stand in the history, such as
    /// `set(5) = ok on x, 120 to 140, session 7`.
    public String describe(Operation operation) {
        return operation.describe(callers);
    }

    /// The window, as lines for people.
    public String text() {
        List<String> lines = new ArrayList<>();
        lines.add("no order explains " + deed(culprit) + caller() + " on " + name());
        lines.add("");
        lines.add(
                "The smallest window, %,d of %,d operations on %s:"
                        .formatted(needed.size(), operations, name()));
        lines.add("");
        lines.add("  " + before());
        lines.addAll(rows(needed));
        lines.add("");
        if (!others.isEmpty()) {
            lines.add(
                    others.size() == 1
                            ? "It does not help whether this one took effect or not:"
                            : "It does not help which of these took effect or not:");
            lines.add("");
            int hidden = Math.max(0, others.size() - MOST_OTHERS);
            if (hidden > 0) {
                lines.add("    %,d earlier, and".formatted(hidden));
            }
            lines.addAll(rows(others.subList(hidden, others.size())));
            lines.add("");
        }
        lines.add("Times begin at %,d.".formatted(beginsAt()));
        return String.join("\n", lines);
    }

    /// The window as a drawing: one line for each session, a bar from each invocation to its
    /// return.
    public String svg() {
        return new WindowDrawing(this).svg();
    }

    String name() {
        return key.isEmpty() ? "the object" : key;
    }

    /// What is known about the object at the beginning.
    String before() {
        if (statesBefore.isEmpty()) {
            return "before, " + name() + " may have been this or that";
        }
        if (statesBefore.size() == 1) {
            return "before, " + name() + " was " + statesBefore.getFirst();
        }
        String some = statesBefore.stream().limit(MOST_STATES).collect(Collectors.joining(" or "));
        return "before, "
                + name()
                + " was "
                + some
                + (statesBefore.size() > MOST_STATES
                        ? " or one of " + (statesBefore.size() - MOST_STATES) + " others"
                        : "");
    }

    long beginsAt() {
        return all().stream().mapToLong(Operation::invokedAt).min().orElse(0);
    }

    /// Everything in the window, by invocation.
    List<Operation> all() {
        List<Operation> all = new ArrayList<>(needed);
        all.addAll(others);
        all.sort(Comparator.comparingLong(Operation::invokedAt));
        return all;
    }

    /// Such as `set(5) = ok`.
    static String deed(Operation operation) {
        return operation.function()
                + "("
                + operation.argument()
                + ") = "
                + (operation.result() == null ? "?" : operation.result());
    }

    private String caller() {
        return culprit.session() == 0 ? "" : " by " + lane(culprit);
    }

    private List<String> rows(List<Operation> some) {
        int widest = all().stream().mapToInt(one -> deed(one).length()).max().orElse(0);
        int callers = all().stream().mapToInt(one -> lane(one).length()).max().orElse(0);
        List<String> rows = new ArrayList<>();
        for (Operation operation : some) {
            rows.add(
                    "  %s %s  %s  %s"
                            .formatted(
                                    operation.equals(culprit) ? ">" : " ",
                                    pad(lane(operation), callers),
                                    pad(deed(operation), widest),
                                    times(operation)));
        }
        return rows;
    }

    private static String pad(String text, int width) {
        return text + " ".repeat(width - text.length());
    }

    String lane(Operation operation) {
        return callers.nameOf(operation);
    }

    private String times(Operation operation) {
        long begin = beginsAt();
        return String.format(Locale.ROOT, "%,d to ", operation.invokedAt() - begin)
                + (operation.isComplete()
                        ? String.format(Locale.ROOT, "%,d", operation.returnedAt() - begin)
                        : "…");
    }
}

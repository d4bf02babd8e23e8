package dev.lockstep.ordering.leader;

import dev.lockstep.core.ReplicaId;

import java.util.ArrayList;
import java.util.List;

/// What one occasion made a member do, in words.
final class ScenarioAccount {

    /// @param beginning the words up to what is listed, such as `executes `
    /// @param items what is listed, joined
    /// @param isNews true if a summary is to tell it
    private record Line(String beginning, String items, boolean isNews) {
        String text() {
            return beginning + items;
        }
    }

    static final String SENDS = "sends ";
    static final String WAITS = "waits for its sync to send ";

    private final ReplicaId who;
    private final String occasion;
    private final List<Line> lines = new ArrayList<>();

    ScenarioAccount(ReplicaId who, String occasion) {
        this.who = who;
        this.occasion = occasion;
    }

    /// The same lines, of another occasion.
    ScenarioAccount of(String newOccasion) {
        ScenarioAccount renamed = new ScenarioAccount(who, newOccasion);
        renamed.lines.addAll(lines);
        return renamed;
    }

    boolean hasNews() {
        return lines.stream().anyMatch(Line::isNews);
    }

    /// True if a message was sent, or will be after a sync.
    boolean hasSent() {
        return lines.stream()
                .anyMatch(
                        line ->
                                line.beginning().startsWith(SENDS)
                                        || line.beginning().startsWith(WAITS));
    }

    /// Something of which there may be more: what begins alike in a row shares a line.
    void list(String beginning, String item, boolean isNews) {
        if (!lines.isEmpty()) {
            Line last = lines.getLast();
            if (last.beginning().equals(beginning) && last.isNews() == isNews) {
                lines.removeLast();
                lines.add(new Line(beginning, last.items() + ", " + item, isNews));
                return;
            }
        }
        lines.add(new Line(beginning, item, isNews));
    }

    /// Something that a summary leaves out.
    void tell(String text) {
        lines.add(new Line(text, "", false));
    }

    /// Something that a summary tells too.
    void news(String text) {
        lines.add(new Line(text, "", true));
    }

    /// The occasion, and below it everything that came of it.
    List<String> inFull() {
        List<String> all = new ArrayList<>();
        all.add(occasion.startsWith("'") ? who + occasion : who + " " + occasion);
        lines.forEach(line -> all.add("  " + line.text()));
        return all;
    }

    /// What decides something for good or changes a role, one line each.
    List<String> inShort() {
        return lines.stream().filter(Line::isNews).map(line -> who + " " + line.text()).toList();
    }
}

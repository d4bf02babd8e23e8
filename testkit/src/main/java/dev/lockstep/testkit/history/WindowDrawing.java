package dev.lockstep.testkit.history;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;

/// Draws a [Window]. Time runs to the right, event by event, each given the room that its label
/// needs: what matters is which came first, not by how much.
final class WindowDrawing {

    private static final int MARGIN = 24;
    private static final int LANE_LABEL = 110;
    private static final int LANE_HEIGHT = 44;
    private static final int BAR_HEIGHT = 28;
    private static final int HEAD = 84;
    private static final int STEP = 22;
    private static final int LEAST_WIDTH = 560;
    private static final double CHARACTER = 7.4;
    private static final int MOST_CHARACTERS = 48;

    private final Window window;
    private final List<Operation> operations;
    private final Map<Operation, Integer> lanes = new HashMap<>();
    private final List<String> laneNames = new ArrayList<>();
    private final Map<Long, Integer> ranks = new HashMap<>();
    private final double[] places;

    WindowDrawing(Window window) {
        this.window = window;
        this.operations = window.all();
        assignLanes();
        TreeSet<Long> moments = new TreeSet<>();
        for (Operation operation : operations) {
            moments.add(operation.invokedAt());
            if (operation.isComplete()) {
                moments.add(operation.returnedAt());
            }
        }
        for (long moment : moments) {
            ranks.put(moment, ranks.size());
        }
        places = place();
    }

    /// One lane a session, more where a session's operations overlap; those of no session share
    /// lanes.
    private void assignLanes() {
        Map<Long, List<Integer>> ofSession = new LinkedHashMap<>();
        Map<Integer, Long> freeAt = new HashMap<>();
        for (Operation operation : bySession()) {
            List<Integer> own =
                    ofSession.computeIfAbsent(operation.session(), _ -> new ArrayList<>());
            int lane = -1;
            for (int candidate : own) {
                if (lane < 0
                        && freeAt.getOrDefault(candidate, Long.MIN_VALUE) < operation.invokedAt()) {
                    lane = candidate;
                }
            }
            if (lane < 0) {
                lane = laneNames.size();
                laneNames.add(window.lane(operation));
                own.add(lane);
            }
            freeAt.put(lane, operation.returnedAt());
            lanes.put(operation, lane);
        }
    }

    /// Those of no session last.
    private List<Operation> bySession() {
        List<Operation> sorted = new ArrayList<>(operations);
        sorted.sort((one, other) -> Long.compareUnsigned(one.session() - 1, other.session() - 1));
        return sorted;
    }

    /// Where each moment is drawn: every bar is as wide as its label.
    private double[] place() {
        double[] at = new double[ranks.size() + 1];
        Arrays.fill(at, MARGIN + LANE_LABEL);
        List<Operation> byReturn = new ArrayList<>(operations);
        for (int rank = 0; rank < at.length; rank++) {
            if (rank > 0) {
                at[rank] = Math.max(at[rank], at[rank - 1] + STEP);
            }
            for (Operation operation : byReturn) {
                if (endOf(operation) == rank) {
                    at[rank] = Math.max(at[rank], at[startOf(operation)] + labelWidth(operation));
                }
            }
        }
        int last = at.length - 1;
        at[last] = Math.max(at[last], LEAST_WIDTH);
        return at;
    }

    private int startOf(Operation operation) {
        return ranks.getOrDefault(operation.invokedAt(), 0);
    }

    private int endOf(Operation operation) {
        return operation.isComplete()
                ? ranks.getOrDefault(operation.returnedAt(), 0)
                : ranks.size();
    }

    private static double labelWidth(Operation operation) {
        return label(operation).length() * CHARACTER + 16;
    }

    private static String label(Operation operation) {
        String deed = Window.deed(operation);
        return deed.length() <= MOST_CHARACTERS
                ? deed
                : deed.substring(0, MOST_CHARACTERS - 1) + "…";
    }

    String svg() {
        double width = places[places.length - 1] + MARGIN;
        int height = HEAD + laneNames.size() * LANE_HEIGHT + 52;
        StringBuilder svg = new StringBuilder();
        svg.append(
                """
                <svg xmlns="http://www.w3.org/2000/svg" width="%.0f" height="%d" \
                viewBox="0 0 %.0f %d" font-family="DejaVu Sans Mono, Menlo, Consolas, monospace" \
                font-size="12">
                <rect width="100%%" height="100%%" fill="#ffffff"/>
                """
                        .formatted(width, height, width, height));
        text(svg, MARGIN, 30, "#1a202c", "font-size=\"15\" font-weight=\"bold\"", title());
        text(svg, MARGIN, 54, "#4a5568", "", window.before());
        for (int lane = 0; lane < laneNames.size(); lane++) {
            int middle = middle(lane);
            text(svg, MARGIN, middle + 4, "#1a202c", "", laneNames.get(lane));
            svg.append(
                    "<line x1=\"%d\" y1=\"%d\" x2=\"%.0f\" y2=\"%d\" stroke=\"#e2e8f0\"/>\n"
                            .formatted(MARGIN + LANE_LABEL, middle, width - MARGIN, middle));
        }
        operations.forEach(operation -> bar(svg, operation));
        legend(svg, height - 22);
        return svg.append("</svg>\n").toString();
    }

    private String title() {
        return "No order explains " + label(window.culprit()) + " on " + window.name();
    }

    private static int middle(int lane) {
        return HEAD + lane * LANE_HEIGHT + LANE_HEIGHT / 2;
    }

    private void bar(StringBuilder svg, Operation operation) {
        double from = places[startOf(operation)];
        double to = places[endOf(operation)];
        int top = middle(lanes.getOrDefault(operation, 0)) - BAR_HEIGHT / 2;
        Style style = styleOf(operation);
        svg.append("<g><title>").append(escape(window.describe(operation))).append("</title>\n");
        // What never returned has no right end.
        svg.append(
                operation.isComplete()
                        ? "<rect x=\"%.1f\" y=\"%d\" width=\"%.1f\" height=\"%d\" rx=\"4\" %s/>\n"
                                .formatted(from, top, to - from, BAR_HEIGHT, style.shape())
                        : "<path d=\"M%.1f,%d H%.1f v%d H%.1f\" stroke-dasharray=\"5,3\" %s/>\n"
                                .formatted(to, top, from, BAR_HEIGHT, to, style.shape()));
        text(svg, from + 8, top + 18, style.text(), "", label(operation));
        svg.append("</g>\n");
    }

    private record Style(String shape, String text) {}

    private Style styleOf(Operation operation) {
        if (operation.equals(window.culprit())) {
            return new Style("fill=\"#c53030\" stroke=\"#742a2a\" stroke-width=\"2\"", "#ffffff");
        }
        return window.needed().contains(operation)
                ? new Style("fill=\"#2b6cb0\" stroke=\"#2a4365\"", "#ffffff")
                : new Style("fill=\"#edf2f7\" stroke=\"#a0aec0\"", "#4a5568");
    }

    private void legend(StringBuilder svg, int baseline) {
        String[] colors = {"#c53030", "#2b6cb0", "#edf2f7"};
        String[] words = {"certain by its return", "cannot be left out", "does not help"};
        double x = MARGIN;
        for (int i = 0; i < colors.length; i++) {
            svg.append(
                    "<rect x=\"%.0f\" y=\"%d\" width=\"12\" height=\"12\" fill=\"%s\" stroke=\"#a0aec0\"/>\n"
                            .formatted(x, baseline - 10, colors[i]));
            text(svg, x + 18, baseline, "#4a5568", "", words[i]);
            x += 18 + words[i].length() * CHARACTER + 24;
        }
    }

    private static void text(
            StringBuilder svg, double x, int y, String fill, String more, String words) {
        svg.append(
                "<text x=\"%.1f\" y=\"%d\" fill=\"%s\" %s>%s</text>\n"
                        .formatted(x, y, fill, more, escape(words)));
    }

    private static String escape(String text) {
        StringBuilder escaped = new StringBuilder();
        text.codePoints()
                .forEach(
                        c -> {
                            switch (c) {
                                case '<' -> escaped.append("&lt;");
                                case '>' -> escaped.append("&gt;");
                                case '&' -> escaped.append("&amp;");
                                case '"' -> escaped.append("&quot;");
                                default -> escaped.appendCodePoint(isOfXml(c) ? c : '?');
                            }
                        });
        return escaped.toString();
    }

    /// False for what XML has no way to say: controls, halves of characters, and no characters.
    private static boolean isOfXml(int c) {
        int type = Character.getType(c);
        return type != Character.CONTROL && type != Character.SURROGATE && (c & 0xfffe) != 0xfffe;
    }
}

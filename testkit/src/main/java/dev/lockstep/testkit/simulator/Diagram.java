package dev.lockstep.testkit.simulator;

import dev.lockstep.testkit.simulator.DiagramScene.Band;
import dev.lockstep.testkit.simulator.DiagramScene.Message;
import dev.lockstep.testkit.simulator.DiagramScene.Spot;
import dev.lockstep.testkit.simulator.DiagramScene.Stretch;
import dev.lockstep.testkit.simulator.Happening.Sign;

import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.TreeMap;

/// Draws a [DiagramScene] as a space-time diagram: a line for every replica and client, time going
/// down, messages as arrows from where and when they are sent to where and when they arrive.
final class Diagram {

    private static final double AXIS = 92;
    private static final double COLUMN = 158;

    /// Room for what the last line's labels say.
    private static final double MARGIN = 104;

    private static final double LETTER = 5.3;
    private static final double LABEL_HEIGHT = 10.5;
    private static final int MOST_LETTERS = 30;

    /// Where along its arrow a label may be, the best place first.
    private static final double[] FRACTIONS = {0.5, 0.36, 0.64, 0.24, 0.76, 0.14, 0.86};

    private static final String[] COLORS = {
        "#1f77b4", "#d95f02", "#7b3fa0", "#2a9d3a", "#c2185b", "#8c564b", "#00838f", "#6d7500",
        "#3949ab", "#ad5b00", "#00695c", "#9c27b0"
    };

    private static final String STYLE =
            "text{font-family:'DejaVu Sans Mono','Liberation Mono',Menlo,Consolas,monospace;"
                    + "font-size:9px;fill:#222}"
                    + ".l{paint-order:stroke;stroke:#fff;stroke-width:2.6px;stroke-linejoin:round}"
                    + ".h{font-size:12px;font-weight:bold}"
                    + ".t{font-size:13px;font-weight:bold}"
                    + ".s{fill:#666}";

    private final DiagramScene scene;
    private final Svg svg = new Svg();

    /// Labels are drawn over everything else, but in the order of their importance.
    private final Svg labels = new Svg();

    private final LabelPlaces places = new LabelPlaces();
    private final TreeMap<String, String> colors = new TreeMap<>();
    private final double width;
    private final List<String> title;
    private final double legendTop;
    private final double top;
    private final DiagramScale scale;

    Diagram(DiagramScene scene) {
        this.scene = scene;
        this.width = AXIS + COLUMN * Math.max(4.5, scene.lines.size()) + MARGIN;
        this.title = wrapped(scene.outcome, (int) ((width - 40) / 7.9));
        List<String> kinds = scene.kinds();
        for (int i = 0; i < kinds.size(); i++) {
            colors.put(kinds.get(i), COLORS[i % COLORS.length]);
        }
        this.legendTop = 26 + 17.0 * title.size() + 18;
        this.top = legendTop + legend(false) + 56;
        this.scale = new DiagramScale(scene.moments, top);
    }

    /// The whole document.
    String svg() {
        double height = scale.bottom() + 60;
        svg.open(
                "svg",
                "xmlns",
                "http://www.w3.org/2000/svg",
                "width",
                width,
                "height",
                height,
                "viewBox",
                "0 0 " + Math.round(width) + " " + Math.round(height));
        svg.text("style", STYLE);
        svg.empty("rect", "width", "100%", "height", "100%", "fill", "#ffffff");
        head();
        legend(true);
        scene.bands.forEach(this::band);
        axis();
        scene.lines.forEach(this::line);
        scene.standing.forEach(this::standing);
        List<Spot> loud = new ArrayList<>();
        List<Spot> quiet = new ArrayList<>();
        scene.spots.forEach(spot -> (Glyph.of(spot.sign()).isLabelled() ? loud : quiet).add(spot));
        scene.spots.forEach(spot -> places.take(x(spot.line()) - 5, y(spot) - 5, 10, 10));
        loud.forEach(this::label);
        scene.messages.forEach(this::arrow);
        scene.messages.forEach(this::label);
        quiet.forEach(this::label);
        svg.add(labels);
        scene.spots.forEach(this::spot);
        broken();
        svg.close("svg");
        return svg.toString();
    }

    private double x(int line) {
        return AXIS + COLUMN * (scene.lines.indexOf(line) + 0.5);
    }

    private double y(Spot spot) {
        return scale.y(spot.atNanos());
    }

    private static String ms(long nanos) {
        return "%,.3f".formatted(nanos / 1e6);
    }

    private void head() {
        double y = 26;
        for (String row : title) {
            String color = scene.isBroken ? "#c0182b" : "#1a7f37";
            svg.text("text", row, "x", 20.0, "y", y, "class", "t", "style", "fill:" + color);
            y += 17;
        }
        String repeated =
                scene.repetitions == 0
                        ? ""
                        : "; left out: %,d that say what the one before them said"
                                .formatted(scene.repetitions);
        String shown =
                "from %s to %s ms of simulated time, which goes down; %,d messages and marks%s"
                        .formatted(
                                ms(scene.fromNanos), ms(scene.toNanos), scene.events(), repeated);
        svg.text("text", shown, "x", 20.0, "y", y, "class", "s");
    }

    /// Draws the legend, or only says how high it is.
    private double legend(boolean isDrawn) {
        Flow flow = new Flow(legendTop, width);
        colors.forEach(
                (kind, color) -> {
                    flow.next(kind);
                    if (isDrawn) {
                        head(flow.x + 16, flow.y - 3, 1, 0, color);
                        rule(flow.x, flow.y - 3, flow.x + 12, flow.y - 3, color, "");
                        svg.text("text", kind, "x", flow.x + 20, "y", flow.y);
                    }
                });
        flow.next("lost");
        if (isDrawn) {
            rule(flow.x, flow.y - 3, flow.x + 12, flow.y - 3, "#777777", "4 2");
            cross(flow.x + 13, flow.y - 3);
            svg.text("text", "lost", "x", flow.x + 20, "y", flow.y);
        }
        flow.newRow();
        EnumSet<Sign> signs = EnumSet.noneOf(Sign.class);
        scene.spots.forEach(spot -> signs.add(spot.sign()));
        for (Sign sign : signs) {
            Glyph glyph = Glyph.of(sign);
            flow.next(glyph.words());
            if (isDrawn) {
                glyph(glyph, flow.x + 8, flow.y - 3);
                svg.text("text", glyph.words(), "x", flow.x + 20, "y", flow.y);
            }
        }
        return flow.y - legendTop;
    }

    /// Entries of the legend, side by side while there is room.
    private static final class Flow {
        private final double width;
        private double x = 20;
        private double y;
        private double taken;

        Flow(double top, double width) {
            this.y = top;
            this.width = width;
        }

        void next(String words) {
            x += taken;
            taken = 20 + LETTER * words.length() + 16;
            if (x + taken > width) {
                newRow();
                taken = 20 + LETTER * words.length() + 16;
            }
        }

        void newRow() {
            x = 20;
            y += 15;
            taken = 0;
        }
    }

    private void band(Band band) {
        double from = scale.y(band.fromNanos());
        double to = scale.y(band.toNanos());
        svg.open("g");
        svg.text("title", band.text() + " from " + ms(band.fromNanos()) + " ms");
        svg.empty(
                "rect",
                "x",
                AXIS - 8,
                "y",
                from,
                "width",
                width - AXIS,
                "height",
                Math.max(3, to - from),
                "fill",
                "#c0182b",
                "fill-opacity",
                "0.07");
        svg.close("g");
        String words = shortened(band.text(), (int) ((width - AXIS) / LETTER) - 4);
        places.take(AXIS - 4, from - 1, LETTER * words.length(), LABEL_HEIGHT);
        svg.text("text", words, "x", AXIS - 4, "y", from + 8, "style", "fill:#c0182b");
    }

    private void axis() {
        double last = -100;
        for (var place : scale.places().entrySet()) {
            double y = place.getValue();
            if (y - last >= 13) {
                String at = ms(place.getKey());
                svg.text(
                        "text", at, "x", AXIS - 14, "y", y + 3, "text-anchor", "end", "class", "s");
                rule(AXIS - 11, y, AXIS - 7, y, "#999999", "");
                last = y;
            }
        }
        scale.gaps()
                .forEach(
                        (from, to) -> {
                            double y = (scale.y(from) + scale.y(to)) / 2;
                            svg.open("g");
                            svg.text("title", ms(to - from) + " ms in which nothing is drawn");
                            svg.empty(
                                    "path",
                                    "d",
                                    "M" + (AXIS - 8) + "," + Math.round(y) + "l3,-4l3,8l3,-4",
                                    "fill",
                                    "none",
                                    "stroke",
                                    "#999999");
                            svg.close("g");
                        });
    }

    private void line(int line) {
        double x = x(line);
        String name = scene.names.get(line);
        for (double y : new double[] {top - 22, scale.bottom() + 34}) {
            svg.text("text", name, "x", x, "y", y, "class", "h", "text-anchor", "middle");
        }
        rule(x, top - 14, x, scale.bottom() + 18, "#bbbbbb", "1 4");
        for (Stretch led : scene.leading) {
            if (led.line() == line) {
                svg.open("g");
                svg.text("title", name + " leads");
                bar(x, led, 9, "#f2c94c", "0.75");
                svg.close("g");
            }
        }
        for (Stretch run : scene.running) {
            if (run.line() == line) {
                rule(x, scale.y(run.fromNanos()), x, scale.y(run.toNanos()), "#444444", "");
            }
        }
    }

    private void bar(double x, Stretch stretch, double thick, String color, String opacity) {
        double from = scale.y(stretch.fromNanos());
        double to = scale.y(stretch.toNanos());
        svg.empty(
                "rect",
                "x",
                x - thick / 2,
                "y",
                from,
                "width",
                thick,
                "height",
                Math.max(2, to - from),
                "fill",
                color,
                "fill-opacity",
                opacity);
    }

    private void standing(Stretch stretch) {
        double x = x(stretch.line());
        svg.open("g");
        svg.text(
                "title",
                scene.names.get(stretch.line())
                        + " stands still from "
                        + ms(stretch.fromNanos())
                        + " to "
                        + ms(stretch.toNanos())
                        + " ms");
        bar(x, stretch, 15, "#7a7a9d", "0.45");
        svg.close("g");
        double y = scale.y(stretch.fromNanos()) + 9;
        String words = "stands still";
        if (places.claim(x + 10, y - 8, LETTER * words.length(), LABEL_HEIGHT)) {
            svg.text("text", words, "x", x + 10, "y", y, "class", "l");
        }
    }

    private void arrow(Message message) {
        String color = colors.getOrDefault(message.kind, "#777777");
        svg.open("g");
        svg.text("title", title(message));
        double y = scale.y(message.sentAt);
        double fromX = x(message.from);
        double toX = x(message.to);
        if (message.arrivals.isEmpty()) {
            double end = scale.y(Math.min(message.lostAt, scene.toNanos));
            double endX = fromX + (toX - fromX) * (message.isLost() ? 0.72 : 0.5);
            double endY = y + (Math.max(end, y + 6) - y) * (message.isLost() ? 0.72 : 0.5);
            rule(fromX, y, endX, endY, color, "4 2");
            if (message.isLost()) {
                cross(endX, endY);
            }
        }
        for (int i = 0; i < message.arrivals.size(); i++) {
            double end = scale.y(message.arrivals.get(i));
            rule(fromX, y, toX, end, color, i == 0 ? "" : "1.5 2.5");
            head(toX, end, toX - fromX, end - y, color);
        }
        svg.close("g");
    }

    private String title(Message message) {
        StringBuilder text = new StringBuilder();
        text.append(scene.names.get(message.from)).append(" → ");
        text.append(scene.names.get(message.to)).append(", sent at ").append(ms(message.sentAt));
        for (long at : message.arrivals) {
            text.append(", arrives at ").append(ms(at));
        }
        if (message.isLost()) {
            text.append(", lost");
        }
        return text.append("\n").append(message.text).toString();
    }

    private void label(Message message) {
        String words = shortened(message.label, MOST_LETTERS);
        if (words.isEmpty()) {
            return;
        }
        double y = scale.y(message.sentAt);
        double end = message.arrivals.isEmpty() ? y + 6 : scale.y(message.arrivals.getFirst());
        double reach = message.arrivals.isEmpty() ? 0.72 : 1;
        double across = (x(message.to) - x(message.from)) * reach;
        double down = end - y;
        double angle = Math.atan(down / across);
        double wide = LETTER * (words.length() + 1) * Math.cos(angle);
        double high = LABEL_HEIGHT + LETTER * words.length() * Math.abs(Math.sin(angle)) * 0.7;
        for (double fraction : FRACTIONS) {
            double atX = x(message.from) + across * fraction;
            double atY = y + down * fraction;
            if (places.claim(atX - wide / 2, atY - 2 - high / 2 - 4, wide, high)) {
                labels.text(
                        "text",
                        words,
                        "transform",
                        "translate(%s,%s) rotate(%s)"
                                .formatted(tenths(atX), tenths(atY), tenths(Math.toDegrees(angle))),
                        "y",
                        -2.0,
                        "class",
                        "l",
                        "text-anchor",
                        "middle",
                        "style",
                        "fill:" + colors.getOrDefault(message.kind, "#777777"));
                return;
            }
        }
    }

    /// What stands beside a mark: `deliver 7`, or `deliver 7..9` for three.
    private static String words(Spot spot) {
        String first = spot.texts().getFirst();
        if (spot.sign() == Sign.INVOKE || spot.sign() == Sign.LEARN) {
            return first;
        }
        String head = first.split(":", 2)[0];
        String last = spot.texts().getLast().split(":", 2)[0];
        return spot.texts().size() == 1
                ? head
                : head + ".." + last.substring(last.lastIndexOf(' ') + 1);
    }

    private void label(Spot spot) {
        String words = shortened(words(spot), MOST_LETTERS);
        double wide = LETTER * words.length();
        double right = x(spot.line()) + 8;
        double left = x(spot.line()) - 8 - wide;
        double y = y(spot) + 3;
        String weight = Glyph.of(spot.sign()).isLabelled() ? ";font-weight:bold" : "";
        for (double at : new double[] {right, left}) {
            if (places.claim(at, y - 8, wide, LABEL_HEIGHT)) {
                labels.text(
                        "text",
                        words,
                        "x",
                        at,
                        "y",
                        y,
                        "class",
                        "l",
                        "style",
                        "fill:" + Glyph.of(spot.sign()).color() + weight);
                return;
            }
        }
    }

    private void spot(Spot spot) {
        svg.open("g");
        svg.text(
                "title",
                scene.names.get(spot.line())
                        + " at "
                        + ms(spot.atNanos())
                        + " ms\n"
                        + String.join("\n", spot.texts()));
        glyph(Glyph.of(spot.sign()), x(spot.line()), y(spot));
        svg.close("g");
    }

    private void glyph(Glyph glyph, double x, double y) {
        svg.empty(
                "path",
                "d",
                glyph.path(),
                "transform",
                "translate(" + Math.round(x) + "," + Math.round(y) + ")",
                "fill",
                glyph.isFilled() ? glyph.color() : "#ffffff",
                "stroke",
                glyph.color(),
                "stroke-width",
                "1.4");
    }

    /// Where and when the promise was broken: on a line if one is known, else on all.
    private void broken() {
        if (!scene.isBroken || scene.brokenAt > scene.toNanos) {
            return;
        }
        double y = scale.y(scene.brokenAt);
        String color = "#c0182b";
        svg.open("g", "class", "broken");
        svg.text("title", scene.outcome);
        rule(AXIS - 8, y, width - 8, y, color, "6 3");
        String name = scene.brokenName();
        if (name != null) {
            svg.empty(
                    "circle",
                    "cx",
                    x(scene.brokenLine),
                    "cy",
                    y,
                    "r",
                    9.0,
                    "fill",
                    "none",
                    "stroke",
                    color,
                    "stroke-width",
                    "2.5");
        }
        String where =
                name == null
                        ? "the promise is broken here"
                        : "the promise is broken here, at " + name;
        svg.text("text", where, "x", AXIS, "y", y + 15, "class", "h l", "style", "fill:" + color);
        svg.close("g");
    }

    private void rule(double x1, double y1, double x2, double y2, String color, String dashes) {
        svg.empty(
                "path",
                "d",
                "M%s,%sL%s,%s".formatted(tenths(x1), tenths(y1), tenths(x2), tenths(y2)),
                "fill",
                "none",
                "stroke",
                color,
                "stroke-width",
                "1.1",
                "stroke-dasharray",
                dashes.isEmpty() ? "none" : dashes);
    }

    private static String tenths(double value) {
        return Double.toString(Math.round(value * 10) / 10.0);
    }

    /// The point of an arrow that comes from the direction of -`dx`, -`dy`.
    private void head(double x, double y, double dx, double dy, String color) {
        double angle = Math.toDegrees(Math.atan2(dy, dx));
        svg.empty(
                "path",
                "d",
                "M0,0L-7,-3L-7,3Z",
                "fill",
                color,
                "transform",
                "translate(%s,%s) rotate(%s)".formatted(tenths(x), tenths(y), tenths(angle)));
    }

    private void cross(double x, double y) {
        svg.empty(
                "path",
                "d",
                "M%s,%sl7,7m0,-7l-7,7".formatted(tenths(x - 3.5), tenths(y - 3.5)),
                "fill",
                "none",
                "stroke",
                "#c0182b",
                "stroke-width",
                "1.6");
    }

    private static String shortened(String text, int most) {
        return text.length() <= most ? text : text.substring(0, most - 1) + "…";
    }

    private static List<String> wrapped(String text, int letters) {
        List<String> rows = new ArrayList<>();
        for (String paragraph : text.split("\n", -1)) {
            StringBuilder row = new StringBuilder();
            for (String word : paragraph.split(" ", -1)) {
                if (!row.isEmpty() && row.length() + word.length() >= letters) {
                    rows.add(row.toString());
                    row.setLength(0);
                }
                row.append(row.isEmpty() ? "" : " ").append(word);
            }
            rows.add(row.toString());
        }
        return rows.size() <= 8 ? rows : rows.subList(0, 8);
    }
}

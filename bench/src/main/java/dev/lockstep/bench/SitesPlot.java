package dev.lockstep.bench;

import java.util.List;
import java.util.Locale;
import java.util.function.Function;

/// Draws what was measured at several sites: for each site and order a bar as high as the median, a
/// line up to the 99th percentile, and a mark where the formula is.
final class SitesPlot {

    private static final int WIDTH = 980;
    private static final int HEIGHT = 430;
    private static final int LEFT = 60;
    private static final int GAP = 40;
    private static final int TOP = 86;
    private static final int BOTTOM = 60;
    private static final int PANEL = (WIDTH - LEFT - GAP - 20) / 2;
    private static final int STEPS = 5;
    private static final double BAR_SHARE = 0.8;

    /// A percentile further up than so many formulas is written, not drawn to scale.
    private static final double MOST_FORMULAS = 2;

    private static final String[] COLOURS = {"#5b6770", "#1b6ca8", "#2e8b57", "#b8860b"};

    private final List<SitesFigures> orders;
    private final double most;
    private final StringBuilder svg = new StringBuilder();

    private SitesPlot(List<SitesFigures> orders) {
        this.orders = orders;
        this.most = most(orders);
    }

    /// An SVG document.
    ///
    /// @param title above the plot
    static String draw(String title, List<SitesFigures> orders) {
        return new SitesPlot(orders).drawing(title);
    }

    private static double most(List<SitesFigures> orders) {
        double drawn = 0;
        double formula = 0;
        for (SitesFigures order : orders) {
            for (SiteFigures site : order.quiet()) {
                formula = Math.max(formula, site.formulaMillis());
                drawn = Math.max(drawn, site.p99Millis());
            }
            for (SiteFigures site : order.contended()) {
                formula = Math.max(formula, site.formulaMillis());
                drawn = Math.max(drawn, site.p99Millis());
            }
        }
        double wanted = Math.max(1, Math.max(formula, Math.min(drawn, MOST_FORMULAS * formula)));
        double unit = wanted > 100 ? 50 : wanted > 10 ? 10 : 1;
        return Math.ceil(wanted / unit) * unit;
    }

    private String drawing(String title) {
        add(
                "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"%d\" height=\"%d\""
                        + " font-family=\"sans-serif\" font-size=\"12\">%n"
                        + "<rect width=\"100%%\" height=\"100%%\" fill=\"white\"/>%n"
                        + "<text x=\"%d\" y=\"22\" font-size=\"15\">%s</text>%n",
                WIDTH, HEIGHT, LEFT, title);
        legend();
        panel(LEFT, "A site alone, one request at a time", SitesFigures::quiet);
        panel(
                LEFT + PANEL + GAP,
                "All sites at once; the formula is the longest wait",
                SitesFigures::contended);
        return svg.append("</svg>\n").toString();
    }

    private void legend() {
        int x = LEFT;
        for (int i = 0; i < orders.size(); i++) {
            SitesFigures order = orders.get(i);
            String name =
                    order.order() + (order.leader() > 0 ? " (at site " + order.leader() + ")" : "");
            add(
                    "<rect x=\"%d\" y=\"36\" width=\"12\" height=\"12\" fill=\"%s\"/>%n"
                            + "<text x=\"%d\" y=\"46\">%s</text>%n",
                    x, COLOURS[i % COLOURS.length], x + 17, name);
            x += 40 + 7 * name.length();
        }
        add(
                "<line x1=\"%d\" y1=\"42\" x2=\"%d\" y2=\"42\" stroke=\"#c0392b\""
                        + " stroke-width=\"3\"/>%n"
                        + "<text x=\"%d\" y=\"46\">formula; bar: median, line: p99</text>%n",
                x, x + 16, x + 21);
    }

    /// The same in every plot.
    private static String colour(SitesFigures order) {
        return COLOURS[Math.floorMod(Orders.ALL.indexOf(order.order()), COLOURS.length)];
    }

    private void panel(int left, String title, Function<SitesFigures, List<SiteFigures>> figures) {
        add("<text x=\"%d\" y=\"%d\">%s, ms</text>%n", left, TOP - 14, title);
        for (int i = 0; i <= STEPS; i++) {
            double value = most * i / STEPS;
            add(
                    "<line x1=\"%d\" y1=\"%.1f\" x2=\"%d\" y2=\"%.1f\" stroke=\"#dddddd\"/>%n"
                            + "<text x=\"%d\" y=\"%.1f\" text-anchor=\"end\">%.0f</text>%n",
                    left, y(value), left + PANEL, y(value), left - 6, y(value) + 4, value);
        }
        double group = PANEL / (double) Sites.COUNT;
        double bar = group * BAR_SHARE / orders.size();
        for (int site = 0; site < Sites.COUNT; site++) {
            double start = left + site * group + group * (1 - BAR_SHARE) / 2;
            for (int i = 0; i < orders.size(); i++) {
                bar(
                        start + i * bar,
                        bar - 4,
                        colour(orders.get(i)),
                        figures.apply(orders.get(i)).get(site));
            }
            add(
                    "<text x=\"%.1f\" y=\"%d\" text-anchor=\"middle\">site %d</text>%n",
                    left + (site + 0.5) * group, HEIGHT - BOTTOM + 20, site + 1);
        }
    }

    private void bar(double x, double width, String colour, SiteFigures site) {
        double middle = x + width / 2;
        if (site.answered() > 0) {
            double top = Math.min(site.p50Millis(), most);
            double high = Math.min(site.p99Millis(), most);
            add(
                    "<rect x=\"%.1f\" y=\"%.1f\" width=\"%.1f\" height=\"%.1f\" fill=\"%s\"/>%n"
                            + "<line x1=\"%.1f\" y1=\"%.1f\" x2=\"%.1f\" y2=\"%.1f\""
                            + " stroke=\"#222222\"/>%n",
                    x, y(top), width, y(0) - y(top), colour, middle, y(top), middle, y(high));
            if (site.p99Millis() > most) {
                add(
                        "<text x=\"%.1f\" y=\"%.1f\" text-anchor=\"middle\" font-size=\"10\">"
                                + "%.0f</text>%n",
                        middle, y(most) - 3, site.p99Millis());
            }
        }
        add(
                "<line x1=\"%.1f\" y1=\"%.1f\" x2=\"%.1f\" y2=\"%.1f\" stroke=\"#c0392b\""
                        + " stroke-width=\"3\"/>%n",
                x - 2, y(site.formulaMillis()), x + width + 2, y(site.formulaMillis()));
    }

    private double y(double millis) {
        return HEIGHT - BOTTOM - millis / most * (HEIGHT - TOP - BOTTOM);
    }

    @SuppressWarnings("AnnotateFormatMethod") // The annotation would be a dependency of its own.
    private void add(String format, Object... values) {
        svg.append(String.format(Locale.ROOT, format, values));
    }
}

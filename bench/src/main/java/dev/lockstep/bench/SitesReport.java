package dev.lockstep.bench;

import dev.lockstep.cli.OperatorException;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/// What was measured at several sites, for people and for scripts.
///
/// @param orders at least one
record SitesReport(
        Sites sites, double jitterMillis, SitesRun.Plan plan, List<SitesFigures> orders) {

    private static final String[] HEADINGS = {
        "order",
        "site",
        "alone: p50 ms",
        "p99 ms",
        "formula",
        "together: p50 ms",
        "p99 ms",
        "at most"
    };

    SitesReport {
        orders = List.copyOf(orders);
    }

    /// True if there is a figure for everything, and no request failed.
    boolean isWhole() {
        return orders.stream().allMatch(order -> order.failed() == 0 && order.isComplete());
    }

    /// Everything, for people.
    List<String> lines() {
        List<String> lines = new ArrayList<>();
        lines.add(headline());
        lines.add(
                String.format(
                        Locale.ROOT,
                        "Each site alone, one request at a time, for %d s; then all at once, %d in"
                                + " flight each, %d%% of them of one key.",
                        plan.seconds(),
                        plan.inFlight(),
                        SitesRun.HOT_PERCENT));
        lines.add("");
        lines.addAll(table());
        lines.add("");
        lines.add(
                "The formulas count delays between sites alone; the disks and the processors come on"
                        + " top. 'at most' is the longest that a command is to wait for another's.");
        for (SitesFigures order : orders) {
            if (order.failed() > 0) {
                lines.add(
                        order.failed()
                                + " requests of "
                                + order.order()
                                + " had no proper answer.");
            }
            if (!order.isComplete()) {
                lines.add("Under " + order.order() + " a site was without any answer.");
            }
        }
        return lines;
    }

    private String headline() {
        return String.format(
                Locale.ROOT,
                "Three sites: %s ms from 1 to 2, %s ms from 1 to 3, %s ms from 2 to 3, one way%s.",
                compact(sites.delay(1, 2)),
                compact(sites.delay(1, 3)),
                compact(sites.delay(2, 3)),
                jitterMillis == 0 ? "" : ", and up to " + compact(jitterMillis) + " ms more");
    }

    private static String compact(double millis) {
        String text = millis(millis);
        return text.endsWith(".0") ? text.substring(0, text.length() - 2) : text;
    }

    /// Writes the plot.
    void draw(Path file) {
        try {
            Files.writeString(file, SitesPlot.draw(headline(), orders));
        } catch (IOException e) {
            throw new OperatorException("the plot " + file + " cannot be written: " + e, e);
        }
    }

    /// @param description what the load was like
    Map<String, Object> asJson(Map<String, Object> description) {
        Map<String, Object> all = new LinkedHashMap<>(description);
        all.put("oneWayMillis", sites.delays());
        all.put("jitterMillis", jitterMillis);
        all.put("phaseSeconds", plan.seconds());
        all.put("inFlightAtEachSite", plan.inFlight());
        all.put("hotKeyPercent", SitesRun.HOT_PERCENT);
        all.put("orders", orders.stream().map(SitesReport::asJson).toList());
        return all;
    }

    List<String> table() {
        List<String[]> rows = new ArrayList<>();
        rows.add(HEADINGS);
        for (SitesFigures order : orders) {
            for (int i = 0; i < order.quiet().size(); i++) {
                SiteFigures quiet = order.quiet().get(i);
                SiteFigures contended = order.contended().get(i);
                String site = quiet.site() + (quiet.site() == order.leader() ? " (leader)" : "");
                rows.add(
                        new String[] {
                            order.order(),
                            site,
                            measured(quiet, quiet.p50Millis()),
                            measured(quiet, quiet.p99Millis()),
                            millis(quiet.formulaMillis()),
                            measured(contended, contended.p50Millis()),
                            measured(contended, contended.p99Millis()),
                            millis(contended.formulaMillis())
                        });
            }
        }
        return BenchReport.aligned(rows);
    }

    private static String measured(SiteFigures site, double value) {
        return site.answered() == 0 ? "-" : millis(value);
    }

    private static String millis(double value) {
        return String.format(Locale.ROOT, "%.1f", value);
    }

    private static Map<String, Object> asJson(SitesFigures order) {
        Map<String, Object> fields = new LinkedHashMap<>();
        fields.put("order", order.order());
        if (order.leader() > 0) {
            fields.put("leaderSite", order.leader());
        }
        fields.put("alone", order.quiet().stream().map(SitesReport::asJson).toList());
        fields.put("together", order.contended().stream().map(SitesReport::asJson).toList());
        return fields;
    }

    private static Map<String, Object> asJson(SiteFigures site) {
        Map<String, Object> fields = new LinkedHashMap<>();
        fields.put("site", site.site());
        fields.put("answered", site.answered());
        fields.put("failed", site.failed());
        if (site.answered() > 0) {
            fields.put("p50Millis", BenchReport.rounded(site.p50Millis()));
            fields.put("p99Millis", BenchReport.rounded(site.p99Millis()));
        }
        fields.put("formulaMillis", BenchReport.rounded(site.formulaMillis()));
        return fields;
    }
}

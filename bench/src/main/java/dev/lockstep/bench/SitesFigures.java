package dev.lockstep.bench;

import java.util.List;

/// What was measured of one order at all sites.
///
/// @param leader the site of its leader; 0 of an order without one
/// @param quiet each site alone, one request at a time
/// @param contended all sites at once, several requests in flight
record SitesFigures(
        String order, int leader, List<SiteFigures> quiet, List<SiteFigures> contended) {

    SitesFigures {
        quiet = List.copyOf(quiet);
        contended = List.copyOf(contended);
    }

    long failed() {
        return quiet.stream().mapToLong(SiteFigures::failed).sum()
                + contended.stream().mapToLong(SiteFigures::failed).sum();
    }

    /// True if every site has had answers in both phases.
    boolean isComplete() {
        return quiet.stream().allMatch(each -> each.answered() > 0)
                && contended.stream().allMatch(each -> each.answered() > 0);
    }
}

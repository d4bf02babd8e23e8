package dev.lockstep.bench;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.stream.IntStream;

/// Three sites and the one-way delays between them, in milliseconds; site i has replica i. What
/// each order is to take at a site follows from the delays alone: what the disks and the processors
/// need comes on top.
///
/// @param delays between sites 1 and 2, 1 and 3, 2 and 3
record Sites(List<Double> delays) {

    /// How many sites there are.
    static final int COUNT = 3;

    private static final int MOST_MILLIS = 1_000;

    Sites {
        delays = List.copyOf(delays);
        if (delays.size() != COUNT) {
            throw new IllegalArgumentException(
                    "--sites wants three delays, between sites 1 and 2, 1 and 3, 2 and 3, not "
                            + delays.size());
        }
        for (double delay : delays) {
            if (!(delay >= 0 && delay <= MOST_MILLIS)) {
                throw new IllegalArgumentException(
                        String.format(
                                Locale.ROOT,
                                "a delay of --sites is from 0 to %d ms, not %s",
                                MOST_MILLIS,
                                delay));
            }
        }
    }

    /// How long it takes from one site to another, numbered from 1; 0 within a site.
    double delay(int from, int to) {
        return from == to ? 0 : delays.get(from + to - COUNT);
    }

    double longest() {
        return delays.stream().mapToDouble(Double::doubleValue).max().orElse(0);
    }

    /// The way to the nearest other site: with three replicas it is the fast quorum, and a
    /// majority.
    double toNearest(int site) {
        return delay(site, nearest(site));
    }

    private int nearest(int site) {
        int best = 0;
        for (int other : others(site)) {
            if (best == 0 || delay(site, other) < delay(site, best)) {
                best = other;
            }
        }
        return best;
    }

    private static List<Integer> others(int site) {
        return IntStream.rangeClosed(1, COUNT).filter(each -> each != site).boxed().toList();
    }

    /// From the asking to the answer under `order: leader`, however many ask: to the leader, from
    /// there to the nearest other and back, and back.
    double withLeader(int site, int leader) {
        return 2 * delay(site, leader) + 2 * toNearest(leader);
    }

    /// From the asking to the answer under any stability order while nobody else asks: to the
    /// nearest other and back.
    double alone(int site) {
        return 2 * toNearest(site);
    }

    /// The longest under `logical-clock` and `replica-ids` when others ask too. A command of
    /// another site with a smaller id has to be decided and known here first; at worst it came, to
    /// a member j that this site needs, just before this site's command did. Either j is its
    /// coordinator, who then asks its own fast quorum and tells, or j tells its coordinator, who
    /// tells this site, or j is this site.
    double contended(int site) {
        double most = alone(site);
        int needed = nearest(site);
        for (int other : others(site)) {
            if (other == needed) {
                most = Math.max(most, 2 * delay(site, other) + 2 * toNearest(other));
            } else if (nearest(other) == needed) {
                most =
                        Math.max(
                                most,
                                delay(site, needed) + delay(needed, other) + delay(other, site));
            }
            if (nearest(other) == site) {
                most = Math.max(most, 2 * delay(site, other));
            }
        }
        return most;
    }

    /// The longest under `synchronized-clock` when others ask too, with right clocks: an id is the
    /// time at which the proposal is with its fast quorum, so a smaller one of another site was
    /// asked for early enough to be decided, and known here, by then.
    double contendedByTime(int site) {
        double most = alone(site);
        for (int other : others(site)) {
            most = Math.max(most, toNearest(site) + toNearest(other) + delay(other, site));
        }
        return most;
    }

    /// From `32,35,65`.
    ///
    /// @throws IllegalArgumentException with a sentence
    static Sites parse(List<String> words) {
        List<Double> delays = new ArrayList<>();
        for (String word : words) {
            try {
                delays.add(Double.valueOf(word.strip()));
            } catch (NumberFormatException e) {
                throw new IllegalArgumentException(
                        "--sites wants milliseconds, such as 32,35,65, not " + word, e);
            }
        }
        return new Sites(delays);
    }
}

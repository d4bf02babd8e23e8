package dev.lockstep.ordering.leader;

import dev.lockstep.core.OrderTable;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/// The end of one member's log, as one would draw it on a board: the last entries that are
/// committed, then all that are not, with what each waits for.
final class LogTable {

    private static final List<String> COLUMNS = List.of("index", "term", "request", "state");

    /// So many committed entries are shown.
    private static final int COMMITTED = 8;

    /// So many others.
    private static final int MOST_OPEN = 256;

    private final Standing standing;
    private final Log log;
    private final Delivery delivery;
    private final Replication replication;

    LogTable(Standing standing, Log log, Delivery delivery, Replication replication) {
        this.standing = standing;
        this.log = log;
        this.delivery = delivery;
        this.replication = replication;
    }

    OrderTable read() {
        List<List<String>> rows = new ArrayList<>();
        long commit = delivery.commit();
        long first = Math.max(log.firstIndex(), commit - COMMITTED + 1);
        long last = Math.min(log.lastIndex(), commit + MOST_OPEN);
        for (long index = first; index <= last; index++) {
            LogEntry entry = log.entry(index);
            rows.add(
                    List.of(
                            Long.toString(index),
                            Long.toString(entry.term()),
                            request(entry),
                            index <= commit ? committed(entry) : open(index)));
        }
        return new OrderTable(COLUMNS, rows);
    }

    private static String request(LogEntry entry) {
        return switch (entry.purpose()) {
            case BATCH -> entry.batch().id().toString();
            case SIGN, CLOSING -> entry.purpose().name().toLowerCase(Locale.ROOT);
        };
    }

    private String committed(LogEntry entry) {
        return entry.purpose() == LogEntry.Purpose.CLOSING
                ? "committed"
                : "committed, position " + delivery.positionOf(entry.index());
    }

    private String open(long index) {
        String own = index <= log.durableIndex() ? "durable here" : "waits for the disk";
        return standing.isLeader()
                ? own + " and at " + replication.durableAt(index) + " others"
                : own + ", waits for the leader's commit";
    }
}

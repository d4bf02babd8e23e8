package dev.lockstep.ordering.stability;

import org.jspecify.annotations.Nullable;

import java.util.ArrayList;
import java.util.List;
import java.util.TreeSet;

/// The candidates that this member has made and that others may still have to be told of.
///
/// What is executed is forgotten from below only: a header must name every candidate between two
/// floors, whatever has become of it.
final class Candidates {

    private final Floor floor;

    /// All above the base.
    private final TreeSet<Mark> made = new TreeSet<>();

    /// Those of them whose commands have no unique id yet, as far as this member knows.
    private final TreeSet<Mark> open = new TreeSet<>();

    /// Those of them whose commands are durably executed.
    private final TreeSet<Mark> settled = new TreeSet<>();

    /// All candidates at or below the base belong to commands executed by this position.
    private long basePosition;

    /// Commands of made candidates are executed by this position.
    private long settledPosition;

    /// False while the journal is read.
    private boolean isRecovered;

    Candidates(Floor floor) {
        this.floor = floor;
    }

    void add(Mark candidate) {
        made.add(candidate);
        open.add(candidate);
    }

    /// The command's unique id is known.
    void onDecided(Mark candidate) {
        open.remove(candidate);
    }

    /// The command is executed, and will be so after a crash.
    void settle(Mark candidate, long position) {
        open.remove(candidate);
        settledPosition = Math.max(settledPosition, position);
        if (made.contains(candidate)) {
            settled.add(candidate);
            if (isRecovered) {
                forget();
            }
        }
    }

    /// Forgets from below what is executed, as far as the floor has been told.
    private void forget() {
        long base = floor.announced();
        for (Mark candidate : made) {
            if (!settled.contains(candidate)) {
                base = Math.min(base, candidate.timestamp() - 1);
                break;
            }
        }
        if (base <= floor.base()) {
            return;
        }
        floor.onBase(base);
        basePosition = settledPosition;
        while (!made.isEmpty() && made.getFirst().timestamp() <= base) {
            settled.remove(made.removeFirst());
        }
    }

    /// Below it everything is executed by [#basePosition()].
    long base() {
        return floor.base();
    }

    long basePosition() {
        return basePosition;
    }

    /// The journal is read: what it does not hold any more was executed by `position`.
    void recover(long position) {
        isRecovered = true;
        basePosition = position;
        settledPosition = position;
        forget();
    }

    /// Just below the lowest candidate whose command is undecided; `otherwise` if that is lower.
    long stableThrough(long otherwise) {
        return open.isEmpty() ? otherwise : Math.min(otherwise, open.getFirst().timestamp() - 1);
    }

    /// The lowest candidate whose command is undecided; null if there is none.
    @Nullable Mark lowestOpen() {
        return open.isEmpty() ? null : open.getFirst();
    }

    /// The candidates in (`from`, `through`], or the lowest of them.
    List<Mark> between(long from, long through) {
        List<Mark> listed = new ArrayList<>();
        for (Mark candidate : made) {
            if (candidate.timestamp() > through || listed.size() > StabilityCodec.MAX_LISTED) {
                break;
            }
            if (candidate.timestamp() > from) {
                listed.add(candidate);
            }
        }
        return listed;
    }

    /// All that are not forgotten.
    List<Mark> made() {
        return List.copyOf(made);
    }
}

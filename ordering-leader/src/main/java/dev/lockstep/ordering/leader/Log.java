package dev.lockstep.ordering.leader;

import dev.lockstep.core.Invariant;
import dev.lockstep.core.StopSign;

import org.jspecify.annotations.Nullable;

import java.util.Arrays;

/// The replicated log (§3.5) as far as it is in memory: everything not yet delivered, and a window
/// of what was.
///
/// Indices ascend without gaps from [#firstIndex()] to [#lastIndex()]. A mark is known of every
/// entry in memory and of the one before the first.
final class Log {

    private static final int LEAST_CAPACITY = 64;

    /// The entries, by index modulo the capacity, which is a power of two.
    private @Nullable LogEntry[] entries = new @Nullable LogEntry[LEAST_CAPACITY];

    /// The journal's sequence of each entry's record.
    private long[] sequences = new long[LEAST_CAPACITY];

    /// The sizes of all entries through each one, summed up since the start.
    private long[] ends = new long[LEAST_CAPACITY];

    /// The first index in memory.
    private long first = 1;

    /// The last index; `first - 1` if nothing is in memory.
    private long last;

    /// The mark at `first - 1`.
    private Mark before = new Mark(0, 0, Chain.START);

    /// What `ends` was at `first - 1`.
    private long beforeEnd;

    /// The records of all entries through here are durable; at most `last`.
    private long durable;

    /// The sequences of some of the entries that left memory.
    private final Waypoints waypoints = new Waypoints();

    /// Where the stop sign is; 0 if there is none.
    private long signIndex;

    /// Begins after `mark` with nothing in memory.
    void restore(Mark mark) {
        first = mark.index() + 1;
        last = mark.index();
        durable = mark.index();
        before = mark;
    }

    long firstIndex() {
        return first;
    }

    long lastIndex() {
        return last;
    }

    Mark lastMark() {
        return mark(last);
    }

    /// Agreed time at the end of what is in memory, or `otherwise` if nothing is.
    long lastTimeNanos(long otherwise) {
        return last < first ? otherwise : entry(last).timeNanos();
    }

    long durableIndex() {
        return durable;
    }

    /// True if the mark at `index` is known.
    boolean holdsMark(long index) {
        return index >= first - 1 && index <= last;
    }

    LogEntry entry(long index) {
        Invariant.check(index >= first && index <= last, "the entry is in memory", index);
        LogEntry entry = entries[slot(index)];
        if (entry == null) {
            throw Invariant.broken("a slot in use holds an entry");
        }
        return entry;
    }

    Mark mark(long index) {
        return index == first - 1 ? before : entry(index).mark();
    }

    /// A sequence such that the records of the entry at `index` and of all after it come later: the
    /// highest that is known, which for entries that left memory is a little less than the highest
    /// there is.
    long sequenceBefore(long index) {
        return index >= first ? sequences[slot(index)] - 1 : waypoints.before(index);
    }

    /// The bytes of the entries after `from`, through `through`, as far as they are in memory.
    long bytesBetween(long from, long through) {
        return through <= from ? 0 : endOf(through) - endOf(from);
    }

    private long endOf(long index) {
        return index < first ? beforeEnd : ends[slot(index)];
    }

    /// The last known mark at or before `index` whose term is at most `term`, for skipping whole
    /// terms that differ (§3.5); not before `floor`.
    Mark lastMarkOfTermAtMost(long term, long index, long floor) {
        long at = Math.min(index, last);
        while (at > floor && at >= first && entry(at).term() > term) {
            at--;
        }
        return mark(Math.max(at, Math.min(floor, last)));
    }

    /// The stop sign, if the log holds one.
    @Nullable StopSign sign() {
        return signIndex == 0 || signIndex < first ? null : entry(signIndex).sign();
    }

    /// True if a stop sign is in the log: only closing entries may follow.
    boolean hasSign() {
        return signIndex != 0;
    }

    /// Appends the entry after the last; its record has the given sequence.
    void append(LogEntry entry, long sequence) {
        Mark previous = lastMark();
        Invariant.check(entry.index() == last + 1, "entries follow one another", entry.index());
        Invariant.check(entry.term() >= previous.term(), "terms ascend in a log", entry.term());
        Invariant.check(
                signIndex == 0 || entry.purpose() == LogEntry.Purpose.CLOSING,
                "only closing entries follow a stop sign",
                entry.index());
        if (last - first + 2 > entries.length) {
            resize(2 * entries.length);
        }
        long end = endOf(last) + entry.sizeBytes();
        last++;
        int slot = slot(last);
        entries[slot] = entry;
        sequences[slot] = sequence;
        ends[slot] = end;
        if (entry.purpose() == LogEntry.Purpose.SIGN) {
            signIndex = last;
        }
    }

    /// Removes the entries from `index` on.
    void truncateFrom(long index) {
        Invariant.check(index >= first && index <= last, "the entries are in memory", index);
        for (long at = index; at <= last; at++) {
            entries[slot(at)] = null;
        }
        last = index - 1;
        durable = Math.min(durable, last);
        if (signIndex >= index) {
            signIndex = 0;
        }
    }

    /// The journal is durable through `sequence`.
    void onDurable(long sequence) {
        while (durable < last && sequences[slot(durable + 1)] <= sequence) {
            durable++;
        }
    }

    /// Forgets the oldest entries so that those through `delivered` take no more than
    /// `windowBytes`. Keeps what is not durable, because its sequence is still waited for.
    void trim(long delivered, long windowBytes) {
        long through = Math.min(delivered, durable);
        while (first <= through && settledBytes(delivered) > windowBytes) {
            int slot = slot(first);
            waypoints.pass(first, sequences[slot], beforeEnd);
            before = entry(first).mark();
            beforeEnd = ends[slot];
            entries[slot] = null;
            first++;
        }
    }

    /// What the entries in memory take that are delivered, where `delivered` is the last, and
    /// durable.
    long settledBytes(long delivered) {
        long through = Math.min(delivered, durable);
        return first <= through ? endOf(through) - beforeEnd : 0;
    }

    private int slot(long index) {
        return (int) index & (entries.length - 1);
    }

    private void resize(int capacity) {
        @Nullable LogEntry[] oldEntries = entries;
        long[] oldSequences = sequences;
        long[] oldEnds = ends;
        entries = Arrays.copyOf(new @Nullable LogEntry[0], capacity);
        sequences = new long[capacity];
        ends = new long[capacity];
        for (long index = first; index <= last; index++) {
            int from = (int) index & (oldEntries.length - 1);
            int to = slot(index);
            entries[to] = oldEntries[from];
            sequences[to] = oldSequences[from];
            ends[to] = oldEnds[from];
        }
    }
}

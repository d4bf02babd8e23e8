package dev.lockstep.testkit.history;

/// Configurations that were reached before, as 128-bit hashes in an open table: 16 bytes each, and
/// at least a third as many again that are free.
final class Seen {

    private long[] table = new long[2 * 64];
    private int size;

    /// SplitMix64's finisher.
    static long mix(long value) {
        long z = value * 0x9e3779b97f4a7c15L;
        z = (z ^ (z >>> 30)) * 0xbf58476d1ce4e5b9L;
        z = (z ^ (z >>> 27)) * 0x94d049bb133111ebL;
        return z ^ (z >>> 31);
    }

    /// True if it was not there yet.
    ///
    /// @param high one half of the hash of what has been put into the order, `low` the other
    /// @param stateNumber which state that led to
    /// @param hiding see [Hiding#mark]
    boolean add(long high, long low, int stateNumber, long hiding) {
        if (8L * size > 3L * table.length) {
            grow();
        }
        long first = mix(high ^ mix(0x1234567L + stateNumber) ^ mix(hiding + 0x89abcdefL));
        long second = low ^ mix(0x7654321L - stateNumber) ^ mix(~hiding);
        boolean added = put(table, first == 0 && second == 0 ? 1 : first, second);
        size += added ? 1 : 0;
        return added;
    }

    private void grow() {
        long[] larger = new long[2 * table.length];
        for (int i = 0; i < table.length; i += 2) {
            if (table[i] != 0 || table[i + 1] != 0) {
                put(larger, table[i], table[i + 1]);
            }
        }
        table = larger;
    }

    private static boolean put(long[] table, long first, long second) {
        int mask = table.length - 1;
        int at = (int) (first * 2) & mask;
        while (table[at] != 0 || table[at + 1] != 0) {
            if (table[at] == first && table[at + 1] == second) {
                return false;
            }
            at = (at + 2) & mask;
        }
        table[at] = first;
        table[at + 1] = second;
        return true;
    }
}

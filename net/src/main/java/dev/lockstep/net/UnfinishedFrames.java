package dev.lockstep.net;

import java.util.ArrayList;
import java.util.List;

/// How much memory the unfinished frames of all connections of a loop hold together.
///
/// Each connection is bounded by the largest frame, but many that never finish theirs would fill
/// the heap. Past the bound, the connection that holds most is closed: whoever sends small requests
/// notices nothing.
///
/// Threading: the loop's thread.
final class UnfinishedFrames {

    /// What holds the beginning of a frame.
    interface Holder {
        int keptBytes();

        /// Frees it and closes its connection.
        void giveUp(String why);
    }

    private static final long LEAST_BYTES = 64L << 20;

    /// Holders of less are not worth closing.
    private static final int LARGE_BYTES = 16 << 10;

    private final long mostBytes;
    private final List<Holder> large = new ArrayList<>();
    private long bytes;

    /// A part of the heap.
    UnfinishedFrames() {
        this(Math.max(LEAST_BYTES, Runtime.getRuntime().maxMemory() / 8));
    }

    UnfinishedFrames(long mostBytes) {
        this.mostBytes = mostBytes;
    }

    /// A holder keeps as many bytes as it says now; before, it kept `before`.
    void changed(Holder holder, int before) {
        int now = holder.keptBytes();
        bytes += now - before;
        if (before < LARGE_BYTES && now >= LARGE_BYTES) {
            large.add(holder);
        } else if (before >= LARGE_BYTES && now < LARGE_BYTES) {
            large.remove(holder);
        }
        while (bytes > mostBytes && !large.isEmpty()) {
            largest()
                    .giveUp(
                            "the unfinished frames of all connections hold "
                                    + bytes
                                    + " bytes, at most "
                                    + mostBytes
                                    + " are allowed, and this one holds most");
        }
    }

    private Holder largest() {
        Holder largest = large.getFirst();
        for (Holder holder : large) {
            if (holder.keptBytes() > largest.keptBytes()) {
                largest = holder;
            }
        }
        return largest;
    }
}

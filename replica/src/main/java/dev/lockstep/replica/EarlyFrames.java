package dev.lockstep.replica;

import dev.lockstep.core.Member;
import dev.lockstep.core.wire.Bytes;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;

/// The protocol's frames of the epoch after the present one, which others begin a little sooner.
/// Those that come first are kept: their senders do not say them again at once.
final class EarlyFrames {

    private static final int MOST_FRAMES = 1_024;
    private static final long MOST_BYTES = 8L << 20;

    /// One of them.
    record Early(Member from, Bytes frame) {}

    private final ArrayDeque<Early> frames = new ArrayDeque<>();

    /// The epoch that `frames` are of.
    private long epoch;

    private long bytes;

    /// Keeps a frame of a later epoch, if it is the next one's and there is room.
    void add(Member from, Bytes frame, long ofEpoch, long present) {
        if (ofEpoch != present + 1) {
            return;
        }
        if (ofEpoch != epoch) {
            clear();
            epoch = ofEpoch;
        }
        if (frames.size() < MOST_FRAMES && bytes + frame.size() <= MOST_BYTES) {
            frames.add(new Early(from, frame));
            bytes += frame.size();
        }
    }

    /// Gives up those of the epoch that has begun, in the order of their arrival.
    List<Early> take(long begun) {
        List<Early> taken = epoch == begun ? new ArrayList<>(frames) : List.of();
        clear();
        return taken;
    }

    private void clear() {
        frames.clear();
        bytes = 0;
    }
}

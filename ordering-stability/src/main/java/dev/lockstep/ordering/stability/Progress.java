package dev.lockstep.ordering.stability;

import dev.lockstep.ordering.stability.OpenCommands.Slot;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

/// How far this member and the others are: what nobody originates any more, and through where
/// everything is held.
final class Progress {

    private final FailStopSetup setup;
    private final FailStopStep step;
    private final OpenCommands open;
    private final AgreedClock clock;

    /// True if a unique id is the largest candidate of all members, so that this member's own floor
    /// speaks for whatever may come.
    private final boolean asksAll;

    /// Nothing that this member makes is at or below.
    private long floor;

    /// So many commands of each member are here, by rank.
    private final long[] received;

    /// By rank: the floor of each member, as far as all below it is here.
    private final long[] floors;

    /// By rank: what each says that it holds.
    private final long[] through;

    /// By rank: so many of this member's commands are there.
    private final long[] arrived;

    /// What the others were last told.
    private long floorTold;

    private long throughTold;

    Progress(
            FailStopSetup setup,
            FailStopStep step,
            OpenCommands open,
            AgreedClock clock,
            boolean asksAll) {
        this.setup = setup;
        this.step = step;
        this.open = open;
        this.clock = clock;
        this.asksAll = asksAll;
        this.received = new long[setup.size()];
        this.floors = new long[setup.size()];
        this.through = new long[setup.size()];
        this.arrived = new long[setup.size()];
    }

    /// A value that nobody had from this member.
    long nextValue() {
        read();
        floor++;
        return floor;
    }

    /// Takes the clock's reading for the floor.
    void read() {
        raise(setup.clock().reading(step.now()));
    }

    void raise(long value) {
        floor = Math.max(floor, value);
    }

    long floor() {
        return floor;
    }

    long received(int rank) {
        return received[rank];
    }

    void onReceived(int rank, long number) {
        received[rank] = Math.max(received[rank], number);
    }

    long arrived(int rank) {
        return arrived[rank];
    }

    long through(int rank) {
        return through[rank];
    }

    /// @param isWedged true if this member takes no part any more: then it says nothing of itself
    FailStopHeader header(boolean isWedged) {
        if (isWedged) {
            return new FailStopHeader(
                    0, 0, 0, step.now().wallNanos(), Collections.nCopies(received.length, 0L));
        }
        read();
        List<Long> counts = new ArrayList<>(received.length);
        for (long count : received) {
            counts.add(count);
        }
        return new FailStopHeader(
                floor, received[setup.rank()], announced(), step.now().wallNanos(), counts);
    }

    void onHeader(int rank, FailStopHeader header) {
        clock.onReading(rank, header.wallNanos());
        if (setup.rules().believesFloor(header.count(), received[rank])) {
            floors[rank] = Math.max(floors[rank], header.floor());
        }
        through[rank] = Math.max(through[rank], header.through());
        arrived[rank] = Math.max(arrived[rank], header.received().get(setup.rank()));
        if (setup.clock().followsOthers()) {
            raise(header.floor());
        }
    }

    /// This member holds everything at or below, and nothing can come there.
    long held() {
        return held(false);
    }

    private long announced() {
        return held(setup.rules().confirmsPastCandidates());
    }

    private long held(boolean isPastCandidates) {
        long least = floor;
        if (!asksAll) {
            for (int rank = 0; rank < floors.length; rank++) {
                least = rank == setup.rank() ? least : Math.min(least, floors[rank]);
            }
        }
        for (Slot slot : open.inOrder()) {
            boolean isDurable = setup.rules().durable(slot.sequence()) <= step.durable();
            boolean isUnsure = !slot.entry().isFixed() && !isPastCandidates;
            if (!isDurable || isUnsure) {
                least = Math.min(least, setup.rules().bound(slot) - 1);
            }
        }
        return least;
    }

    /// Everything at or below is held by all members.
    long stable() {
        long least = held();
        for (int rank = 0; rank < through.length; rank++) {
            if (rank != setup.rank() && setup.rules().waitsFor(rank, through.length)) {
                least = Math.min(least, through[rank]);
            }
        }
        return least;
    }

    /// True if the others may be waiting for what they have not been told.
    boolean hasNews() {
        return open.hasBetween(floorTold, floor) || open.hasBetween(throughTold, announced());
    }

    void told() {
        floorTold = floor;
        throughTold = announced();
    }
}

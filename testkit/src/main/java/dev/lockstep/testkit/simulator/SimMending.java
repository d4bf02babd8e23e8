package dev.lockstep.testkit.simulator;

import dev.lockstep.core.Member;
import dev.lockstep.core.Now;
import dev.lockstep.core.port.PeerPort;
import dev.lockstep.core.port.SnapshotDescription;
import dev.lockstep.core.wire.Bytes;
import dev.lockstep.journal.JournalMender;
import dev.lockstep.replica.JournalRepair;
import dev.lockstep.testkit.simulator.Exercised.Deed;

import org.jspecify.annotations.Nullable;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.List;
import java.util.function.Consumer;

/// A process that has found its journal damaged, and asks others for what it has lost: does with
/// the product's parts what the node does.
final class SimMending {

    private static final long MS = 1_000_000L;

    /// After so long its operator brings the disk back as it was: what is lost may be nowhere.
    private static final long PATIENCE_NANOS = 1_500 * MS;

    /// What comes of it.
    interface Outcome {

        /// The journal is as it was.
        void onMended();

        /// It cannot be mended.
        void onGivenUp(String why);

        /// The disk fails.
        void onDiskError();
    }

    private final World world;
    private final SimClock clock;
    private final JournalMender mender;
    private final JournalRepair repair;
    private final Outcome outcome;
    private final long giveUpAt;
    private boolean isOver;
    private long wakeAt = Chance.NEVER;

    private SimMending(
            World world,
            SimClock clock,
            JournalMender mender,
            JournalRepair repair,
            Outcome outcome) {
        this.world = world;
        this.clock = clock;
        this.mender = mender;
        this.repair = repair;
        this.outcome = outcome;
        this.giveUpAt = world.nowNanos() + PATIENCE_NANOS;
    }

    /// Begins; null if what is damaged cannot be told record by record.
    static @Nullable SimMending begin(
            World world,
            SimClock clock,
            @Nullable JournalMender mender,
            PeerPort peers,
            List<SnapshotDescription> snapshots,
            Outcome outcome) {
        if (mender == null) {
            return null;
        }
        List<Long> positions = snapshots.stream().map(SnapshotDescription::position).toList();
        JournalRepair repair = new JournalRepair(mender, peers, positions);
        return new SimMending(world, clock, mender, repair, outcome);
    }

    /// Looks at once whether there is anything to wait for.
    void look() {
        tell(now -> repair.advance(now));
    }

    void onPeerFrame(Member from, Bytes frame) {
        tell(now -> repair.onPeerFrame(now, from, frame));
    }

    void onPeerConnected(Member peer) {
        tell(now -> repair.onPeerConnected(now, peer));
    }

    void onPeerLost(Member peer) {
        tell(now -> repair.onPeerLost(now, peer));
    }

    /// The process is gone.
    void end() {
        isOver = true;
    }

    private void tell(Consumer<Now> news) {
        if (isOver) {
            return;
        }
        try {
            news.accept(clock.now());
            if (repair.isDone() && repair.givenUp() == null) {
                mender.finish();
                end();
                world.exercised.note(Deed.RECORDS_REPAIRED, repair.repaired());
                world.exercised.note(Deed.JOURNALS_MENDED);
                outcome.onMended();
                return;
            }
        } catch (IOException | UncheckedIOException failed) {
            end();
            outcome.onDiskError();
            return;
        }
        String why = repair.givenUp();
        if (why == null && world.nowNanos() >= giveUpAt) {
            why = "it waits for " + repair.waitsFor();
        }
        if (why != null) {
            end();
            world.exercised.note(Deed.REPAIRS_GIVEN_UP);
            outcome.onGivenUp(why);
        } else {
            wakeWhenDue();
        }
    }

    private void wakeWhenDue() {
        long due = Math.min(giveUpAt, clock.trueNanosOf(repair.nextDeadlineNanos()));
        if (due < wakeAt) {
            wakeAt = Math.max(due, world.nowNanos() + 1_000);
            long at = wakeAt;
            world.timeline.wakeAt(
                    at,
                    () -> {
                        if (!isOver && wakeAt == at) {
                            wakeAt = Chance.NEVER;
                            look();
                        }
                    });
        }
    }
}

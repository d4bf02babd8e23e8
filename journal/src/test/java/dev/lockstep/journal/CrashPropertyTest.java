package dev.lockstep.journal;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lockstep.core.port.JournalRecord;

import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.ShrinkingMode;
import net.jqwik.api.lifecycle.AfterContainer;

import org.jspecify.annotations.Nullable;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;

/// Whatever subset of unsynced sectors survives, and whenever the crash comes, between two steps or
/// in the middle of one: what is recovered is a prefix of what was appended and holds everything
/// that was forced.
class CrashPropertyTest {

    private static final int BOOTS = 6;

    /// Boots that ended in the middle of a step, in all runs.
    private static int deaths;

    @AfterContainer
    static void someDiedInTheMiddle() {
        assertThat(deaths).isPositive();
    }

    @Property(tries = 1500, shrinking = ShrinkingMode.OFF)
    void survivors(@ForAll long seed) throws IOException {
        new Run(seed).go();
    }

    /// One history of boots and crashes, all of it told by the seed.
    private static final class Run {

        private final SplittableRandom random;
        private CrashStore disk = new CrashStore();

        /// What the journal must, and what it may, hold.
        private List<JournalRecord> appended = new ArrayList<>();

        private long mustHold;
        private long number;

        /// The first record that may still be there, as far as was asked for.
        private long dropped = 1;

        private @Nullable Preparation running;

        Run(long seed) {
            random = new SplittableRandom(seed);
        }

        void go() throws IOException {
            for (int boot = 0; boot < BOOTS; boot++) {
                try {
                    live();
                } catch (CrashStore.Died inTheMiddle) {
                    deaths++;
                }
                disk = random.nextInt(4) == 0 ? disk.copy() : disk.crash(random);
                running = null;
            }
            recover();
        }

        /// Until it has done enough or dies in the middle of something, a write as likely as not.
        private void live() throws IOException {
            disk.diesAt = random.nextBoolean() ? 1 + random.nextInt(60) : Integer.MAX_VALUE;
            SegmentJournal journal = recover();
            for (int step = random.nextInt(60); step > 0; step--) {
                step(journal);
            }
        }

        private SegmentJournal recover() throws IOException {
            SegmentJournal journal = Journals.open(disk);
            long last = journal.lastSequence();
            assertThat(last).isBetween(mustHold, (long) appended.size());
            appended = new ArrayList<>(appended.subList(0, (int) last));
            long first = journal.recovery().firstSequence();
            assertThat(first).isLessThanOrEqualTo(dropped);
            assertThat(Journals.replay(journal))
                    .isEqualTo(appended.subList((int) first - 1, (int) last));
            mustHold = last;
            if (random.nextInt(3) == 0) {
                // The crash may come while or just after the journal was opened.
                disk = disk.crash(random);
                return recover();
            }
            return journal;
        }

        private void step(SegmentJournal journal) throws IOException {
            switch (random.nextInt(12)) {
                case 0, 1, 2, 3, 4 -> appendSome(journal);
                case 5, 6, 7 -> group(journal);
                case 8 -> mark(journal);
                case 9 -> prepare(journal);
                case 10 -> {
                    if (random.nextInt(8) == 0) {
                        long floor = 1 + random.nextLong(journal.durableThrough() + 1);
                        dropped = Math.max(dropped, floor);
                        journal.dropBefore(floor);
                    }
                }
                default -> {
                    if (journal.lastSequence() >= journal.firstSequence()) {
                        long sequence =
                                random.nextLong(
                                        journal.firstSequence(), journal.lastSequence() + 1);
                        assertThat(journal.read(sequence))
                                .isEqualTo(appended.get((int) sequence - 1));
                    }
                }
            }
        }

        private void appendSome(SegmentJournal journal) {
            for (int n = random.nextInt(4); n >= 0; n--) {
                int size = random.nextInt(20) == 0 ? 9000 : random.nextInt(1500);
                appended.add(Journals.append(journal, ++number, size));
            }
        }

        private void group(SegmentJournal journal) throws IOException {
            Group group = journal.nextGroup();
            if (group == null) {
                finishPreparation(journal);
                return;
            }
            group.write();
            if (random.nextInt(15) == 0) {
                crashNow();
            }
            group.force();
            mustHold = group.lastSequence();
            journal.onDurable(group);
        }

        private void mark(SegmentJournal journal) throws IOException {
            Journals.mark(journal);
        }

        private void prepare(SegmentJournal journal) throws IOException {
            if (running != null) {
                finishPreparation(journal);
            } else {
                running = journal.preparation();
            }
        }

        private void finishPreparation(SegmentJournal journal) throws IOException {
            Preparation preparation = running;
            if (preparation != null) {
                running = null;
                preparation.run();
                journal.onPrepared(preparation);
            }
        }

        /// A look at what would be left now, without dying of it.
        private void crashNow() throws IOException {
            CrashStore left = disk.crash(random);
            SegmentJournal journal = Journals.open(left);
            assertThat(journal.lastSequence()).isBetween(mustHold, (long) appended.size());
            assertThat(Journals.replay(journal))
                    .isEqualTo(
                            appended.subList(
                                    (int) journal.firstSequence() - 1,
                                    (int) journal.lastSequence()));
            SegmentJournal again = Journals.open(left.crash(random));
            assertThat(again.recovery().cut()).as("a cut is durable").isNull();
        }
    }
}

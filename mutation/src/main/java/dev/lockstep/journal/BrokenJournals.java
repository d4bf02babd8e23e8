package dev.lockstep.journal;

import dev.lockstep.core.ClusterId;
import dev.lockstep.core.GroupId;
import dev.lockstep.core.port.FileStore;
import dev.lockstep.testkit.simulator.Product;

import java.io.IOException;

/// Journals with one rule broken.
public final class BrokenJournals {

    /// A disk that was full once takes nothing any more.
    public static final Product IS_WEDGED_BY_A_FULL_DISK =
            with(
                    new JournalRules() {
                        @Override
                        boolean triesAgainWhenFull() {
                            return false;
                        }
                    });

    /// What was written is called durable though nobody has forced it to the disk.
    public static final Product DOES_NOT_FORCE =
            with(
                    new JournalRules() {
                        @Override
                        boolean forces(boolean sync) {
                            return false;
                        }
                    });

    /// Damage anywhere is taken for the torn end of a last write, and cut off with all behind it.
    public static final Product TAKES_DAMAGE_FOR_A_TORN_END =
            with(
                    new JournalRules() {
                        @Override
                        boolean refusesWhatWasProven() {
                            return false;
                        }
                    });

    private BrokenJournals() {}

    private static Product with(JournalRules rules) {
        return new Product() {
            @Override
            public SegmentJournal openJournal(
                    FileStore store, ClusterId cluster, GroupId group, JournalOptions options)
                    throws IOException {
                return SegmentJournal.open(store, cluster, group, options, rules);
            }
        };
    }
}

package dev.lockstep.node;

import dev.lockstep.journal.Group;

import org.jspecify.annotations.Nullable;

/// Writes and forces the journal's groups, one at a time.
///
/// Threading: the loop's thread calls.
sealed interface GroupWriter extends AutoCloseable permits InlineWriter, ThreadedWriter {

    /// Begins to write and force `group`, perhaps finishing before it returns. Not called while
    /// one is under way.
    void begin(Group group);

    /// What became of the group last begun, told once; null while it is under way.
    @Nullable Outcome poll();

    /// Waits for what is under way, a while.
    @Override
    void close();

    /// What became of a group.
    ///
    /// @param failure what was thrown; null if the group is durable
    /// @param nanos how long it took
    record Outcome(Group group, @Nullable Throwable failure, long nanos) {}

    /// Writes and forces on the calling thread.
    static Outcome run(Group group) {
        long start = System.nanoTime();
        Throwable failure = null;
        try {
            group.write();
            group.force();
        } catch (Throwable thrown) {
            failure = thrown;
        }
        return new Outcome(group, failure, System.nanoTime() - start);
    }
}

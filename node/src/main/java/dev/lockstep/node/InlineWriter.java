package dev.lockstep.node;

import dev.lockstep.journal.Group;

import org.jspecify.annotations.Nullable;

/// Writes on the loop's thread: no wake-up of another thread stands between a request and its
/// reply, but the loop stands still meanwhile.
final class InlineWriter implements GroupWriter {

    private @Nullable Outcome outcome;

    @Override
    public void begin(Group group) {
        outcome = GroupWriter.run(group);
    }

    @Override
    public @Nullable Outcome poll() {
        Outcome known = outcome;
        outcome = null;
        return known;
    }

    @Override
    public void close() {}
}

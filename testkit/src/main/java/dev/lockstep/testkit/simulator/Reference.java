package dev.lockstep.testkit.simulator;

import dev.lockstep.api.CommandContext;

import java.util.ArrayList;
import java.util.List;
import java.util.TreeMap;

/// The one history that all replicas must repeat: what the first of them did at each version is
/// right from then on, and everybody else, and everybody again after a restart, must do the same.
final class Reference implements SimService.Witness {

    /// Number of a change that no client asked for.
    private static final long DEADLINE = 0;

    private record Change(long number, long session, long position, long timeNanos, long reply) {}

    /// What an operation's client believes.
    private enum Belief {
        PENDING,
        DONE,
        WITHOUT_EFFECT
    }

    /// An operation from its invocation on.
    private static final class Issued {
        private final ServiceCall call;
        private final long life;
        private Belief belief = Belief.PENDING;
        private long version;

        Issued(ServiceCall call, long life) {
            this.call = call;
            this.life = life;
        }
    }

    private final Exercised exercised;
    private final List<Change> changes = new ArrayList<>();

    /// By number, from 1.
    private final List<Issued> issued = new ArrayList<>();

    /// By client's life: the last of its operations that was executed.
    private final TreeMap<Long, Long> lastOfLife = new TreeMap<>();

    /// By key: the values and the versions from which on they held.
    private final List<TreeMap<Long, Long>> values = new ArrayList<>();

    /// The highest version that any client has seen.
    private long seenVersion;

    Reference(Exercised exercised) {
        this.exercised = exercised;
        for (int i = 0; i < ServiceCall.KEYS; i++) {
            values.add(new TreeMap<>());
        }
    }

    /// The number for a client's next command.
    long nextNumber() {
        return issued.size() + 1L;
    }

    /// What every operation that begins now must come after.
    long seenVersion() {
        return seenVersion;
    }

    long version() {
        return changes.size();
    }

    /// @param life one life of a client: its commands are executed in the order of their numbers
    void onIssued(ServiceCall call, long life) {
        issued.add(new Issued(call, life));
    }

    private Issued issued(long number) {
        Violation.check(number >= 1 && number <= issued.size(), "only what a client sent runs");
        return issued.get((int) number - 1);
    }

    /// A replica executed a command.
    @Override
    public void onApplied(long version, CommandContext context, ServiceCall call, long reply) {
        Change change =
                new Change(
                        call.number(),
                        context.session(),
                        context.position(),
                        context.timeNanos(),
                        reply);
        Issued known = issued(call.number());
        Violation.check(known.call.equals(call), "a command runs as it was sent: " + call);
        if (isNew(version, change)) {
            Violation.check(known.version == 0, "a command runs once: " + call);
            Violation.check(
                    known.belief != Belief.WITHOUT_EFFECT,
                    "what a client was told is not executed is not executed: " + call);
            known.version = version;
            Long before = lastOfLife.put(known.life, call.number());
            Violation.check(
                    before == null || before < call.number(), "a client's order is kept: " + call);
            noteValue(version, call, reply);
        }
    }

    /// A replica met a deadline.
    @Override
    public void onDeadline(long version, CommandContext context) {
        if (isNew(version, new Change(DEADLINE, 0, context.position(), context.timeNanos(), 0))) {
            exercised.note(Exercised.Deed.DEADLINES_FIRED);
        }
    }

    private boolean isNew(long version, Change change) {
        Violation.check(version <= changes.size() + 1, "versions have no gaps");
        if (version == changes.size() + 1) {
            changes.add(change);
            return true;
        }
        Change known = changes.get((int) version - 1);
        Violation.check(
                known.equals(change),
                "replicas do the same at version " + version + ": " + known + ", " + change);
        return false;
    }

    private void noteValue(long version, ServiceCall call, long reply) {
        TreeMap<Long, Long> history = values.get(call.key());
        switch (call.function()) {
            case ADD -> history.put(version, reply);
            case WRITE -> history.put(version, call.first());
            case CAS -> {
                if (reply == 1) {
                    history.put(version, call.second());
                }
            }
            case RANDOM, LATER, BOOM, READ -> {}
        }
    }

    /// A client learnt what its command did.
    ///
    /// @param floor [#seenVersion] when it was issued
    void onDone(long number, long reply, long version, long floor) {
        Issued known = issued(number);
        Violation.check(
                known.version == version,
                "a reply tells what was executed: version " + version + " of " + known.call);
        Change change = changes.get((int) version - 1);
        Violation.check(
                change.reply() == reply,
                "a reply is that of the execution: " + reply + " for " + known.call);
        Violation.check(
                version > floor,
                "a command takes effect after it was issued: " + known.call + ", floor " + floor);
        known.belief = Belief.DONE;
        seenVersion = Math.max(seenVersion, version);
    }

    /// A client was told that its command is not and will not be executed.
    void onWithoutEffect(long number) {
        Issued known = issued(number);
        Violation.check(
                known.version == 0,
                "what a client was told is not executed is not executed: " + known.call);
        known.belief = Belief.WITHOUT_EFFECT;
    }

    /// A query was answered with `value` in the state at `version`.
    ///
    /// @param floor the least version it must have seen
    void onRead(ServiceCall call, long value, long version, long floor) {
        Violation.check(
                version >= floor,
                "a read sees what was acknowledged before it: " + version + " < " + floor);
        Violation.check(version <= changes.size(), "a read sees what was executed");
        var entry = values.get(call.key()).floorEntry(version);
        long expected = entry == null ? 0 : entry.getValue();
        Violation.check(
                value == expected,
                "a read of key "
                        + call.key()
                        + " at version "
                        + version
                        + " is "
                        + expected
                        + ", not "
                        + value);
    }

    /// The answer to a linearizable read becomes part of what everybody after it must see.
    void onSeen(long version) {
        seenVersion = Math.max(seenVersion, version);
    }
}

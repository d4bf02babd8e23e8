package dev.lockstep.testkit.simulator;

import dev.lockstep.core.wire.Bytes;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeMap;
import java.util.function.Function;

/// The one history that all replicas must repeat: what the first of them did at each version is
/// right from then on, and everybody else, and everybody again after a restart, must do the same.
/// Whether it was right for the service is judged by [SequentialRun].
final class Reference {

    /// What an operation's client believes.
    private enum Belief {
        PENDING,
        DONE,
        WITHOUT_EFFECT
    }

    /// A command from its invocation on.
    private static final class Issued {
        /// With its number in front, as it travels.
        private final byte[] sent;

        private final long life;
        private Belief belief = Belief.PENDING;
        private long version;

        Issued(byte[] sent, long life) {
            this.sent = sent;
            this.life = life;
        }
    }

    /// A query that was answered, where the state was at `version`.
    ///
    /// @param position as the machine was told
    /// @param reply the machine's own
    record Read(long version, long position, long timeNanos, Bytes query, Bytes reply) {}

    private final Exercised exercised;
    private final Function<byte[], String> words;
    private final List<Change> changes = new ArrayList<>();
    private final List<Read> reads = new ArrayList<>();

    /// By number, from 1.
    private final List<Issued> issued = new ArrayList<>();

    /// By client's life: the last of its operations that was executed.
    private final TreeMap<Long, Long> lastOfLife = new TreeMap<>();

    /// The highest version that any client has seen.
    private long seenVersion;

    /// @param words says what a command is
    Reference(Exercised exercised, Function<byte[], String> words) {
        this.exercised = exercised;
        this.words = words;
    }

    /// What every operation that begins now must come after.
    long seenVersion() {
        return seenVersion;
    }

    long version() {
        return changes.size();
    }

    /// By version, from 1.
    List<Change> changes() {
        return List.copyOf(changes);
    }

    /// In the order in which clients learnt.
    List<Read> reads() {
        return List.copyOf(reads);
    }

    /// Gives a client's next command a number.
    ///
    /// @param life one life of a client: its commands are executed in the order of their numbers
    long issue(byte[] command, long life) {
        long number = issued.size() + 1L;
        byte[] sent =
                ByteBuffer.allocate(WitnessedMachine.NUMBER_BYTES + command.length)
                        .putLong(number)
                        .put(command)
                        .array();
        issued.add(new Issued(sent, life));
        return number;
    }

    /// A command as it travels.
    byte[] sent(long number) {
        return issued(number).sent;
    }

    /// A command as the machine gets it.
    ByteBuffer command(long number) {
        byte[] sent = sent(number);
        int begin = WitnessedMachine.NUMBER_BYTES;
        return ByteBuffer.wrap(sent, begin, sent.length - begin);
    }

    private String words(long number) {
        ByteBuffer command = command(number);
        byte[] bytes = new byte[command.remaining()];
        command.get(bytes);
        return "command " + number + ", " + words.apply(bytes);
    }

    private Issued issued(long number) {
        Violation.check(number >= 1 && number <= issued.size(), "only what a client sent runs");
        return issued.get((int) number - 1);
    }

    private void check(boolean holds, String promise, long number) {
        if (!holds) {
            throw new Violation(promise + ": " + words(number));
        }
    }

    /// A replica is about to execute a command.
    ///
    /// @param sent the bytes that it got
    void onBegins(long number, Bytes sent) {
        Issued known = issued(number);
        check(sent.equals(Bytes.wrap(known.sent)), "a command runs as it was sent", number);
    }

    /// A replica executed a command, or met a deadline.
    ///
    /// @param change its reply is valid during the call only
    void onChanged(long version, Change change) {
        Violation.check(version <= changes.size() + 1, "versions have no gaps");
        if (version <= changes.size()) {
            Change known = changes.get((int) version - 1);
            if (!known.equals(change)) {
                throw new Violation(
                        "replicas do the same at version "
                                + version
                                + ": "
                                + known
                                + "; "
                                + change);
            }
            return;
        }
        changes.add(change.kept());
        if (change.number() == Change.DEADLINE) {
            exercised.note(Exercised.Deed.DEADLINES_FIRED);
        } else {
            onFirstExecuted(version, change.number());
        }
    }

    private void onFirstExecuted(long version, long number) {
        Issued known = issued(number);
        check(known.version == 0, "a command runs once", number);
        check(
                known.belief != Belief.WITHOUT_EFFECT,
                "what a client was told is not executed is not executed",
                number);
        known.version = version;
        Long before = lastOfLife.put(known.life, number);
        check(before == null || before < number, "a client's order is kept", number);
    }

    /// A client learnt what its command did.
    ///
    /// @param reply the machine's own
    /// @param floor [#seenVersion] when it was issued
    void onDone(long number, Bytes reply, long version, long floor) {
        Issued known = issued(number);
        check(
                version > 0 && known.version == version,
                "a reply tells what was executed, not version " + version,
                number);
        Change change = changes.get((int) version - 1);
        check(
                !change.hasFailed() && change.reply().equals(reply),
                "a reply is that of the execution, not " + CallText.of(reply.toByteArray()),
                number);
        check(
                version > floor,
                "a command takes effect after it was issued, not before version " + floor,
                number);
        known.belief = Belief.DONE;
        seenVersion = Math.max(seenVersion, version);
    }

    /// A client learnt that the machine threw.
    void onFailed(long number) {
        Issued known = issued(number);
        check(
                known.version > 0 && changes.get((int) known.version - 1).hasFailed(),
                "a failure is that of the execution",
                number);
        known.belief = Belief.DONE;
        seenVersion = Math.max(seenVersion, known.version);
    }

    /// A client was told that its command is not and will not be executed.
    void onWithoutEffect(long number) {
        Issued known = issued(number);
        check(known.version == 0, "what a client was told is not executed is not executed", number);
        known.belief = Belief.WITHOUT_EFFECT;
    }

    /// A query was answered.
    ///
    /// @param floor the least version it must have seen
    void onRead(Read read, long floor) {
        Violation.check(
                read.version() >= floor,
                "a read sees what was acknowledged before it: " + read.version() + " < " + floor);
        Violation.check(read.version() <= changes.size(), "a read sees what was executed");
        reads.add(read);
    }

    /// The answer to a linearizable read becomes part of what everybody after it must see.
    void onSeen(long version) {
        seenVersion = Math.max(seenVersion, version);
    }
}

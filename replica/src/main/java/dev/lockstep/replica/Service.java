package dev.lockstep.replica;

import dev.lockstep.api.CommandContext;
import dev.lockstep.api.FrozenState;
import dev.lockstep.api.ReplyBuffer;
import dev.lockstep.api.StateMachine;
import dev.lockstep.core.ClusterId;
import dev.lockstep.core.wire.ClientReply.Status;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Objects;
import java.util.random.RandomGenerator;

/// The user's state machine behind the one place that calls it.
///
/// An `Exception` or `AssertionError` is a bug of the service that every replica meets alike, so it
/// becomes a reply. Any other `Error` is this replica's own misfortune and leaves through here.
final class Service {

    /// What a command or query may know. One object, set anew before each call.
    private static final class Context implements CommandContext {
        private final SeededRandom random = new SeededRandom();
        private long session;
        private long position;
        private long timeNanos;

        @Override
        public long session() {
            return session;
        }

        @Override
        public RandomGenerator random() {
            return random;
        }

        @Override
        public long timeNanos() {
            return timeNanos;
        }

        @Override
        public long position() {
            return position;
        }
    }

    /// There can be no snapshot of the state as it is.
    static final class CannotFreezeException extends Exception {
        private static final long serialVersionUID = 1L;

        CannotFreezeException(Throwable cause) {
            super("no snapshot was taken: the service threw " + cause, cause);
        }
    }

    /// So many characters of a command's description are used.
    private static final int MOST_WORDS = 200;

    private final StateMachine machine;
    private final ReplicaListener listener;
    private final ReplicaRules rules;
    private final ReplyBuffer reply;
    private final long clusterSeed;
    private final Context context = new Context();

    /// Where the last reply is: in `reply`, or a sentence if the service threw.
    private byte[] result = new byte[0];

    private int resultLength;

    /// The machine's own deadline as it was after the last call that may have changed it.
    private long deadlineNanos = Long.MAX_VALUE;

    /// How many calls of the current position had randomness: part of the seed.
    private int callsInPosition;

    private long failures;

    Service(
            StateMachine machine,
            ClusterId cluster,
            int replyBytes,
            ReplicaListener listener,
            ReplicaRules rules) {
        this.machine = machine;
        this.rules = rules;
        this.listener = listener;
        this.reply = new ReplyBuffer(replyBytes);
        this.clusterSeed = Mixing.fold(cluster.high(), cluster.low());
    }

    StateMachine machine() {
        return machine;
    }

    long failures() {
        return failures;
    }

    /// The next calls belong to this position.
    void enter(long position, long timeNanos) {
        context.position = position;
        context.timeNanos = timeNanos;
        callsInPosition = 0;
    }

    byte[] result() {
        return result;
    }

    int resultLength() {
        return resultLength;
    }

    /// Executes one command; its reply is in [#result()].
    Status apply(long session, long sequence, ByteBuffer command) {
        prepareCommand(session);
        try {
            machine.apply(context, command, reply);
            return replied();
        } catch (Exception | AssertionError thrown) {
            return failed(session, sequence, thrown);
        }
    }

    /// Answers one query of the state as it is; the answer is in [#result()].
    Status query(ByteBuffer query) {
        context.session = 0;
        reply.clear();
        try {
            machine.query(context, query, reply);
            return replied();
        } catch (Exception | AssertionError thrown) {
            return failed(0, 0, thrown);
        }
    }

    /// What a command is, in a line for people; empty if the service does not say.
    String describe(ByteBuffer command) {
        String words;
        try {
            words = Objects.requireNonNull(machine.describe(command), "words that are null");
        } catch (RuntimeException | AssertionError thrown) {
            return "";
        }
        StringBuilder line = new StringBuilder();
        words.codePoints()
                .limit(MOST_WORDS)
                .map(each -> Character.isISOControl(each) ? ' ' : each)
                .forEach(line::appendCodePoint);
        return line.toString();
    }

    /// The state as it is now.
    ///
    /// @throws CannotFreezeException if the service threw
    FrozenState freeze() throws CannotFreezeException {
        try {
            return Objects.requireNonNull(machine.snapshot(), "a snapshot that is null");
        } catch (RuntimeException | AssertionError thrown) {
            throw new CannotFreezeException(thrown);
        }
    }

    /// When the state changes without a command; `Long.MAX_VALUE` for never.
    long deadlineNanos() {
        return deadlineNanos;
    }

    /// Makes the changes that are due.
    void onDeadline() {
        prepareCommand(0);
        try {
            machine.onDeadline(context);
        } catch (Exception | AssertionError thrown) {
            failed(0, 0, thrown);
        }
    }

    /// What the last call changed, as a digest; 0 if nothing, or if the machine does not say.
    long changeDigest() {
        try {
            return machine.changeDigest();
        } catch (Exception | AssertionError thrown) {
            failed(0, 0, thrown);
            return 0;
        }
    }

    /// Asks the machine for its deadline, after commands may have changed it.
    void refreshDeadline() {
        try {
            deadlineNanos = machine.nextDeadlineNanos();
        } catch (Exception | AssertionError thrown) {
            failed(0, 0, thrown);
            deadlineNanos = Long.MAX_VALUE;
        }
    }

    /// A view of a request's bytes as a state machine gets them.
    static ByteBuffer view(byte[] array, int offset, int length) {
        return ByteBuffer.wrap(array, offset, length);
    }

    /// Points a view at another request in the same array, whatever a service did to it before.
    static ByteBuffer move(ByteBuffer view, int offset, int length) {
        return view.clear().order(ByteOrder.BIG_ENDIAN).position(offset).limit(offset + length);
    }

    private void prepareCommand(long session) {
        context.session = session;
        context.random.seed(
                Mixing.fold(Mixing.fold(clusterSeed, context.position), callsInPosition++));
        reply.clear();
    }

    private Status replied() {
        result = reply.array();
        resultLength = reply.size();
        return Status.OK;
    }

    /// The sentence names nothing that could differ between replicas: not the exception's message.
    private Status failed(long session, long sequence, Throwable thrown) {
        if (!rules.answersFailures()) {
            throw new IllegalStateException(thrown);
        }
        failures++;
        listener.onServiceFailure(context.position, session, sequence, thrown);
        result =
                ("the service threw "
                                + thrown.getClass().getName()
                                + " at position "
                                + context.position
                                + "; its log says more, and replaying that position repeats it")
                        .getBytes(StandardCharsets.UTF_8);
        resultLength = result.length;
        return Status.SERVICE_FAILURE;
    }
}

package dev.lockstep.testkit.history;

import org.jspecify.annotations.Nullable;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/// Checks what clients see while they run, in bounded memory, for as long as one likes.
///
/// Each key's history is cut into pieces of some dozens of operations, at moments when nothing is
/// open if there are such. All states that are possible at a cut are carried over to the next
/// piece, together with what was open, so that nothing is lost by cutting: a violation is found if
/// and only if [LinearizabilityChecker] would find it in the whole history, at the latest when the
/// key's current piece is cut or [#finish] is called.
///
/// Where the [Limits] do not suffice, less is checked, and [#unchecked] and [#keysGivenUp] say so.
/// An operation that stays open while thousands of others on its key return counts as one whose
/// outcome is unknown. A key is given up when too many of its outcomes are unknown, or too many
/// states are possible: a long run had better go on to new keys from time to time and [#retire] the
/// old ones.
///
/// Threading: any thread. The moment of a call is that of [#invoke] and [Call#returned], so invoke
/// before the request is sent, and say what was returned after the reply arrived.
public final class OnlineChecker {

    private final SequentialModel model;
    private final Limits limits;
    private final Map<String, OnlineKey> keys = new HashMap<>();
    private long now;
    private long checked;
    private long unchecked;
    private int keysGivenUp;
    private @Nullable Window violation;

    /// What bounds memory and time.
    ///
    /// @param piece from how many operations on a key they are checked
    /// @param mostHeld how many operations of a key are kept unchecked while one of them is open
    /// @param mostUnknown how many operations of unknown outcome a key may have
    /// @param mostKeys how many keys are checked at a time
    /// @param mostConfigurations how many configurations the check of one piece may look at
    public record Limits(
            int piece, int mostHeld, int mostUnknown, int mostKeys, long mostConfigurations) {

        /// 32 operations, 2,048 held, 24 unknown, 100,000 keys, 200,000 configurations.
        public static final Limits DEFAULT = new Limits(32, 2_048, 24, 100_000, 200_000);

        public Limits {
            if (piece < 1
                    || mostHeld < piece
                    || mostUnknown < 0
                    || mostKeys < 1
                    || mostConfigurations < 1) {
                throw new IllegalArgumentException("limits make no sense");
            }
        }
    }

    /// A checker of objects that `model` describes.
    public OnlineChecker(SequentialModel model) {
        this(model, Limits.DEFAULT);
    }

    /// A checker with other limits.
    public OnlineChecker(SequentialModel model, Limits limits) {
        this.model = model;
        this.limits = limits;
    }

    /// An operation is about to be sent.
    ///
    /// @param session see [Operation]
    /// @throws LinearizabilityViolation if one was found before
    public synchronized Call invoke(long session, String key, String function, String argument) {
        rethrow();
        now++;
        OnlineKey object = keys.get(key);
        if (object == null && keys.size() < limits.mostKeys()) {
            object = new OnlineKey(model, limits);
            keys.put(key, object);
        }
        Call call = new Call(object, new Recording(session, key, function, argument, now));
        if (object != null && !object.isGivenUp()) {
            object.invoked(call);
        }
        return call;
    }

    /// Checks what is left of all keys; operations that are open count as unknown. Calls may go on
    /// afterwards, but what these return is not checked.
    ///
    /// @throws LinearizabilityViolation if there is one
    public synchronized void finish() {
        rethrow();
        for (OnlineKey object : keys.values()) {
            finish(object);
        }
    }

    /// Checks what is left of a key and forgets it; its operations that are open count as unknown.
    /// If it is used again, it is a new object.
    ///
    /// @throws LinearizabilityViolation if there is one
    public synchronized void retire(String key) {
        rethrow();
        OnlineKey object = keys.remove(key);
        if (object != null) {
            finish(object);
        }
    }

    /// How many operations have been checked.
    public synchronized long checked() {
        return checked;
    }

    /// How many results are not and will not be checked, because a limit was reached.
    public synchronized long unchecked() {
        return unchecked;
    }

    /// How many keys were given up.
    public synchronized int keysGivenUp() {
        return keysGivenUp;
    }

    /// How many operations are held, on all keys, those of unknown outcome included.
    synchronized int held() {
        return keys.values().stream().mapToInt(OnlineKey::held).sum();
    }

    private void finish(OnlineKey object) {
        now++;
        if (!object.isGivenUp()) {
            account(object, object.finish(now));
        }
    }

    private void rethrow() {
        if (violation != null) {
            throw new LinearizabilityViolation(violation);
        }
    }

    private void ended(Call call) {
        OnlineKey object = call.object;
        if (object == null || object.isGivenUp() || call.isAbandoned) {
            unchecked += call.recording.hasReturned() ? 1 : 0;
            return;
        }
        account(object, object.ended(now + 1));
    }

    private void account(OnlineKey object, OnlineKey.Progress progress) {
        checked += progress.checked();
        unchecked += progress.unchecked();
        keysGivenUp += object.isGivenUp() ? 1 : 0;
        violation = progress.violation();
        rethrow();
    }

    /// One operation from its invocation on.
    public final class Call {
        private final @Nullable OnlineKey object;
        private final Recording recording;
        private boolean isEnded;
        private boolean isAbandoned;

        private Call(@Nullable OnlineKey object, Recording recording) {
            this.object = object;
            this.recording = recording;
        }

        /// It returned.
        ///
        /// @throws LinearizabilityViolation if that contradicts what was seen
        public void returned(String what) {
            synchronized (OnlineChecker.this) {
                end();
                recording.returned(what, now);
                ended(this);
            }
        }

        /// Its outcome will never be known.
        ///
        /// @throws LinearizabilityViolation if there is one
        public void lost() {
            synchronized (OnlineChecker.this) {
                end();
                ended(this);
            }
        }

        /// It is certain that it had no effect and never will, such as a refused command.
        ///
        /// @throws LinearizabilityViolation if there is one
        public void hadNoEffect() {
            synchronized (OnlineChecker.this) {
                end();
                recording.hadNoEffect();
                ended(this);
            }
        }

        private void end() {
            rethrow();
            if (isEnded) {
                throw new IllegalStateException(recording.operation() + " ended already");
            }
            isEnded = true;
            now++;
        }

        boolean isOpen() {
            return !isEnded && !isAbandoned;
        }

        boolean isWithoutEffect() {
            return recording.isWithoutEffect();
        }

        /// From now on its outcome counts as unknown.
        void abandon() {
            isAbandoned = true;
        }

        long invokedAt() {
            return recording.invokedAt();
        }

        Operation operation() {
            return recording.operation();
        }
    }

    /// The calls' operations that may have had an effect.
    static List<Operation> operations(List<Call> calls) {
        List<Operation> operations = new ArrayList<>(calls.size());
        for (Call call : calls) {
            if (!call.isWithoutEffect()) {
                operations.add(call.operation());
            }
        }
        return operations;
    }
}

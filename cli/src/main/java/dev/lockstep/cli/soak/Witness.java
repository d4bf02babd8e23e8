package dev.lockstep.cli.soak;

import dev.lockstep.testkit.history.HistoryRecorder;
import dev.lockstep.testkit.history.KeyValueModel;
import dev.lockstep.testkit.history.LinearizabilityViolation;
import dev.lockstep.testkit.history.OnlineChecker;
import dev.lockstep.testkit.history.Window;

import org.jspecify.annotations.Nullable;

import java.util.Collection;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/// Writes down what clients do and see, and checks it while they run: what cannot be is found
/// within some dozens of operations on its key. A key is looked at through all rounds in which it
/// is read, and not only from what an earlier round left behind.
///
/// Threading: any thread; [#beginRound], [#beginAnew] and [#retainAll] while no client runs.
final class Witness {

    private final Set<String> keys = ConcurrentHashMap.newKeySet();

    private volatile OnlineChecker checker = new OnlineChecker(new KeyValueModel());

    /// Of this round.
    private volatile HistoryRecorder history = new HistoryRecorder();

    /// The first that was found.
    private volatile @Nullable ViolationException found;

    /// Those of former checkers.
    private long checkedBefore;

    private long uncheckedBefore;

    void beginRound() {
        history = new HistoryRecorder();
    }

    /// The cluster is no more, and with it all that its keys held. What is left of them is checked.
    void beginAnew() {
        retainAll(Set.of());
        checkedBefore += checker.checked();
        uncheckedBefore += checker.unchecked();
        checker = new OnlineChecker(new KeyValueModel());
    }

    /// Of all keys but these nothing more will be seen.
    void retainAll(Collection<String> wanted) {
        for (String key : Set.copyOf(keys)) {
            if (!wanted.contains(key)) {
                keys.remove(key);
                guard(() -> checker.retire(key));
            }
        }
    }

    /// What was seen in this round.
    HistoryRecorder history() {
        return history;
    }

    /// How many results have been checked while clients ran.
    long checked() {
        return checkedBefore + checker.checked();
    }

    /// How many have not and will not be, because too many outcomes were unknown.
    long unchecked() {
        return uncheckedBefore + checker.unchecked();
    }

    /// @throws ViolationException if no order explains what clients saw
    void check() throws ViolationException {
        ViolationException violation = found;
        if (violation != null) {
            throw violation;
        }
    }

    /// An operation is about to be sent.
    Call invoke(long session, String key, String function, String argument) {
        keys.add(key);
        HistoryRecorder.Call written = history.invoke(session, key, function, argument);
        OnlineChecker.Call checked = null;
        try {
            checked = checker.invoke(session, key, function, argument);
        } catch (LinearizabilityViolation violation) {
            note(violation);
        }
        return new Call(written, checked);
    }

    private void guard(Runnable check) {
        try {
            check.run();
        } catch (LinearizabilityViolation violation) {
            note(violation);
        }
    }

    private synchronized void note(LinearizabilityViolation violation) {
        if (found == null) {
            Window window = violation.window();
            found = violation(window.key(), window.culprit().toString(), window.text());
        }
    }

    /// That no order explains what clients saw of a key.
    static ViolationException violation(String key, String culprit, String window) {
        return new ViolationException(
                "no order explains what the clients saw of key %s: it is certain by %s"
                        .formatted(key, culprit),
                window);
    }

    /// One operation from its invocation on; one of the three is called, once.
    final class Call {
        private final HistoryRecorder.Call written;

        /// Null once a violation was found.
        private final OnlineChecker.@Nullable Call checked;

        private Call(HistoryRecorder.Call written, OnlineChecker.@Nullable Call checked) {
            this.written = written;
            this.checked = checked;
        }

        void returned(String what) {
            written.returned(what);
            OnlineChecker.Call call = checked;
            if (call != null) {
                guard(() -> call.returned(what));
            }
        }

        /// It is certain that it had no effect and never will.
        void hadNoEffect() {
            written.hadNoEffect();
            OnlineChecker.Call call = checked;
            if (call != null) {
                guard(call::hadNoEffect);
            }
        }

        /// Nobody will ever know whether it had an effect.
        void lost() {
            OnlineChecker.Call call = checked;
            if (call != null) {
                guard(call::lost);
            }
        }
    }
}

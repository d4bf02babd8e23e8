package dev.lockstep.testkit.history;

import java.util.ArrayList;
import java.util.List;
import java.util.function.LongSupplier;

/// Writes down what clients do and see, for [LinearizabilityChecker].
///
/// Threading: any thread. All clients of one history must share the clock: one process, one
/// recorder.
public final class HistoryRecorder {

    private final LongSupplier clock;
    private final List<Call> calls = new ArrayList<>();

    /// A recorder on the process's monotonic clock.
    public HistoryRecorder() {
        this(System::nanoTime);
    }

    /// A recorder on a clock that never goes back.
    public HistoryRecorder(LongSupplier clock) {
        this.clock = clock;
    }

    /// An operation is about to be sent.
    ///
    /// @param session see [Operation]
    public Call invoke(long session, String key, String function, String argument) {
        synchronized (calls) {
            Call call =
                    new Call(new Recording(session, key, function, argument, clock.getAsLong()));
            calls.add(call);
            return call;
        }
    }

    /// Everything so far but what is known to have had no effect, in the order of invocation.
    public List<Operation> operations() {
        synchronized (calls) {
            List<Operation> operations = new ArrayList<>(calls.size());
            for (Call call : calls) {
                if (!call.recording.isWithoutEffect()) {
                    operations.add(call.recording.operation());
                }
            }
            return operations;
        }
    }

    /// How many operations were invoked.
    public int size() {
        synchronized (calls) {
            return calls.size();
        }
    }

    /// One operation from its invocation on. Its outcome is unknown until somebody tells.
    public final class Call {
        private final Recording recording;

        private Call(Recording recording) {
            this.recording = recording;
        }

        /// It returned.
        public void returned(String what) {
            synchronized (calls) {
                recording.returned(what, clock.getAsLong());
            }
        }

        /// It is certain that it had no effect and never will, such as a refused command or a query
        /// without an answer.
        public void hadNoEffect() {
            synchronized (calls) {
                recording.hadNoEffect();
            }
        }
    }
}

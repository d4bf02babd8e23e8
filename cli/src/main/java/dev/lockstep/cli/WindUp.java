package dev.lockstep.cli;

import org.jspecify.annotations.Nullable;

import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/// Lets long work that is ended by Ctrl-C or SIGTERM say what it has found, or why it could not go
/// on: the process ends when all of that is said, with the exit code of the command and not with
/// the signal's. Work that takes too long over it is ended by the signal.
///
/// Threading: `stop` is called on a thread of its own.
public final class WindUp implements AutoCloseable {

    /// What a signal has ended.
    private static volatile @Nullable WindUp signalled;

    private final CountDownLatch said = new CountDownLatch(1);
    private final Runnable stop;
    private final int seconds;
    private final Thread hook = Thread.ofPlatform().unstarted(this::onSignal);
    private volatile int code;

    private WindUp(Runnable stop, int seconds) {
        this.stop = stop;
        this.seconds = seconds;
    }

    /// Ready for a signal until it is closed.
    ///
    /// @param stop asks the work to end, and returns at once
    /// @param seconds how long that may take
    public static WindUp ready(Runnable stop, int seconds) {
        WindUp ready = new WindUp(stop, seconds);
        Runtime.getRuntime().addShutdownHook(ready.hook);
        return ready;
    }

    /// Ends the process, instead of `System.exit`, when the command has said everything.
    static void exit(int exitCode) {
        WindUp waiting = signalled;
        if (waiting != null) {
            waiting.code = exitCode;
            waiting.said.countDown();
        }
        System.exit(exitCode);
    }

    private void onSignal() {
        signalled = this;
        stop.run();
        try {
            if (said.await(seconds, TimeUnit.SECONDS)) {
                Runtime.getRuntime().halt(code);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    @Override
    public void close() {
        try {
            Runtime.getRuntime().removeShutdownHook(hook);
        } catch (IllegalStateException shuttingDown) {
            // The hook waits for the exit code, which is not known before all is said. It may not
            // have begun yet.
            signalled = this;
        }
    }
}

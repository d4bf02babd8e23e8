package dev.lockstep.cli;

import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/// Lets long work that is ended by Ctrl-C or SIGTERM say what it has found: the process ends when
/// the work has wound up, with the exit code that it says, and not with the signal's. Work that
/// takes too long over it is ended by the signal.
///
/// Threading: `stop` is called on a thread of its own.
public final class WindUp implements AutoCloseable {

    private final CountDownLatch done = new CountDownLatch(1);
    private final Runnable stop;
    private final int seconds;
    private final Thread hook = Thread.ofPlatform().unstarted(this::onSignal);
    private volatile int code = ExitCode.FAILED;

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

    /// The work has ended, whether it was asked to or not.
    ///
    /// @return the exit code
    public int ended(int exitCode) {
        code = exitCode;
        return exitCode;
    }

    private void onSignal() {
        stop.run();
        try {
            if (done.await(seconds, TimeUnit.SECONDS)) {
                Runtime.getRuntime().halt(code);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    @Override
    public void close() {
        done.countDown();
        try {
            Runtime.getRuntime().removeShutdownHook(hook);
        } catch (IllegalStateException shuttingDown) {
            // It is the hook that waits for this.
        }
    }
}

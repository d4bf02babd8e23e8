package dev.lockstep.node;

import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.util.Optional;

/// Lets threads whose work has time give way to those that a client waits for, where there are
/// fewer processors than threads that could run.
///
/// `Thread.setPriority` does nothing on Linux unless the whole JVM is told otherwise; there
/// `setpriority(2)` is of a thread. Elsewhere it is of the process, so nothing is done.
final class Niceness {

    /// Of 0 to 19: gets a tenth of what a usual thread gets while both want to run.
    static final int OF_BACKGROUND = 10;

    private static final Logger LOG = LoggerFactory.getLogger(Node.class);

    private static final int PRIO_PROCESS = 0;
    private static final int CALLING_THREAD = 0;

    private Niceness() {}

    /// Lowers the calling thread's priority for good. Does nothing where that cannot be done: on
    /// other systems than Linux, in a JVM without `--enable-native-access`, and on a virtual
    /// thread, which would lower whatever carries it.
    @SuppressWarnings("restricted") // Only where the JVM was told that it may.
    static void lowerOwn() {
        if (!isSupported() || Thread.currentThread().isVirtual()) {
            return;
        }
        Linker linker = Linker.nativeLinker();
        Optional<MethodHandle> setPriority =
                linker.defaultLookup()
                        .find("setpriority")
                        .map(
                                address ->
                                        linker.downcallHandle(
                                                address,
                                                FunctionDescriptor.of(
                                                        ValueLayout.JAVA_INT,
                                                        ValueLayout.JAVA_INT,
                                                        ValueLayout.JAVA_INT,
                                                        ValueLayout.JAVA_INT)));
        setPriority.ifPresent(Niceness::call);
    }

    static boolean isSupported() {
        return System.getProperty("os.name").equals("Linux")
                && Niceness.class.getModule().isNativeAccessEnabled();
    }

    private static void call(MethodHandle setPriority) {
        try {
            int result = (int) setPriority.invokeExact(PRIO_PROCESS, CALLING_THREAD, OF_BACKGROUND);
            if (result != 0) {
                LOG.debug("{} keeps its priority", Thread.currentThread().getName());
            }
        } catch (Throwable impossible) {
            throw new IllegalStateException("setpriority cannot be called", impossible);
        }
    }
}

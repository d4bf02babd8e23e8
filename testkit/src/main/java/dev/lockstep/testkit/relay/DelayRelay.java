package dev.lockstep.testkit.relay;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.time.Duration;
import java.util.LinkedHashSet;
import java.util.Random;
import java.util.Set;

/// Listens on a port of this machine and hands every connection on to another one, as if the other
/// were far away: what goes through arrives later, each way, by a constant time and, if that is
/// wanted, by a random one on top of it.
///
/// Bytes stay in their order and are not held back for lack of room, unless [#MOST_BYTES] of one
/// direction are under way. Connecting itself takes no time: whoever dials is connected to the
/// relay before the relay has dialled on. When one end closes, the other hears of it as late as of
/// everything else; when one end fails, the other is closed at once.
///
/// Threading: any thread. Two threads of its own for each direction of a connection, which sleep
/// while there is nothing to do.
public final class DelayRelay implements AutoCloseable {

    /// Of one direction of a connection; more is not read until some of it has arrived.
    public static final int MOST_BYTES = 64 << 20;

    private static final int BACKLOG = 64;
    private static final int DIAL_MILLIS = 2_000;

    private final InetSocketAddress target;
    private final long delayNanos;
    private final long jitterNanos;
    private final Random seeds;
    private final ServerSocket listening;

    /// Both ends of every connection that is open.
    private final Set<Socket> open = new LinkedHashSet<>();

    private DelayRelay(
            InetSocketAddress target, Duration delay, Duration jitter, long seed, ServerSocket at) {
        this.target = target;
        this.delayNanos = delay.toNanos();
        this.jitterNanos = jitter.toNanos();
        this.seeds = new Random(seed);
        this.listening = at;
    }

    /// Begins to listen on a free port of the loopback interface.
    ///
    /// @param target where connections go; it need not listen yet
    /// @param delay how long each way takes, 0 or more
    /// @param jitter up to so much more, drawn anew for everything that is read, 0 or more
    /// @param seed for the jitter
    /// @throws IOException if no port can be had
    public static DelayRelay open(
            InetSocketAddress target, Duration delay, Duration jitter, long seed)
            throws IOException {
        if (delay.isNegative() || jitter.isNegative()) {
            throw new IllegalArgumentException(
                    "delay and jitter must not be negative: " + delay + ", " + jitter);
        }
        ServerSocket socket = new ServerSocket(0, BACKLOG, InetAddress.getLoopbackAddress());
        DelayRelay relay = new DelayRelay(target, delay, jitter, seed, socket);
        Thread.ofPlatform().daemon().name("relay-" + relay.port()).start(relay::accept);
        return relay;
    }

    /// Where it listens.
    public int port() {
        return listening.getLocalPort();
    }

    /// How many connections go through it now.
    public int connections() {
        synchronized (open) {
            return open.size() / 2;
        }
    }

    private void accept() {
        while (!listening.isClosed()) {
            try {
                connect(listening.accept());
            } catch (IOException closed) {
                // Or one caller has gone already; the next may not have.
            }
        }
    }

    private void connect(Socket near) throws IOException {
        Socket far = new Socket();
        try {
            near.setTcpNoDelay(true);
            far.setTcpNoDelay(true);
            far.connect(target, DIAL_MILLIS);
        } catch (IOException e) {
            near.close();
            far.close();
            return;
        }
        synchronized (open) {
            if (listening.isClosed()) {
                near.close();
                far.close();
                return;
            }
            open.add(near);
            open.add(far);
        }
        Runnable whenEnded = () -> end(near, far);
        new DelayLine(near, far, delayNanos, jitterNanos, seeds.nextLong(), whenEnded).start();
        new DelayLine(far, near, delayNanos, jitterNanos, seeds.nextLong(), whenEnded).start();
    }

    /// One direction has ended: with an error, and then both do, or in peace, and then the other
    /// goes on until it has too.
    private void end(Socket near, Socket far) {
        synchronized (open) {
            boolean isOver = near.isClosed() || (near.isOutputShutdown() && far.isOutputShutdown());
            if (isOver) {
                open.remove(near);
                open.remove(far);
                DelayLine.close(near);
                DelayLine.close(far);
            }
        }
    }

    /// Stops listening and closes every connection at once.
    @Override
    public void close() {
        synchronized (open) {
            try {
                listening.close();
            } catch (IOException alreadyClosed) {
                // There is nothing left to do.
            }
            open.forEach(DelayLine::close);
            open.clear();
        }
    }
}

package dev.lockstep.net;

import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.PooledByteBufAllocator;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.IoHandlerFactory;
import io.netty.channel.ManualIoEventLoop;
import io.netty.channel.epoll.Epoll;
import io.netty.channel.epoll.EpollIoHandler;
import io.netty.channel.epoll.EpollServerSocketChannel;
import io.netty.channel.epoll.EpollSocketChannel;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.ServerSocketChannel;
import io.netty.channel.socket.SocketChannel;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import io.netty.channel.socket.nio.NioSocketChannel;

import org.jspecify.annotations.Nullable;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;

/// The sockets of one thread, driven by that thread: epoll where there is one, NIO elsewhere.
///
/// The owner calls [#poll], which hands in whatever has arrived, does its work, and calls [#flush],
/// which gives everything written since to the kernel, one write a connection. Nothing is written
/// in between.
///
/// Threading: the thread that first calls [#poll] owns the loop; every method is its own, except
/// [#wakeup] and [#execute].
public final class NetworkLoop implements AutoCloseable {

    /// How much is read from a socket at once.
    static final int READ_BYTES = 64 << 10;

    private static final long DO_NOT_BLOCK = -1;

    private final boolean epoll;
    private final ManualIoEventLoop loop;
    private final ByteBufAllocator allocator = PooledByteBufAllocator.DEFAULT;

    /// Connections written to since the last flush.
    private final List<FrameConnection> unflushed = new ArrayList<>();

    private final List<Runnable> flushHooks = new ArrayList<>();

    /// True while a task is queued that ends the next poll.
    private final AtomicBoolean wakeupPending = new AtomicBoolean();

    private final Patience patience = new Patience();

    private final UnfinishedFrames unfinishedFrames = new UnfinishedFrames();

    /// Where frames are parsed in place; grows to the most that was read at once.
    private byte[] scratch = new byte[READ_BYTES];

    /// Set by the first poll.
    private @Nullable Thread owner;

    /// What a handler threw, to be thrown by the poll that called it.
    private @Nullable Throwable failure;

    private NetworkLoop(boolean epoll, IoHandlerFactory handlers) {
        this.epoll = epoll;
        this.loop = new ManualIoEventLoop(null, handlers);
    }

    /// A loop on the best the platform has.
    public static NetworkLoop create() {
        return Epoll.isAvailable() ? new NetworkLoop(true, EpollIoHandler.newFactory()) : withNio();
    }

    /// A loop on what every platform has.
    static NetworkLoop withNio() {
        return new NetworkLoop(false, NioIoHandler.newFactory());
    }

    /// Hands in what has arrived and runs what is due, waiting for it if there is nothing.
    ///
    /// @param waitNanos wait at most this long; 0 or less: do not wait
    /// @return how much there was to do; 0 for nothing
    public int poll(long waitNanos) {
        if (owner == null) {
            owner = Thread.currentThread();
            loop.setOwningThread(owner);
        }
        int handled = waitNanos <= 0 ? loop.run(DO_NOT_BLOCK, 0) : await(waitNanos);
        Throwable thrown = failure;
        if (thrown != null) {
            failure = null;
            throwUnchecked(thrown);
        }
        return handled;
    }

    /// Looks for work for a moment before it sleeps, if work has lately come within such a moment:
    /// to be woken up costs a thread more than that.
    @SuppressWarnings("ThreadPriorityCheck") // a hint is all that is wanted: it may do nothing
    private int await(long waitNanos) {
        long began = System.nanoTime();
        int handled = 0;
        if (patience.isWorthwhile()) {
            long look = Math.min(waitNanos, patience.lookNanos());
            long looked = 0;
            while (handled == 0 && looked < look) {
                handled = loop.run(DO_NOT_BLOCK, 0);
                if (handled == 0) {
                    Thread.yield();
                    looked = System.nanoTime() - began;
                }
            }
            waitNanos -= looked;
        }
        if (handled == 0) {
            handled = loop.run(waitNanos <= 0 ? DO_NOT_BLOCK : waitNanos, 0);
        }
        patience.waited(System.nanoTime() - began);
        return handled;
    }

    /// Gives everything written since the last flush to the kernel.
    public void flush() {
        for (int i = 0; i < flushHooks.size(); i++) {
            flushHooks.get(i).run();
        }
        // A flush may end a connection, whose handler may write to another.
        for (int i = 0; i < unflushed.size(); i++) {
            unflushed.get(i).flush();
        }
        unflushed.clear();
    }

    /// Calls `hook` at the start of every [#flush], for sockets that are not frame connections.
    public void atFlush(Runnable hook) {
        flushHooks.add(hook);
    }

    /// Ends a [#poll] that waits, or the next one. Any thread; nothing happens once the loop is
    /// closed.
    public void wakeup() {
        // A task, because Netty forgets a wake-up that comes while the loop is not waiting.
        if (!wakeupPending.getAndSet(true)) {
            try {
                loop.execute(this::onWokenUp);
            } catch (RejectedExecutionException closed) {
                // There is no poll to be ended.
                wakeupPending.set(true);
            }
        }
    }

    private void onWokenUp() {
        wakeupPending.set(false);
    }

    /// Runs `task` on the owner's thread within a [#poll]. Any thread.
    ///
    /// @throws java.util.concurrent.RejectedExecutionException if the loop is closed
    public void execute(Runnable task) {
        loop.execute(() -> runGuarded(task));
    }

    /// Runs `task` within a [#poll] after `delayNanos`.
    void schedule(Runnable task, long delayNanos) {
        var _ = loop.schedule(() -> runGuarded(task), delayNanos, TimeUnit.NANOSECONDS);
    }

    /// For Netty bootstraps.
    public EventLoopGroup eventLoop() {
        return loop;
    }

    /// The class of this platform's listening sockets.
    public Class<? extends ServerSocketChannel> serverChannelType() {
        return epoll ? EpollServerSocketChannel.class : NioServerSocketChannel.class;
    }

    /// The class of this platform's connected sockets.
    public Class<? extends SocketChannel> channelType() {
        return epoll ? EpollSocketChannel.class : NioSocketChannel.class;
    }

    /// True on epoll.
    boolean isEpoll() {
        return epoll;
    }

    /// Where buffers come from.
    public ByteBufAllocator allocator() {
        return allocator;
    }

    /// Closes every socket at once. The last call.
    @Override
    public void close() {
        if (owner == null) {
            owner = Thread.currentThread();
            loop.setOwningThread(owner);
        }
        var _ = loop.shutdownGracefully(0, 0, TimeUnit.NANOSECONDS);
        while (!loop.isTerminated()) {
            loop.runNow();
        }
        unflushed.clear();
    }

    /// An exception that no handler may keep: thrown by the poll in progress.
    void fail(Throwable thrown) {
        if (failure == null) {
            failure = thrown;
        } else if (failure != thrown) {
            failure.addSuppressed(thrown);
        }
    }

    /// True while a poll in progress is going to throw: nothing more is handed in.
    boolean hasFailed() {
        return failure != null;
    }

    void markUnflushed(FrameConnection connection) {
        unflushed.add(connection);
    }

    UnfinishedFrames unfinishedFrames() {
        return unfinishedFrames;
    }

    /// Memory for `size` bytes, valid until the next call.
    byte[] scratch(int size) {
        if (scratch.length < size) {
            scratch = new byte[size];
        }
        return scratch;
    }

    /// Runs what Netty calls; Netty would log and forget what it throws.
    void runGuarded(Runnable task) {
        if (failure != null) {
            return;
        }
        try {
            task.run();
        } catch (Throwable thrown) {
            fail(thrown);
        }
    }

    @SuppressWarnings("unchecked")
    private static <T extends Throwable> void throwUnchecked(Throwable thrown) throws T {
        throw (T) thrown;
    }
}

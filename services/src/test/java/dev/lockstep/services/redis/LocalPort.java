package dev.lockstep.services.redis;

import dev.lockstep.api.StateMachine;
import dev.lockstep.net.NetworkLoop;
import dev.lockstep.node.Gateway;
import dev.lockstep.node.GatewayContext;
import dev.lockstep.services.kv.KvStateMachine;

import io.netty.buffer.ByteBufAllocator;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.socket.ServerSocketChannel;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;
import java.util.function.Predicate;

/// The Redis port on a real socket, over a [LocalGateway] instead of a cluster.
public final class LocalPort implements AutoCloseable {

    private static final long IDLE_NANOS = 1_000_000;

    private final int maxRequestBytes;
    private final int wantedPort;
    private final LocalGateway gateway = new LocalGateway();
    private final CompletableFuture<Integer> bound = new CompletableFuture<>();
    private final NetworkLoop loop = NetworkLoop.create();
    private final RedisGateway redis;
    private final Thread thread = new Thread(this::run, "local-port");
    private volatile boolean stopped;
    private volatile long mostOwedBytes;

    private LocalPort(int wantedPort, int maxRequestBytes, long mostReplyBytes) {
        this.redis = new RedisGateway(mostReplyBytes);
        this.wantedPort = wantedPort;
        this.maxRequestBytes = maxRequestBytes;
    }

    static LocalPort start() {
        return start(0, 8 << 20);
    }

    static LocalPort start(int port, int maxRequestBytes) {
        return start(port, maxRequestBytes, ReplyRoom.defaultBytes());
    }

    static LocalPort start(int port, int maxRequestBytes, long mostReplyBytes) {
        LocalPort local = new LocalPort(port, maxRequestBytes, mostReplyBytes);
        local.thread.setDaemon(true);
        local.thread.start();
        return local;
    }

    /// Serves for people and their tools: the first argument is the port.
    public static void main(String[] args) throws InterruptedException {
        LocalPort local = start(Integer.parseInt(args[0]), 8 << 20);
        local.gateway(LocalGateway::prompt);
        System.out.println("listening on " + local.port());
        local.thread.join();
    }

    int port() {
        try {
            return bound.get(10, TimeUnit.SECONDS);
        } catch (Exception failed) {
            throw new IllegalStateException(failed);
        }
    }

    /// Does something with the gateway on its thread.
    void gateway(Consumer<LocalGateway> action) {
        CompletableFuture<Void> done = new CompletableFuture<>();
        loop.execute(
                () -> {
                    try {
                        action.accept(gateway);
                        done.complete(null);
                    } catch (Throwable thrown) {
                        done.completeExceptionally(thrown);
                    }
                });
        loop.wakeup();
        done.orTimeout(10, TimeUnit.SECONDS).join();
    }

    /// Does something with the port on its thread.
    void redis(Consumer<RedisPort> action) {
        gateway(
                ignored -> {
                    RedisPort port = redis.port();
                    if (port != null) {
                        action.accept(port);
                    }
                });
    }

    /// See [LocalGateway#before]; on its thread.
    int before(String text) {
        return gateway.before(text);
    }

    /// How many commands were executed; on its thread.
    long executedCommands() {
        return gateway.executedCommands();
    }

    /// Returns once this holds of the port.
    void await(Predicate<RedisPort> condition) {
        long deadline = System.nanoTime() + 20_000_000_000L;
        AtomicBoolean holds = new AtomicBoolean();
        while (!holds.get()) {
            if (System.nanoTime() - deadline > 0) {
                throw new IllegalStateException("waited for 20 s in vain");
            }
            redis(port -> holds.set(condition.test(port)));
        }
    }

    /// The most that was owed at the end of any cycle so far.
    long mostOwedBytes() {
        return mostOwedBytes;
    }

    private void run() {
        redis.start(new Context());
        boolean more = false;
        while (!stopped) {
            loop.poll(more ? 0 : IDLE_NANOS);
            more = gateway.work();
            measure();
            loop.flush();
        }
        redis.close();
        loop.close();
    }

    private void measure() {
        RedisPort port = redis.port();
        if (port != null) {
            mostOwedBytes = Math.max(mostOwedBytes, port.room().owedBytes());
        }
    }

    @Override
    public void close() {
        stopped = true;
        loop.wakeup();
        try {
            thread.join();
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
        }
    }

    private final class Context implements GatewayContext {

        @Override
        public EventLoopGroup eventLoop() {
            return loop.eventLoop();
        }

        @Override
        public Class<? extends ServerSocketChannel> serverChannelType() {
            return loop.serverChannelType();
        }

        @Override
        public ByteBufAllocator allocator() {
            return loop.allocator();
        }

        @Override
        public InetSocketAddress address() {
            return new InetSocketAddress(InetAddress.getLoopbackAddress(), wantedPort);
        }

        @Override
        public Gateway gateway() {
            return gateway;
        }

        @Override
        public Class<? extends StateMachine> machineType() {
            return KvStateMachine.class;
        }

        @Override
        public int maxRequestBytes() {
            return maxRequestBytes;
        }

        @Override
        public SortedMap<String, String> options() {
            return new TreeMap<>();
        }

        @Override
        public void atFlush(Runnable hook) {
            loop.atFlush(hook);
        }

        @Override
        public void listening(int port) {
            bound.complete(port);
        }

        @Override
        public void failed(Throwable cause) {
            bound.completeExceptionally(cause);
        }
    }
}

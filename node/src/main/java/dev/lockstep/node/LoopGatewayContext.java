package dev.lockstep.node;

import dev.lockstep.api.StateMachine;
import dev.lockstep.net.NetworkLoop;

import io.netty.buffer.ByteBufAllocator;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.socket.ServerSocketChannel;

import java.net.InetSocketAddress;
import java.util.SortedMap;
import java.util.function.Consumer;
import java.util.function.IntConsumer;

/// What one gateway of a node gets.
///
/// @param whenListening takes the port that was bound
/// @param whenFailed takes what stood in the way
record LoopGatewayContext(
        NetworkLoop loop,
        InetSocketAddress address,
        Gateway gateway,
        Class<? extends StateMachine> machineType,
        int maxRequestBytes,
        SortedMap<String, String> options,
        IntConsumer whenListening,
        Consumer<Throwable> whenFailed)
        implements GatewayContext {

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
    public void atFlush(Runnable hook) {
        loop.atFlush(hook);
    }

    @Override
    public void listening(int port) {
        whenListening.accept(port);
    }

    @Override
    public void failed(Throwable cause) {
        whenFailed.accept(cause);
    }
}

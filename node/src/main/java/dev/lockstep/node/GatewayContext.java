package dev.lockstep.node;

import dev.lockstep.api.StateMachine;

import io.netty.buffer.ByteBufAllocator;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.socket.ServerSocketChannel;

import java.net.InetSocketAddress;
import java.util.SortedMap;

/// What a [GatewayService] is given by the node, or the gateway process, that it is in.
public interface GatewayContext {

    /// The only event loop, which is also the replica's thread in a node: nothing may block on it.
    EventLoopGroup eventLoop();

    /// The class of listening sockets that fits the loop.
    Class<? extends ServerSocketChannel> serverChannelType();

    /// Where buffers come from.
    ByteBufAllocator allocator();

    /// Where to listen, as configured; port 0 for any free one.
    InetSocketAddress address();

    /// The way to the cluster.
    Gateway gateway();

    /// The class of the state machine behind the gateway.
    Class<? extends StateMachine> machineType();

    /// The largest command or query that is taken, in bytes.
    int maxRequestBytes();

    /// From `service-options:` in the configuration.
    SortedMap<String, String> options();

    /// Calls `hook` at the end of every duty cycle, when the callbacks of the cycle have been made:
    /// the moment to flush sockets, once a cycle.
    void atFlush(Runnable hook);

    /// To be called once the port listens.
    ///
    /// @param port the port that was bound
    void listening(int port);

    /// To be called if the port cannot listen: the node does not start.
    ///
    /// @param cause what stood in the way; the node says which port it was and what to do
    void failed(Throwable cause);
}

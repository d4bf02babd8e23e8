package dev.lockstep.client;

import dev.lockstep.net.FrameClient;
import dev.lockstep.net.FrameConnection;
import dev.lockstep.net.NetworkLoop;
import dev.lockstep.net.Welcome;

import org.jspecify.annotations.Nullable;

import java.util.List;

/// Asks at the addresses that the client began with, while no replica that it knows is connected:
/// all of them may have been replaced, or have moved, while it heard nothing.
///
/// Threading: the loop's thread.
final class Rediscovery {

    /// While nobody is connected, it is asked so often.
    private static final long ASK_NANOS = 500_000_000L;

    private final NetworkLoop loop;
    private final ReplicaLinks links;
    private final List<Attempt> attempts;

    /// When it is asked next; never while somebody is connected.
    private long askAt = Long.MAX_VALUE;

    private boolean closed;

    Rediscovery(NetworkLoop loop, ClientOptions options, ReplicaLinks links) {
        this.loop = loop;
        this.links = links;
        this.attempts = options.addresses().stream().map(Attempt::new).toList();
    }

    /// @param isAlone true if no replica is connected
    void advance(long now, boolean isAlone) {
        if (closed || !isAlone) {
            askAt = Long.MAX_VALUE;
        } else if (askAt == Long.MAX_VALUE) {
            askAt = now + ASK_NANOS;
        } else if (now >= askAt) {
            askAt = now + ASK_NANOS;
            attempts.forEach(Attempt::dial);
        }
    }

    long nextDeadlineNanos() {
        return askAt;
    }

    void close() {
        closed = true;
        askAt = Long.MAX_VALUE;
    }

    /// One address.
    private final class Attempt implements FrameClient.Dialled {

        private final ServerAddress address;
        private boolean isDialling;

        Attempt(ServerAddress address) {
            this.address = address;
        }

        void dial() {
            if (!isDialling) {
                isDialling = true;
                FrameClient.dial(loop, address.host(), address.port(), links.hello(), this);
            }
        }

        /// Learns what there is to learn, and hangs up: the engine dials for itself.
        @Override
        public FrameClient.@Nullable Reception onWelcome(
                FrameConnection connection, Welcome.Accepted welcome) {
            isDialling = false;
            if (!closed) {
                links.onFound(welcome, address);
            }
            return null;
        }

        @Override
        public void onRefused(Welcome.Refused refusal) {
            isDialling = false;
        }

        @Override
        public void onFailed(String why) {
            isDialling = false;
        }
    }
}

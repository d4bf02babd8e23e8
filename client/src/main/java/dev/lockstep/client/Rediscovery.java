package dev.lockstep.client;

import dev.lockstep.core.ClusterId;
import dev.lockstep.net.FrameClient;
import dev.lockstep.net.FrameConnection;
import dev.lockstep.net.Hello;
import dev.lockstep.net.MemberAddress;
import dev.lockstep.net.NetworkLoop;
import dev.lockstep.net.Welcome;

import org.jspecify.annotations.Nullable;

import java.util.List;

/// Finds the cluster again that has moved away while the client did not hear of it: when no member
/// that is known has been connected for a while, all the addresses that the client was given are
/// asked who the members are now.
///
/// Threading: the loop's thread.
final class Rediscovery {

    private static final long ALONE_NANOS = 1_000_000_000L;
    private static final long AGAIN_NANOS = 500_000_000L;

    /// Takes what a replica says.
    interface Receiver {

        /// Where the members of an epoch are reached.
        void onMembers(long epoch, List<MemberAddress> members);
    }

    private final NetworkLoop loop;
    private final ClientOptions options;
    private final ClusterId clusterId;
    private final Receiver receiver;

    /// When the addresses are asked; `Long.MAX_VALUE` while a member is connected.
    private long askAt = Long.MAX_VALUE;

    Rediscovery(NetworkLoop loop, ClientOptions options, ClusterId clusterId, Receiver receiver) {
        this.loop = loop;
        this.options = options;
        this.clusterId = clusterId;
        this.receiver = receiver;
    }

    long nextDeadlineNanos() {
        return askAt;
    }

    void advance(long now, boolean isConnected) {
        if (isConnected || !options.learnMembers()) {
            askAt = Long.MAX_VALUE;
        } else if (askAt == Long.MAX_VALUE) {
            askAt = now + ALONE_NANOS;
        } else if (now >= askAt) {
            askAt = now + AGAIN_NANOS;
            for (ServerAddress address : options.addresses()) {
                Hello hello = Hello.ofClient(clusterId);
                FrameClient.dial(loop, address.host(), address.port(), hello, new Question());
            }
        }
    }

    /// Learns what there is to learn, and hangs up.
    private final class Question implements FrameClient.Dialled {

        @Override
        public boolean isWanted() {
            return askAt != Long.MAX_VALUE;
        }

        @Override
        public FrameClient.@Nullable Reception onWelcome(
                FrameConnection connection, Welcome.Accepted welcome) {
            if (isWanted() && welcome.clusterId().equals(clusterId)) {
                receiver.onMembers(welcome.self().epoch().value(), welcome.clientAddresses());
            }
            return null;
        }

        /// Asked again soon.
        @Override
        public void onRefused(Welcome.Refused refusal) {}

        /// Asked again soon.
        @Override
        public void onFailed(String why) {}
    }
}

package dev.lockstep.client;

import dev.lockstep.api.RefusedException;
import dev.lockstep.api.UnavailableException;
import dev.lockstep.core.ClusterId;
import dev.lockstep.net.FrameClient;
import dev.lockstep.net.FrameConnection;
import dev.lockstep.net.Hello;
import dev.lockstep.net.MemberAddress;
import dev.lockstep.net.NetworkLoop;
import dev.lockstep.net.Welcome;

import org.jspecify.annotations.Nullable;

import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;

/// Finds out who the members are: asks all the addresses it was given, again and again, until one
/// answers.
///
/// Threading: the loop's thread.
final class Discovery {

    private static final long RETRY_NANOS = 100_000_000L;
    private static final long LONGEST_POLL_NANOS = 10_000_000L;

    /// What was found.
    ///
    /// @param epoch in which those are the members
    /// @param first the replica that answered
    /// @param members where each replica to talk to may be reached, by number
    record Found(
            ClusterId clusterId,
            long epoch,
            int first,
            SortedMap<Integer, List<ServerAddress>> members) {}

    private final NetworkLoop loop;
    private final ClientOptions options;
    private final Attempt[] attempts;
    private @Nullable Found found;
    private boolean over;

    private Discovery(NetworkLoop loop, ClientOptions options) {
        this.loop = loop;
        this.options = options;
        List<ServerAddress> addresses = options.addresses();
        this.attempts = new Attempt[addresses.size()];
        for (int i = 0; i < attempts.length; i++) {
            attempts[i] = new Attempt(addresses.get(i));
        }
    }

    /// Polls the loop until a replica has answered.
    ///
    /// @throws UnavailableException if none does in time
    /// @throws RefusedException if all those that answer refuse for good
    static Found run(NetworkLoop loop, ClientOptions options) {
        Discovery discovery = new Discovery(loop, options);
        try {
            return discovery.run();
        } finally {
            discovery.over = true;
        }
    }

    private Found run() {
        long began = System.nanoTime();
        while (true) {
            long now = System.nanoTime();
            for (Attempt attempt : attempts) {
                attempt.dialIfDue(now);
            }
            loop.flush();
            loop.poll(LONGEST_POLL_NANOS);
            Found result = found;
            if (result != null) {
                return result;
            }
            if (allRefuse()) {
                throw new RefusedException(sentence("no replica takes this client"));
            }
            if (System.nanoTime() - began >= options.connectNanos()) {
                throw new UnavailableException(
                        sentence(
                                "no replica answered within "
                                        + options.connectNanos() / 1_000_000
                                        + " ms, see whether the cluster runs and the addresses are client ports"));
            }
        }
    }

    private boolean allRefuse() {
        for (Attempt attempt : attempts) {
            if (!attempt.refused) {
                return false;
            }
        }
        return true;
    }

    private String sentence(String what) {
        StringBuilder text = new StringBuilder(what).append(": ");
        for (int i = 0; i < attempts.length; i++) {
            text.append(i == 0 ? "" : "; ")
                    .append(attempts[i].address)
                    .append(": ")
                    .append(attempts[i].why);
        }
        return text.toString();
    }

    /// One address.
    private final class Attempt implements FrameClient.Dialled {

        private final ServerAddress address;
        private boolean dialling;
        private boolean refused;
        private long dialAt = Long.MIN_VALUE;
        private String why = "no answer yet";

        Attempt(ServerAddress address) {
            this.address = address;
        }

        void dialIfDue(long now) {
            boolean due = dialAt == Long.MIN_VALUE || now - dialAt >= 0;
            if (!dialling && !refused && due) {
                dialling = true;
                FrameClient.dial(
                        loop,
                        address.host(),
                        address.port(),
                        Hello.ofClient(options.clusterId()),
                        this);
            }
        }

        /// Learns what there is to learn, and hangs up: the engine dials for itself.
        @Override
        public FrameClient.@Nullable Reception onWelcome(
                FrameConnection connection, Welcome.Accepted welcome) {
            ClusterId wanted = options.clusterId();
            if (over || found != null) {
                return null;
            }
            if (wanted != null && !wanted.equals(welcome.clusterId())) {
                refused = true;
                why = "it belongs to cluster " + welcome.clusterId() + ", not to " + wanted;
                return null;
            }
            found = foundBy(welcome);
            return null;
        }

        private Found foundBy(Welcome.Accepted welcome) {
            int first = welcome.self().id().value();
            SortedMap<Integer, List<ServerAddress>> members = new TreeMap<>();
            if (options.learnMembers()) {
                for (MemberAddress member : welcome.clientAddresses()) {
                    ServerAddress told = new ServerAddress(member.host(), member.port());
                    int id = member.id().value();
                    // This address has just worked; what the member calls itself may not work from
                    // here.
                    boolean isBoth = id == first && !told.equals(address);
                    members.put(id, isBoth ? List.of(address, told) : List.of(told));
                }
            }
            if (members.isEmpty()) {
                members.put(first, List.of(address));
            }
            return new Found(welcome.clusterId(), welcome.self().epoch().value(), first, members);
        }

        @Override
        public void onRefused(Welcome.Refused refusal) {
            dialling = false;
            refused = refusal.reason() != Welcome.Reason.LATER;
            why = refusal.sentence();
            dialAt = System.nanoTime() + RETRY_NANOS;
        }

        @Override
        public void onFailed(String reason) {
            dialling = false;
            why = reason;
            dialAt = System.nanoTime() + RETRY_NANOS;
        }
    }
}

package dev.lockstep.node;

import dev.lockstep.core.Epoch;
import dev.lockstep.core.Member;
import dev.lockstep.core.Reign;
import dev.lockstep.core.ReplicaId;
import dev.lockstep.core.port.FileStore;
import dev.lockstep.net.AddressBook;
import dev.lockstep.net.ClientMembers;
import dev.lockstep.net.Hello;
import dev.lockstep.net.KnownReplica;
import dev.lockstep.net.MemberAddress;
import dev.lockstep.net.ReplicaAddress;

import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import java.io.IOException;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.Consumer;

/// Who the members are now and where they are reached, and where this node is.
///
/// Threading: the loop's thread.
final class Whereabouts {

    private static final Logger LOG = LoggerFactory.getLogger(Node.class);

    private final Identity identity;

    /// Of this start of the process, and of no other.
    private final long start = new SecureRandom().nextLong();

    private final FileStore store;
    private final AddressBook book;

    /// Where this node is reached; as configured until its ports listen.
    private ReplicaAddress address;

    /// The present epoch; null until the replica has said which that is.
    private @Nullable Reign reign;

    /// Hears when clients are to be told.
    private Consumer<ClientMembers> whenChanged = _ -> {};

    private ClientMembers told = new ClientMembers(Epoch.FIRST, List.of());

    /// @param store where the file with the addresses is
    /// @param isFixed true if other replicas are where the configuration says, whatever they say
    Whereabouts(Identity identity, NodeConfig config, FileStore store, boolean isFixed)
            throws IOException {
        this.identity = identity;
        this.store = store;
        this.address = addressOf(config.member());
        SortedMap<ReplicaId, ReplicaAddress> configured = new TreeMap<>();
        for (MemberConfig member : config.members()) {
            if (!member.id().equals(identity.replica())) {
                configured.put(member.id(), addressOf(member));
            }
        }
        this.book = new AddressBook(configured, isFixed || TestKnobs.fixedAddresses());
        for (KnownReplica known : AddressFile.read(store, identity.cluster())) {
            if (!known.id().equals(identity.replica())) {
                var _ = book.onHandshake(known);
            }
        }
    }

    private static ReplicaAddress addressOf(MemberConfig member) {
        return addressOf(member, member.clientPort(), member.adminPort());
    }

    /// An admin port on a host of its own is not reached by others.
    private static ReplicaAddress addressOf(MemberConfig member, int clientPort, int adminPort) {
        boolean hasAdmin = adminPort > 0 && member.adminHost().equals(member.host());
        return new ReplicaAddress(
                member.host(), member.peerPort(), clientPort, hasAdmin ? adminPort : 0);
    }

    /// The ports of this node listen.
    ReplicaAddress listening(MemberConfig member, int clientPort, int adminPort) {
        address = addressOf(member, clientPort, adminPort);
        return address;
    }

    AddressBook book() {
        return book;
    }

    /// This node, as it introduces itself.
    Hello.Caller.Peer self() {
        Reign known = reign;
        return new Hello.Caller.Peer(
                identity.replica(),
                identity.incarnation(),
                identity.boot(),
                start,
                known == null ? Epoch.FIRST : known.epoch(),
                address);
    }

    /// The present epoch; null until it is known.
    @Nullable Reign reign() {
        return reign;
    }

    void onEpoch(Reign now) {
        reign = now;
        tell();
    }

    void onAddressesChanged() {
        remember();
        tell();
    }

    /// Tells `watcher` whenever who the members are, or where clients reach them, has changed.
    void watch(Consumer<ClientMembers> watcher) {
        whenChanged = watcher;
        told = clientMembers();
    }

    private ClientMembers clientMembers() {
        Reign known = reign;
        return new ClientMembers(known == null ? Epoch.FIRST : known.epoch(), clientAddresses());
    }

    private void tell() {
        ClientMembers now = clientMembers();
        if (!now.equals(told)) {
            told = now;
            whenChanged.accept(now);
        }
    }

    /// Where clients reach the members, as far as is known.
    List<MemberAddress> clientAddresses() {
        List<MemberAddress> addresses = new ArrayList<>();
        Reign known = reign;
        if (known == null) {
            return addresses;
        }
        for (Member member : known.members().members()) {
            ReplicaAddress at = find(member.id());
            if (at != null && at.clientPort() > 0) {
                addresses.add(new MemberAddress(member.id(), at.host(), at.clientPort()));
            }
        }
        return addresses;
    }

    /// Where a replica is reached, this one too; null if that is not known.
    @Nullable ReplicaAddress find(ReplicaId id) {
        return id.equals(identity.replica()) ? address : book.find(id);
    }

    /// At once: this process may end at any time, and what it forgets nobody may be there to tell.
    /// That is rare, and the file is small and not synced.
    private void remember() {
        try {
            AddressFile.write(store, identity.cluster(), book.learned());
        } catch (IOException e) {
            LOG.warn("where other replicas are cannot be remembered: {}", e.getMessage());
        }
    }
}

package dev.lockstep.client;

import dev.lockstep.api.RefusedException;
import dev.lockstep.core.ClusterId;

import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.TreeSet;

/// The replicas of a cluster of which some may lie, as the client was told of them: each address
/// has
/// one vote.
final class Electorate {

    private Electorate() {}

    /// @throws RefusedException if nothing that they answer could be believed
    static Discovery.Found of(ClientOptions options, Voting voting) {
        List<ServerAddress> addresses = options.addresses();
        ClusterId cluster = voting.keys().cluster();
        if (options.clusterId() != null && !options.clusterId().equals(cluster)) {
            throw new RefusedException(
                    "the client's keys are those of cluster %s, and cluster %s is wanted: bring the right public keys"
                            .formatted(cluster, options.clusterId()));
        }
        if (voting.resilience().tolerated(addresses.size()) < 1) {
            throw new RefusedException(
                    "the client knows %d replicas, too few to find out which of them lies: name the client ports of all"
                            .formatted(addresses.size()));
        }
        SortedMap<Integer, List<ServerAddress>> members = new TreeMap<>();
        TreeSet<String> different = new TreeSet<>();
        for (ServerAddress address : addresses) {
            if (!different.add(address.toString())) {
                throw new RefusedException(
                        "%s is named twice, and would have two votes: name each replica once"
                                .formatted(address));
            }
            members.put(members.size() + 1, List.of(address));
        }
        return new Discovery.Found(cluster, 1, 1, members);
    }
}

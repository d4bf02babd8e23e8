package dev.lockstep.node;

import dev.lockstep.core.HostPolicy;
import dev.lockstep.core.Membership;
import dev.lockstep.core.OrderingProvider;

import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;

/// What the values of a configuration must be together, whoever made them.
final class ConfigRules {

    private ConfigRules() {}

    /// @throws ConfigException with the first sentence there is to say
    static void check(NodeConfig config) {
        checkMembers(config);
        checkPorts(config);
        OrderingProvider<?, ?> provider = Services.ordering(config.faults(), config.order());
        checkAuthority(config, provider);
        try {
            provider.checkOptions(protocolOptions(config));
        } catch (IllegalArgumentException e) {
            throw new ConfigException("order-options: " + e.getMessage(), e);
        }
        checkTrust(config, provider);
        if (config.limits().requestBytes() > config.limits().inFlightBytesPerConnection()
                || config.limits().requestBytes() > config.limits().inFlightBytes()) {
            throw new ConfigException(
                    "limits: request-bytes is %s, more than may be in flight: raise in-flight-bytes and in-flight-bytes-per-connection to at least that"
                            .formatted(Amounts.ofSize(config.limits().requestBytes())));
        }
    }

    private static void checkAuthority(NodeConfig config, OrderingProvider<?, ?> provider) {
        boolean isWanted = provider.policy().members() == HostPolicy.Members.AUTHORITY;
        AuthorityConfig authority = config.authority();
        if (isWanted && authority == null) {
            throw new ConfigException(
                    "faults: %s needs a configuration authority that says which replicas go on: name it with authority: {cluster: \"...\", addresses: \"host:port,...\"}; it is run with lockstep authority"
                            .formatted(YamlSection.written(config.faults())));
        }
        if (!isWanted && authority != null) {
            throw new ConfigException(
                    "authority is for faults: fail-stop, and faults is %s: remove authority"
                            .formatted(YamlSection.written(config.faults())));
        }
        if (authority != null && authority.cluster().equals(config.clusterId())) {
            throw new ConfigException(
                    "authority names cluster %s, which is this cluster itself: name the authority's, a cluster of its own"
                            .formatted(authority.cluster()));
        }
    }

    /// Where members may do anything at all, there must be enough of them, one's word is not
    /// enough, and a member that forgets its votes is one of those that lie.
    private static void checkTrust(NodeConfig config, OrderingProvider<?, ?> provider) {
        if (!NodeKeys.areNeededFor(provider)) {
            return;
        }
        String faults = YamlSection.written(config.faults());
        int founders = config.founders().size();
        if (provider.tolerated(founders, protocolOptions(config)) < 1) {
            throw new ConfigException(
                    "members has %d replicas, too few for faults: %s, where one of them may lie: resilience 3t+1 needs 4, and resilience 2t+1, which rests on a delta that no message exceeds, needs 3"
                            .formatted(founders, faults));
        }
        if (config.durability() == Durability.MEMORY) {
            throw new ConfigException(
                    "durability: memory does not go with faults: %s, because a replica that forgets what it has voted for counts as one that lies: choose fsync or os"
                            .formatted(faults));
        }
        for (MemberConfig member : config.members()) {
            for (String name : member.gatewayPorts().keySet()) {
                throw new ConfigException(
                        "replica %s has a %s-port, and with faults: %s one replica's answer is not to be believed: remove the key, and serve that protocol with 'lockstep gateway', which asks all replicas and counts their answers"
                                .formatted(member.id(), name, faults));
            }
        }
    }

    /// The options that the protocol is to get: its own, and the clocks' skew, which it needs too.
    static SortedMap<String, String> protocolOptions(NodeConfig config) {
        SortedMap<String, String> options = new TreeMap<>(config.protocolOptions());
        long nanos = config.clockMaxSkewNanos();
        options.putIfAbsent(
                "clock.max-skew", nanos % 1_000_000 == 0 ? nanos / 1_000_000 + "ms" : nanos + "ns");
        return options;
    }

    private static void checkMembers(NodeConfig config) {
        if (config.members().isEmpty()) {
            throw new ConfigException(
                    "members is empty; list every replica with its id, host, peer-port and client-port");
        }
        if (config.founders().isEmpty()) {
            throw new ConfigException(
                    "members has only replicas that join; list the members that they join too, without joins: true");
        }
        if (config.members().size() > Membership.MAX_MEMBERS) {
            throw new ConfigException(
                    "members has %d replicas; a cluster has at most %d"
                            .formatted(config.members().size(), Membership.MAX_MEMBERS));
        }
        SortedSet<Integer> ids = new TreeSet<>();
        for (MemberConfig member : config.members()) {
            if (!ids.add(member.id().value())) {
                throw new ConfigException(
                        "members lists replica %s twice; give every replica its own id"
                                .formatted(member.id()));
            }
        }
        if (!ids.contains(config.self().value())) {
            throw new ConfigException(
                    "replica %s is not one of the members %s; choose one of them or add it"
                            .formatted(
                                    config.self(),
                                    YamlSection.andOf(ids.stream().map(String::valueOf).toList())));
        }
    }

    private static void checkPorts(NodeConfig config) {
        SortedMap<String, String> users = new TreeMap<>();
        for (MemberConfig member : config.members()) {
            String whose = "of replica " + member.id();
            claim(users, member.host(), member.peerPort(), "peer-port " + whose);
            claim(users, member.host(), member.clientPort(), "client-port " + whose);
            claim(users, member.adminHost(), member.adminPort(), "admin-port " + whose);
            member.gatewayPorts()
                    .forEach(
                            (name, port) ->
                                    claim(users, member.host(), port, name + "-port " + whose));
        }
    }

    private static void claim(
            SortedMap<String, String> users, String host, int port, String claimant) {
        if (port < 1) {
            return;
        }
        String other = users.put(host + ":" + port, claimant);
        if (other != null) {
            throw new ConfigException(
                    "%s and %s are both %d on host %s; give each its own port"
                            .formatted(other, claimant, port, host));
        }
    }
}

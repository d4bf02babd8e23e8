package dev.lockstep.fuzz;

import dev.lockstep.cli.ClusterFileTarget;
import dev.lockstep.core.authority.AuthorityTarget;
import dev.lockstep.core.wire.ClientCodecTarget;
import dev.lockstep.journal.JournalTarget;
import dev.lockstep.journal.SnapshotTarget;
import dev.lockstep.net.FramesTarget;
import dev.lockstep.net.HandshakeTarget;
import dev.lockstep.net.keys.ProofsTarget;
import dev.lockstep.net.keys.PublicKeysTarget;
import dev.lockstep.node.ConfigTarget;
import dev.lockstep.node.IdentityTarget;
import dev.lockstep.ordering.leader.AnchorTarget;
import dev.lockstep.ordering.leader.LeaderMessageTarget;
import dev.lockstep.ordering.leader.LeaderRecordTarget;
import dev.lockstep.ordering.stability.FailStopAnchorTarget;
import dev.lockstep.ordering.stability.FailStopMessageTarget;
import dev.lockstep.ordering.stability.FailStopRecordTarget;
import dev.lockstep.ordering.stability.StabilityAnchorTarget;
import dev.lockstep.ordering.stability.StabilityMessageTarget;
import dev.lockstep.ordering.stability.StabilityRecordTarget;
import dev.lockstep.replica.HistoryBlockTarget;
import dev.lockstep.replica.HostStateTarget;
import dev.lockstep.replica.PayloadTarget;
import dev.lockstep.replica.PeerFramesTarget;
import dev.lockstep.services.kv.KvRequestsTarget;
import dev.lockstep.services.kv.KvSnapshotTarget;
import dev.lockstep.services.redis.RedisRepliesTarget;
import dev.lockstep.services.redis.RedisRequestsTarget;
import dev.lockstep.testkit.history.EdnTarget;
import dev.lockstep.testkit.history.HistoryTarget;

import java.util.List;

/// Every target. A new decoder gets a line here; add at the end, because the place is the first
/// byte of what the fuzzer has collected.
final class Targets {

    static final List<Target> ALL =
            List.of(
                    new ClientCodecTarget(),
                    new FramesTarget(),
                    new HandshakeTarget(),
                    new PeerFramesTarget(),
                    new PayloadTarget(),
                    new HostStateTarget(),
                    new LeaderMessageTarget(),
                    new LeaderRecordTarget(),
                    new AnchorTarget(),
                    new JournalTarget(),
                    new KvRequestsTarget(),
                    new KvSnapshotTarget(),
                    new RedisRequestsTarget(),
                    new RedisRepliesTarget(),
                    new ConfigTarget(),
                    new IdentityTarget(),
                    new ClusterFileTarget(),
                    new HistoryTarget(),
                    new SnapshotTarget(),
                    new HistoryBlockTarget(),
                    new EdnTarget(),
                    new StabilityMessageTarget(),
                    new StabilityRecordTarget(),
                    new StabilityAnchorTarget(),
                    new FailStopMessageTarget(),
                    new FailStopRecordTarget(),
                    new FailStopAnchorTarget(),
                    new AuthorityTarget(),
                    new PublicKeysTarget(),
                    new ProofsTarget());

    private Targets() {}

    static Target named(String name) {
        return ALL.stream()
                .filter(target -> target.name().equals(name))
                .findFirst()
                .orElseThrow(
                        () ->
                                new IllegalArgumentException(
                                        "there is no target %s; there are %s"
                                                .formatted(
                                                        name,
                                                        ALL.stream().map(Target::name).toList())));
    }
}

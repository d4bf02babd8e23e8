package dev.lockstep.ordering.leader;

import dev.lockstep.core.FaultModel;
import dev.lockstep.core.HostPolicy;
import dev.lockstep.core.Ordering;
import dev.lockstep.core.OrderingContext;
import dev.lockstep.core.OrderingProvider;
import dev.lockstep.core.ProtocolCodec;
import dev.lockstep.core.wire.Bytes;

import org.jspecify.annotations.Nullable;

import java.util.Comparator;
import java.util.SortedMap;
import java.util.random.RandomGenerator;

/// Leader ordering under crash faults: Raft, for n = 2t+1.
public final class LeaderOrderingProvider implements OrderingProvider<LeaderMessage, LeaderRecord> {

    private static final LeaderCodec CODEC = new LeaderCodec();

    /// Who has no anchor of this order has nothing of the epoch.
    private static final Comparator<@Nullable Anchor> END =
            Comparator.nullsFirst(
                    Comparator.comparingLong(Anchor::epoch)
                            .thenComparingLong(anchor -> anchor.mark().term())
                            .thenComparingLong(anchor -> anchor.mark().index()));

    private final Rules rules;

    /// For [java.util.ServiceLoader].
    public LeaderOrderingProvider() {
        this(Rules.CORRECT);
    }

    /// For tests that break a rule.
    LeaderOrderingProvider(Rules rules) {
        this.rules = rules;
    }

    @Override
    public String order() {
        return "leader";
    }

    @Override
    public FaultModel faults() {
        return FaultModel.CRASH;
    }

    @Override
    public int membersFor(int tolerated) {
        return 2 * tolerated + 1;
    }

    @Override
    public void checkOptions(SortedMap<String, String> options) {
        var _ = LeaderOptions.parse(options);
    }

    @Override
    public SortedMap<String, String> drawOptions(RandomGenerator random) {
        return DrawnOptions.draw(random);
    }

    @Override
    public Ordering<LeaderMessage, LeaderRecord> create(OrderingContext context) {
        Setup setup = Setup.of(context, rules);
        return setup.isMember() ? new LeaderOrdering(setup) : new LeaderObserver(setup);
    }

    @Override
    public ProtocolCodec<LeaderMessage, LeaderRecord> codec() {
        return CODEC;
    }

    /// By the rule of elections (§5.4.1): the later last term, then the longer log.
    @Override
    public int compareReach(Bytes anchor, Bytes other) {
        return END.compare(Anchor.decode(anchor), Anchor.decode(other));
    }

    @Override
    public HostPolicy policy() {
        return HostPolicy.CRASH;
    }
}

package dev.lockstep.ordering.byzantine;

import dev.lockstep.core.Accusation;
import dev.lockstep.core.Authenticity;
import dev.lockstep.core.ClusterId;
import dev.lockstep.core.Credentials;
import dev.lockstep.core.Epoch;
import dev.lockstep.core.FaultModel;
import dev.lockstep.core.HostPolicy;
import dev.lockstep.core.Ordering;
import dev.lockstep.core.OrderingContext;
import dev.lockstep.core.OrderingProvider;
import dev.lockstep.core.ProtocolCodec;
import dev.lockstep.core.wire.Bytes;
import dev.lockstep.core.wire.MalformedException;

import org.jspecify.annotations.Nullable;

import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.Function;
import java.util.random.RandomGenerator;

/// Order `leader` under Byzantine faults.
public final class ByzantineProvider
        implements OrderingProvider<ByzantineMessage, ByzantineRecord> {

    private static final ByzantineCodec CODEC = new ByzantineCodec();

    /// Every replica answers, and history is believed as far as it proves itself.
    private static final HostPolicy POLICY =
            new HostPolicy(
                    HostPolicy.Replies.EVERY_REPLICA,
                    HostPolicy.History.PROVEN,
                    HostPolicy.Members.SIGNED,
                    HostPolicy.Snapshots.VOUCHED);

    private final Rules rules;

    /// The protocol as it is specified.
    public ByzantineProvider() {
        this(Rules.CORRECT);
    }

    ByzantineProvider(Rules rules) {
        this.rules = rules;
    }

    @Override
    public String order() {
        return "leader";
    }

    @Override
    public FaultModel faults() {
        return FaultModel.BYZANTINE;
    }

    /// Without a bound on delays, which is the default.
    @Override
    public int membersFor(int tolerated) {
        return 3 * tolerated + 1;
    }

    @Override
    public int tolerated(int members, SortedMap<String, String> options) {
        boolean isBounded = ByzantineOptions.parse(options).isSynchronous();
        return isBounded ? (members - 1) / 2 : (members - 1) / 3;
    }

    @Override
    public long delayBoundNanos(SortedMap<String, String> options) {
        ByzantineOptions parsed = ByzantineOptions.ofMember(options);
        return parsed.isSynchronous() ? parsed.deltaNanos() : Long.MAX_VALUE;
    }

    @Override
    public void checkOptions(SortedMap<String, String> options) {
        var _ = ByzantineOptions.parse(options);
    }

    @Override
    public SortedMap<String, String> drawOptions(RandomGenerator random) {
        SortedMap<String, String> options = new TreeMap<>();
        if (random.nextBoolean()) {
            options.put("resilience", "2t+1");
        }
        if (random.nextInt(3) == 0) {
            options.put("window", Integer.toString(1 + random.nextInt(4)));
        }
        return options;
    }

    @Override
    public Ordering<ByzantineMessage, ByzantineRecord> create(OrderingContext context) {
        Setup setup = Setup.of(context, rules);
        ByzantineOrdering honest = new ByzantineOrdering(setup);
        return context.options().containsKey(ByzantineOptions.EQUIVOCATES)
                ? new Equivocator(setup, honest)
                : honest;
    }

    @Override
    public Optional<Authenticity<ByzantineMessage>> authenticity(OrderingContext context) {
        Authentication authentication = new Authentication(Setup.of(context, rules));
        return Optional.of(authentication::isGenuine);
    }

    @Override
    public Optional<Accusation> judge(
            Bytes proof, ClusterId cluster, Function<Epoch, Credentials.Verifier> keys) {
        try {
            return TwoVotes.decode(proof).judge(cluster, keys);
        } catch (MalformedException _) {
            return Optional.empty();
        }
    }

    @Override
    public ProtocolCodec<ByzantineMessage, ByzantineRecord> codec() {
        return CODEC;
    }

    @Override
    public int compareReach(Bytes anchor, Bytes other) {
        Anchor first = read(anchor);
        Anchor second = read(other);
        if (first == null || second == null || first.epoch() != second.epoch()) {
            long epoch = first == null ? 0 : first.epoch();
            return Long.compare(epoch, second == null ? 0 : second.epoch());
        }
        return first.header().rank().compareTo(second.header().rank());
    }

    @Override
    public Bytes withoutProof(Bytes anchor) {
        Anchor proven = read(anchor);
        return proven == null ? anchor : proven.bare().bytes();
    }

    private static @Nullable Anchor read(Bytes anchor) {
        try {
            return Anchor.decode(anchor);
        } catch (MalformedException _) {
            return null;
        }
    }

    @Override
    public HostPolicy policy() {
        return POLICY;
    }
}

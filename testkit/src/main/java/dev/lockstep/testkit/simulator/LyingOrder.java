package dev.lockstep.testkit.simulator;

import dev.lockstep.core.Authenticity;
import dev.lockstep.core.Batch;
import dev.lockstep.core.BatchId;
import dev.lockstep.core.FaultModel;
import dev.lockstep.core.HostPolicy;
import dev.lockstep.core.Input;
import dev.lockstep.core.Member;
import dev.lockstep.core.Now;
import dev.lockstep.core.Ordering;
import dev.lockstep.core.OrderingContext;
import dev.lockstep.core.OrderingProvider;
import dev.lockstep.core.OrderingStatus;
import dev.lockstep.core.Outbox;
import dev.lockstep.core.ProtocolCodec;
import dev.lockstep.core.ProtocolMessage;
import dev.lockstep.core.ProtocolRecord;
import dev.lockstep.core.StopSign;
import dev.lockstep.core.wire.Bytes;
import dev.lockstep.core.wire.BytesWriter;
import dev.lockstep.replica.Wish;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.SortedMap;

/// The order of a replica that lies when it leads: a correct protocol that is told wrong times,
/// and given other batches than its host has, or later.
final class LyingOrder<M extends ProtocolMessage, R extends ProtocolRecord>
        implements OrderingProvider<M, R> {

    private static final long MS = 1_000_000L;
    private static final long AN_HOUR_NANOS = 3_600_000 * MS;

    /// A batch waits so long.
    private static final long SLOW_NANOS = 150 * MS;

    /// The kind of a request that is a wish.
    private static final int WISH = 7;

    /// Batches of other names than its host's seem to be of a later process.
    private static final int OTHER_BOOT = 1_000_000;

    private final Liar liar;
    private final OrderingProvider<M, R> honest;

    private LyingOrder(Liar liar, OrderingProvider<M, R> honest) {
        this.liar = liar;
        this.honest = honest;
    }

    static <M extends ProtocolMessage, R extends ProtocolRecord> OrderingProvider<M, R> of(
            Liar liar, OrderingProvider<M, R> honest) {
        return new LyingOrder<>(liar, honest);
    }

    private record Late<M extends ProtocolMessage, R extends ProtocolRecord>(
            long atNanos, Input<M, R> input) {}

    private final class Leading implements Ordering<M, R> {

        private final Ordering<M, R> inner;
        private final OrderingContext context;
        private final ArrayDeque<Late<M, R>> late = new ArrayDeque<>();
        private Bytes before = Bytes.EMPTY;
        private long repeated;

        Leading(Ordering<M, R> inner, OrderingContext context) {
            this.inner = inner;
            this.context = context;
        }

        @Override
        public void step(Now now, Input<M, R> input, Outbox<M, R> out) {
            boolean isEarly = liar.tells(Lie.FALSE_TIME, 1);
            long wallNanos = now.wallNanos() + (isEarly ? AN_HOUR_NANOS : 0);
            Now told = new Now(now.monotonicNanos(), wallNanos);
            while (!late.isEmpty() && late.getFirst().atNanos() <= now.monotonicNanos()) {
                inner.step(told, late.removeFirst().input(), out);
            }
            if (!(input instanceof Input.Submitted<M, R> submitted)) {
                inner.step(told, input, out);
                return;
            }
            if (liar.tells(Lie.SLOW_LEADER, 1)) {
                late.add(new Late<>(now.monotonicNanos() + SLOW_NANOS, input));
                return;
            }
            Batch batch = submitted.batch();
            if (liar.tells(Lie.FORGED_REQUESTS)) {
                Bytes forged = liar.altered(batch.payload(), 0);
                Batch other = Batch.of(batch.id(), batch.clockNanos(), forged);
                inner.step(told, new Input.Submitted<>(other), out);
                return;
            }
            inner.step(told, input, out);
            if (!before.isEmpty() && liar.tells(Lie.DUPLICATE_BATCHES)) {
                inner.step(told, new Input.Submitted<>(other(batch, before)), out);
            }
            before = batch.payload();
            if (context.isMember() && liar.tells(Lie.FORGED_WISHES, 4)) {
                Wish wish = forgedWish();
                if (liar.below(2) == 0) {
                    Batch forged = other(batch, recordOf(wish));
                    inner.step(told, new Input.Submitted<>(forged), out);
                } else {
                    inner.step(told, new Input.StopRequested<>(wish.sign()), out);
                }
            }
        }

        private Batch other(Batch batch, Bytes payload) {
            repeated++;
            BatchId id = batch.id();
            int boot = id.boot() + OTHER_BOOT;
            BatchId other = new BatchId(id.origin(), id.incarnation(), boot, repeated);
            liar.submits(other);
            return Batch.of(other, batch.clockNanos(), payload);
        }

        /// The liar leads all the others, whose keys are other ones.
        private Wish forgedWish() {
            long next = context.epoch().value() + 1;
            List<Bytes> keys = new ArrayList<>();
            for (Member member : context.members().members()) {
                keys.add(SimKeys.keyOf(member.id(), next + 1_000));
            }
            StopSign sign =
                    new StopSign(
                            context.epoch().next(),
                            context.members(),
                            honest.faults(),
                            honest.order(),
                            liar.id(),
                            keys);
            return SimKeys.forgedWish(NodeParts.CLUSTER, sign, liar.id());
        }

        /// As it stands in a batch.
        private Bytes recordOf(Wish wish) {
            Bytes body = wish.encode();
            return new BytesWriter(64 + body.size())
                    .putByte(WISH)
                    .putInt(body.size())
                    .putLong(wish.signature().getLong(0))
                    .putLong(context.epoch().value())
                    .putLong(0)
                    .put(body)
                    .toBytes();
        }

        @Override
        public OrderingStatus status() {
            return inner.status();
        }
    }

    @Override
    public Ordering<M, R> create(OrderingContext context) {
        return new Leading(honest.create(context), context);
    }

    @Override
    public String order() {
        return honest.order();
    }

    @Override
    public FaultModel faults() {
        return honest.faults();
    }

    @Override
    public int membersFor(int tolerated) {
        return honest.membersFor(tolerated);
    }

    @Override
    public int tolerated(int members, SortedMap<String, String> options) {
        return honest.tolerated(members, options);
    }

    @Override
    public long delayBoundNanos(SortedMap<String, String> options) {
        return honest.delayBoundNanos(options);
    }

    @Override
    public void checkOptions(SortedMap<String, String> options) {
        honest.checkOptions(options);
    }

    @Override
    public Optional<Authenticity<M>> authenticity(OrderingContext context) {
        return honest.authenticity(context);
    }

    @Override
    public ProtocolCodec<M, R> codec() {
        return honest.codec();
    }

    @Override
    public int compareReach(Bytes anchor, Bytes other) {
        return honest.compareReach(anchor, other);
    }

    @Override
    public Bytes withoutProof(Bytes anchor) {
        return honest.withoutProof(anchor);
    }

    @Override
    public HostPolicy policy() {
        return honest.policy();
    }
}

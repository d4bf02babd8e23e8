package dev.lockstep.replica;

import dev.lockstep.core.Batch;
import dev.lockstep.core.BatchId;
import dev.lockstep.core.Effect;
import dev.lockstep.core.FaultModel;
import dev.lockstep.core.HistoryEntry;
import dev.lockstep.core.HostPolicy;
import dev.lockstep.core.Input;
import dev.lockstep.core.Now;
import dev.lockstep.core.Ordering;
import dev.lockstep.core.OrderingContext;
import dev.lockstep.core.OrderingProvider;
import dev.lockstep.core.OrderingStatus;
import dev.lockstep.core.Outbox;
import dev.lockstep.core.ProtocolCodec;
import dev.lockstep.core.ProtocolMessage;
import dev.lockstep.core.ProtocolRecord;
import dev.lockstep.core.ReplicaId;
import dev.lockstep.core.StopSign;
import dev.lockstep.core.Timer;
import dev.lockstep.core.wire.Bytes;
import dev.lockstep.core.wire.BytesReader;
import dev.lockstep.core.wire.BytesWriter;
import dev.lockstep.core.wire.MalformedException;
import dev.lockstep.core.wire.StopSignCodec;

import org.jspecify.annotations.Nullable;

import java.util.SortedMap;
import java.util.TreeMap;

/// The least protocol that exercises a host: a fixed sequencer. The first leader numbers what it
/// gets, everybody persists, everybody delivers what is durable at home. It tolerates nothing.
final class Toy implements Ordering<Toy.Message, Toy.Record> {

    sealed interface Message extends ProtocolMessage {}

    record Forward(Batch batch) implements Message {}

    record Ordered(long position, long timeNanos, Batch batch, @Nullable StopSign sign)
            implements Message {}

    record Stop(StopSign sign) implements Message {}

    record AskBarrier(long barrier) implements Message {}

    record Barrier(long barrier, long position) implements Message {}

    record Record(long position, long timeNanos, Batch written, @Nullable StopSign sign)
            implements ProtocolRecord {
        @Override
        public Batch batch() {
            return written;
        }
    }

    enum Alarm implements Timer {
        FIRST,
        SECOND
    }

    private record Placed(long sequence, long timeNanos, Batch batch, @Nullable StopSign sign) {}

    private final OrderingContext context;
    private final TreeMap<Long, Placed> undelivered = new TreeMap<>();
    private long lastPosition;
    private long lastTimeNanos;
    private long deliveredThrough;
    private long durableThrough;
    private boolean left;

    /// The stop sign is in the order: nothing comes after it.
    private boolean isClosing;

    /// What admission is told.
    boolean wantsBatch = true;

    /// It says that every replica orders what comes to it.
    boolean ordersAlone;

    /// Refuse what is submitted.
    boolean refuses;

    /// Answer barriers with `Unreadable`.
    boolean unreadable;

    /// Whatever was handed in, for tests of the step discipline.
    final StringBuilder trace = new StringBuilder();

    private Toy(OrderingContext context) {
        this.context = context;
    }

    private boolean leads() {
        return context.self().equals(context.firstLeader());
    }

    @Override
    public void step(Now now, Input<Message, Record> input, Outbox<Message, Record> out) {
        trace.append(input.getClass().getSimpleName()).append(' ');
        switch (input) {
            case Input.Restored<Message, Record> restored -> {
                lastPosition = restored.position();
                deliveredThrough = lastPosition;
                lastTimeNanos = restored.timeNanos();
                StopSign sign = sign(restored.anchor());
                if (sign != null && sign.next().value() == context.epoch().value() + 1) {
                    out.emit(new Effect.Stopped<>(sign, deliveredThrough));
                }
            }
            case Input.Replayed<Message, Record> replayed -> {
                durableThrough = replayed.sequence();
                Record record = replayed.record();
                place(
                        record.position(),
                        replayed.sequence(),
                        record.timeNanos(),
                        record.written(),
                        record.sign());
                deliver(out);
            }
            case Input.Submitted<Message, Record> submitted -> {
                if (refuses) {
                    out.emit(
                            new Effect.Refused<>(
                                    submitted.batch().id(), "the toy refuses; ask another"));
                } else if (leads()) {
                    order(now, submitted.batch(), null, out);
                } else {
                    out.send(context.firstLeader(), new Forward(submitted.batch()));
                }
            }
            case Input.StopRequested<Message, Record> stop -> {
                if (leads()) {
                    stop(now, stop.sign(), out);
                } else {
                    out.send(context.firstLeader(), new Stop(stop.sign()));
                }
            }
            case Input.Received<Message, Record> received -> receive(now, received, out);
            case Input.Durable<Message, Record> durable -> {
                durableThrough = durable.sequence();
                deliver(out);
            }
            case Input.ReadRequested<Message, Record> read -> {
                if (unreadable) {
                    out.emit(new Effect.Unreadable<>(read.barrier()));
                } else if (leads()) {
                    out.emit(new Effect.Readable<>(read.barrier(), lastPosition));
                } else {
                    out.send(context.firstLeader(), new AskBarrier(read.barrier()));
                }
            }
            case Input.History<Message, Record> history -> {
                for (HistoryEntry entry : history.entries()) {
                    take(
                            entry.position(),
                            entry.timeNanos(),
                            entry.batch(),
                            sign(entry.anchor()),
                            out);
                }
            }
            case Input.Leaving<Message, Record> _ -> left = true;
            case Input.PeerBack<Message, Record> _ -> {
                if (!leads()) {
                    out.emit(new Effect.NeedHistory<>(lastPosition + 1));
                }
            }
            default -> {}
        }
    }

    private void receive(
            Now now, Input.Received<Message, Record> received, Outbox<Message, Record> out) {
        switch (received.message()) {
            case Forward forward -> order(now, forward.batch(), null, out);
            case Stop stop -> stop(now, stop.sign(), out);
            case Ordered ordered ->
                    take(
                            ordered.position(),
                            ordered.timeNanos(),
                            ordered.batch(),
                            ordered.sign(),
                            out);
            case AskBarrier ask ->
                    out.send(received.from(), new Barrier(ask.barrier(), lastPosition));
            case Barrier barrier ->
                    out.emit(new Effect.Readable<>(barrier.barrier(), barrier.position()));
        }
    }

    private void stop(Now now, StopSign sign, Outbox<Message, Record> out) {
        if (!isClosing) {
            BatchId id =
                    new BatchId(
                            context.self(),
                            context.members().members().getFirst().incarnation(),
                            BatchId.PROTOCOL_BOOT,
                            lastPosition + 1);
            order(now, Batch.of(id, 0, Bytes.EMPTY), sign, out);
        }
    }

    private void order(Now now, Batch batch, @Nullable StopSign sign, Outbox<Message, Record> out) {
        if (isClosing) {
            return;
        }
        lastTimeNanos = Math.max(lastTimeNanos, now.wallNanos());
        Record record = new Record(lastPosition + 1, lastTimeNanos, batch, sign);
        long sequence = out.persist(record);
        place(record.position(), sequence, record.timeNanos(), batch, sign);
        for (int i = 0; i < context.members().size(); i++) {
            ReplicaId to = context.members().idAt(i);
            if (!to.equals(context.self())) {
                out.sendAfter(
                        to,
                        new Ordered(record.position(), record.timeNanos(), batch, sign),
                        sequence);
            }
        }
    }

    private void take(
            long position,
            long timeNanos,
            Batch batch,
            @Nullable StopSign sign,
            Outbox<Message, Record> out) {
        if (isClosing) {
            return;
        }
        if (position == lastPosition + 1) {
            long sequence = out.persist(new Record(position, timeNanos, batch, sign));
            place(position, sequence, timeNanos, batch, sign);
        } else if (position > lastPosition) {
            out.emit(new Effect.NeedHistory<>(lastPosition + 1));
        }
    }

    private void place(
            long position, long sequence, long timeNanos, Batch batch, @Nullable StopSign sign) {
        lastPosition = position;
        isClosing |= sign != null;
        undelivered.put(position, new Placed(sequence, timeNanos, batch, sign));
    }

    private void deliver(Outbox<Message, Record> out) {
        while (true) {
            Placed next = undelivered.get(deliveredThrough + 1);
            if (next == null || next.sequence() > durableThrough) {
                return;
            }
            deliveredThrough++;
            undelivered.remove(deliveredThrough);
            out.emit(
                    new Effect.Deliver<>(
                            deliveredThrough,
                            next.batch(),
                            next.timeNanos(),
                            next.sign() == null
                                    ? anchor(deliveredThrough)
                                    : anchor(deliveredThrough, next.sign())));
            if (next.sign() != null) {
                out.emit(new Effect.Stopped<>(next.sign(), deliveredThrough));
            }
        }
    }

    static Bytes anchor(long position) {
        return new BytesWriter(8).putLong(~position).toBytes();
    }

    private static Bytes anchor(long position, StopSign sign) {
        BytesWriter out = new BytesWriter(64).putLong(~position);
        StopSignCodec.encode(sign, out);
        return out.toBytes();
    }

    private static @Nullable StopSign sign(Bytes anchor) {
        if (anchor.size() <= Long.BYTES) {
            return null;
        }
        return StopSignCodec.decode(
                new BytesReader(anchor.slice(Long.BYTES, anchor.size() - Long.BYTES)));
    }

    @Override
    public OrderingStatus status() {
        SortedMap<String, String> details = new TreeMap<>();
        if (ordersAlone) {
            return new OrderingStatus(context.self(), true, wantsBatch, () -> details);
        }
        return new OrderingStatus(
                left && leads() ? null : context.firstLeader(), wantsBatch, () -> details);
    }

    static final class Provider implements OrderingProvider<Message, Record> {

        private @Nullable Toy last;
        private HostPolicy policy = HostPolicy.CRASH;

        Toy last() {
            Toy made = last;
            if (made == null) {
                throw new IllegalStateException("none was created");
            }
            return made;
        }

        Provider withPolicy(HostPolicy other) {
            policy = other;
            return this;
        }

        @Override
        public String order() {
            return "toy";
        }

        @Override
        public FaultModel faults() {
            return FaultModel.CRASH;
        }

        @Override
        public int membersFor(int tolerated) {
            return tolerated + 1;
        }

        @Override
        public void checkOptions(SortedMap<String, String> options) {
            if (!options.isEmpty()) {
                throw new IllegalArgumentException("the toy has no options");
            }
        }

        @Override
        public Toy create(OrderingContext context) {
            Toy made = new Toy(context);
            last = made;
            return made;
        }

        @Override
        public ProtocolCodec<Message, Record> codec() {
            return new Codec();
        }

        @Override
        public int compareReach(Bytes anchor, Bytes other) {
            return 0;
        }

        @Override
        public HostPolicy policy() {
            return policy;
        }
    }

    static final class Codec implements ProtocolCodec<Message, Record> {
        @Override
        public void encodeMessage(Message message, BytesWriter out) {
            switch (message) {
                case Forward forward -> {
                    out.putByte(1);
                    forward.batch().encode(out);
                }
                case Ordered ordered -> {
                    out.putByte(2).putLong(ordered.position()).putLong(ordered.timeNanos());
                    ordered.batch().encode(out);
                    putSign(ordered.sign(), out);
                }
                case Stop stop -> {
                    out.putByte(5);
                    StopSignCodec.encode(stop.sign(), out);
                }
                case AskBarrier ask -> out.putByte(3).putLong(ask.barrier());
                case Barrier barrier ->
                        out.putByte(4).putLong(barrier.barrier()).putLong(barrier.position());
            }
        }

        @Override
        public Message decodeMessage(Bytes bytes) {
            BytesReader in = new BytesReader(bytes);
            Message message =
                    switch (in.getByte()) {
                        case 1 -> new Forward(Batch.decode(in));
                        case 2 ->
                                new Ordered(
                                        in.getLong(), in.getLong(), Batch.decode(in), getSign(in));
                        case 5 -> new Stop(StopSignCodec.decode(in));
                        case 3 -> new AskBarrier(in.getLong());
                        case 4 -> new Barrier(in.getLong(), in.getLong());
                        default -> throw new MalformedException("not a toy");
                    };
            in.requireEnd();
            return message;
        }

        @Override
        public void encodeRecord(Record record, BytesWriter out) {
            out.putLong(record.position()).putLong(record.timeNanos());
            record.written().encode(out);
            putSign(record.sign(), out);
        }

        private static void putSign(@Nullable StopSign sign, BytesWriter out) {
            out.putByte(sign == null ? 0 : 1);
            if (sign != null) {
                StopSignCodec.encode(sign, out);
            }
        }

        private static @Nullable StopSign getSign(BytesReader in) {
            return in.getByte() == 0 ? null : StopSignCodec.decode(in);
        }

        @Override
        public Record decodeRecord(Bytes bytes) {
            BytesReader in = new BytesReader(bytes);
            Record record = new Record(in.getLong(), in.getLong(), Batch.decode(in), getSign(in));
            in.requireEnd();
            return record;
        }
    }

    /// A batch that some other replica's admission might have made.
    static Batch batch(ReplicaId origin, int boot, long sequence, Bytes payload) {
        return Batch.of(new BatchId(origin, Group.incarnation(origin), boot, sequence), 0, payload);
    }
}

package dev.lockstep.replica;

import dev.lockstep.core.BatchId;
import dev.lockstep.core.Incarnation;
import dev.lockstep.core.ReplicaId;
import dev.lockstep.core.wire.BytesReader;
import dev.lockstep.core.wire.BytesWriter;
import dev.lockstep.core.wire.MalformedException;

import org.jspecify.annotations.Nullable;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/// Which batches have been executed, so that one which its origin submitted again is executed once.
///
/// Sequences ascend in the order of positions within a boot ([BatchId]), so the highest of each
/// boot says it all. Replicated: changed by executing the order only.
final class DeliveredBatches {

    /// Boots of one member that are remembered; a batch of an older one counts as executed.
    static final int MAX_BOOTS = 1_024;

    /// One process of one member.
    private record Boot(ReplicaId origin, Incarnation incarnation, int boot)
            implements Comparable<Boot> {

        private static final Comparator<Boot> ORDER =
                Comparator.comparing(Boot::origin)
                        .thenComparing(Boot::incarnation)
                        .thenComparingInt(Boot::boot);

        @Override
        public int compareTo(Boot other) {
            return ORDER.compare(this, other);
        }

        boolean is(BatchId id) {
            return boot == id.boot()
                    && origin.equals(id.origin())
                    && incarnation.equals(id.incarnation());
        }
    }

    /// The highest executed sequence of a boot.
    private static final class Highest {
        private final Boot boot;
        private long sequence;

        Highest(Boot boot, long sequence) {
            this.boot = boot;
            this.sequence = sequence;
        }
    }

    private final TreeMap<Boot, Highest> boots = new TreeMap<>();

    /// Whose batch came last: the next is often of the same boot.
    private @Nullable Highest recent;

    /// Notes that a batch is executed; false if it had been before.
    boolean add(BatchId id) {
        Highest highest = find(id);
        if (highest == null) {
            return addBoot(id);
        }
        if (id.sequence() <= highest.sequence) {
            return false;
        }
        highest.sequence = id.sequence();
        return true;
    }

    private @Nullable Highest find(BatchId id) {
        Highest last = recent;
        if (last != null && last.boot.is(id)) {
            return last;
        }
        Highest found = boots.get(new Boot(id.origin(), id.incarnation(), id.boot()));
        if (found != null) {
            recent = found;
        }
        return found;
    }

    private boolean addBoot(BatchId id) {
        Boot boot = new Boot(id.origin(), id.incarnation(), id.boot());
        Boot first = new Boot(id.origin(), id.incarnation(), BatchId.PROTOCOL_BOOT + 1);
        Boot last = new Boot(id.origin(), id.incarnation(), Integer.MAX_VALUE);
        if (id.boot() != BatchId.PROTOCOL_BOOT) {
            var known = boots.subMap(first, true, last, true);
            if (known.size() >= MAX_BOOTS) {
                Boot oldest = known.firstKey();
                if (boot.compareTo(oldest) < 0) {
                    return false;
                }
                boots.remove(oldest);
                recent = null;
            }
        }
        boots.put(boot, new Highest(boot, id.sequence()));
        return true;
    }

    /// The last executed batch of every boot of every origin, but not those of protocols.
    List<BatchId> last() {
        List<BatchId> last = new ArrayList<>();
        for (Map.Entry<Boot, Highest> entry : boots.entrySet()) {
            Boot boot = entry.getKey();
            if (boot.boot() != BatchId.PROTOCOL_BOOT) {
                last.add(
                        new BatchId(
                                boot.origin(),
                                boot.incarnation(),
                                boot.boot(),
                                entry.getValue().sequence));
            }
        }
        return last;
    }

    /// The same once these are executed too.
    List<BatchId> lastWith(List<BatchId> following) {
        BytesWriter copied = new BytesWriter(256);
        encode(copied);
        DeliveredBatches copy = new DeliveredBatches();
        copy.decode(new BytesReader(copied.toBytes()));
        for (BatchId each : following) {
            var _ = copy.add(each);
        }
        return copy.last();
    }

    void encode(BytesWriter out) {
        out.putInt(boots.size());
        for (Map.Entry<Boot, Highest> entry : boots.entrySet()) {
            Boot boot = entry.getKey();
            out.putInt(boot.origin().value());
            out.putLong(boot.incarnation().high()).putLong(boot.incarnation().low());
            out.putInt(boot.boot()).putLong(entry.getValue().sequence);
        }
    }

    /// Reads what [#encode] wrote into an empty table.
    void decode(BytesReader in) {
        int count = in.getCount(Integer.MAX_VALUE, 32, "number of boots");
        for (int i = 0; i < count; i++) {
            int origin = in.getInt();
            Incarnation incarnation = new Incarnation(in.getLong(), in.getLong());
            int boot = in.getInt();
            long sequence = in.getNonNegativeLong("sequence");
            if (origin < 1 || origin > ReplicaId.MAX_VALUE || boot < 0) {
                throw new MalformedException("origin " + origin + ", boot " + boot);
            }
            Boot key = new Boot(new ReplicaId(origin), incarnation, boot);
            boots.put(key, new Highest(key, sequence));
        }
    }
}

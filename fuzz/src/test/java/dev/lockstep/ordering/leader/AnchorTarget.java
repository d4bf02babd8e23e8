package dev.lockstep.ordering.leader;

import dev.lockstep.core.Epoch;
import dev.lockstep.core.StopSign;
import dev.lockstep.core.wire.Bytes;
import dev.lockstep.core.wire.MalformedException;
import dev.lockstep.fuzz.Target;

import java.util.LinkedHashMap;
import java.util.Map;

/// What a host keeps for leader ordering with each position.
public final class AnchorTarget implements Target {

    /// The target; it has no state.
    public AnchorTarget() {}

    @Override
    public String name() {
        return "anchors";
    }

    @Override
    public boolean takes(byte[] input) {
        Anchor anchor;
        try {
            anchor = Anchor.decode(Bytes.wrap(input));
        } catch (MalformedException refused) {
            return false;
        }
        if (anchor == null) {
            return false;
        }
        if (!encoded(anchor).equals(Bytes.wrap(input))) {
            throw new AssertionError(anchor + " is encoded as " + encoded(anchor));
        }
        return true;
    }

    private static Bytes encoded(Anchor anchor) {
        StopSign sign = anchor.sign();
        LogEntry entry =
                new LogEntry(
                        anchor.mark(),
                        0,
                        Examples.batch(""),
                        sign == null ? LogEntry.Purpose.BATCH : LogEntry.Purpose.SIGN,
                        sign);
        return Anchor.encode(new Epoch(anchor.epoch()), entry);
    }

    @Override
    public Map<String, byte[]> seeds() {
        Map<String, byte[]> seeds = new LinkedHashMap<>();
        for (AppendedEntry appended : Examples.entries()) {
            if (appended instanceof LogEntry entry) {
                Bytes anchor = Anchor.encode(new Epoch(2), entry);
                seeds.put(entry.purpose().toString(), anchor.toByteArray());
            }
        }
        return seeds;
    }
}

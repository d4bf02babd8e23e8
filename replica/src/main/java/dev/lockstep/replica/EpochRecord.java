package dev.lockstep.replica;

import dev.lockstep.core.FaultModel;
import dev.lockstep.core.Reign;
import dev.lockstep.core.wire.Bytes;
import dev.lockstep.core.wire.BytesReader;
import dev.lockstep.core.wire.BytesWriter;
import dev.lockstep.core.wire.MalformedException;

import java.nio.charset.StandardCharsets;

/// A journal record that says which epoch begins, and of which order the one before it was, whose
/// records stay readable for history.
///
/// @param reign the epoch that begins
/// @param formerFaults the fault model before
/// @param formerOrder the order before
record EpochRecord(Reign reign, FaultModel formerFaults, String formerOrder) {

    private static final int MAX_ORDER_BYTES = 64;

    Bytes encode() {
        BytesWriter out = new BytesWriter(256);
        byte[] order = formerOrder.getBytes(StandardCharsets.US_ASCII);
        out.putByte(formerFaults.ordinal()).putByte(order.length).put(order, 0, order.length);
        reign.encode(out);
        return out.toBytes();
    }

    /// Reads what [#encode] wrote.
    ///
    /// @throws MalformedException if it is none
    static EpochRecord decode(Bytes content) {
        BytesReader in = new BytesReader(content);
        int faults = in.getByte();
        int size = in.getByte();
        if (faults < 0 || faults >= FaultModel.values().length || size > MAX_ORDER_BYTES) {
            throw new MalformedException("no epoch follows one of order " + size + "/" + faults);
        }
        String order = new String(in.getBytes(size).toByteArray(), StandardCharsets.US_ASCII);
        Reign reign = Reign.decode(in);
        in.requireEnd();
        return new EpochRecord(reign, FaultModel.values()[faults], order);
    }
}

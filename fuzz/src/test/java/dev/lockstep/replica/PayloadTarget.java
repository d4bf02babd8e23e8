package dev.lockstep.replica;

import dev.lockstep.core.wire.Bytes;
import dev.lockstep.fuzz.Target;

import java.util.LinkedHashMap;
import java.util.Map;

/// The payload of a batch: its requests.
public final class PayloadTarget implements Target {

    /// The target; it has no state.
    public PayloadTarget() {}

    @Override
    public String name() {
        return "payload";
    }

    @Override
    public boolean takes(byte[] input) {
        Bytes payload = Bytes.wrap(input);
        RequestCursor cursor = new RequestCursor();
        OpenBatch again = new OpenBatch();
        cursor.reset(payload);
        while (cursor.next()) {
            again.add(
                    cursor.kind(),
                    cursor.session(),
                    cursor.sequence(),
                    cursor.acknowledged(),
                    payload.backingArray(),
                    cursor.bodyOffset(),
                    cursor.length());
            if (cursor.index() != again.requests() - 1) {
                throw new AssertionError("index " + cursor.index() + " of " + again.requests());
            }
        }
        Bytes walked = again.take();
        if (!walked.equals(payload.slice(0, walked.size()))) {
            throw new AssertionError("the requests encoded again are " + walked);
        }
        if (cursor.isMalformed() == (walked.size() == payload.size())) {
            throw new AssertionError("ends after " + walked.size() + " of " + payload.size());
        }
        return !cursor.isMalformed();
    }

    @Override
    public Map<String, byte[]> seeds() {
        byte[] none = new byte[0];
        OpenBatch open = new OpenBatch();
        open.add(RequestKind.OPEN, 9, 1_000, 0, none, 0, 0);
        open.add(RequestKind.COMMAND, 1 << 20, 1, 0, new byte[] {'h', 'i'}, 0, 2);
        open.add(RequestKind.SKIP, 1 << 20, 2, 1, none, 0, 0);
        open.add(RequestKind.KEEP_ALIVE, 1 << 20, 0, 2, none, 0, 0);
        open.add(RequestKind.CLOSE, 1 << 20, 0, 0, none, 0, 0);
        Map<String, byte[]> seeds = new LinkedHashMap<>();
        seeds.put("every-kind", open.take().toByteArray());
        seeds.put("empty", none);
        return seeds;
    }
}

package dev.lockstep.bench;

import dev.lockstep.core.wire.Bytes;
import dev.lockstep.services.kv.KvCommands;

import java.nio.charset.StandardCharsets;
import java.util.Locale;
import java.util.SplittableRandom;

/// What is asked of the key-value service: SET, and GET for a share of the requests, of keys drawn
/// uniformly.
///
/// All requests are encoded beforehand, so that the client's own work is sending and receiving.
final class Workload {

    private final SplittableRandom random;
    private final byte[][] writes;
    private final Bytes[] reads;
    private final int readPercent;

    /// The next key that is written in turn; beyond the last they are drawn.
    private int next;

    /// @param keyBytes at least as many as the largest key's number has digits
    Workload(int keys, int keyBytes, int valueBytes, int readPercent, long seed) {
        random = new SplittableRandom(seed);
        writes = new byte[keys][];
        reads = new Bytes[keys];
        this.readPercent = readPercent;
        this.next = keys;
        String format = "%0" + keyBytes + "d";
        for (int i = 0; i < keys; i++) {
            byte[] key = String.format(Locale.ROOT, format, i).getBytes(StandardCharsets.US_ASCII);
            byte[] value = new byte[valueBytes];
            random.nextBytes(value);
            writes[i] = KvCommands.set(key, value);
            reads[i] = Bytes.wrap(KvCommands.get(key));
        }
    }

    /// From now on every key is written once, in turn; after that they are drawn again.
    void fill() {
        next = 0;
    }

    boolean isFilling() {
        return next < writes.length;
    }

    boolean nextIsRead() {
        return !isFilling() && readPercent > 0 && random.nextInt(100) < readPercent;
    }

    byte[] nextWrite() {
        if (isFilling()) {
            return writes[next++];
        }
        return writes[random.nextInt(writes.length)];
    }

    Bytes nextRead() {
        return reads[random.nextInt(reads.length)];
    }
}

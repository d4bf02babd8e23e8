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

    /// So many of a hundred requests are of the same key.
    private final int hotPercent;

    /// The next key that is written in turn; beyond the last they are drawn.
    private int next;

    /// @param keyBytes at least as many as the largest key's number has digits
    Workload(int keys, int keyBytes, int valueBytes, int readPercent, long seed) {
        this(keys, keyBytes, valueBytes, readPercent, 0, seed);
    }

    /// @param hotPercent so many of a hundred requests are of the first key
    Workload(int keys, int keyBytes, int valueBytes, int readPercent, int hotPercent, long seed) {
        random = new SplittableRandom(seed);
        this.hotPercent = hotPercent;
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
        return writes[nextKey()];
    }

    Bytes nextRead() {
        return reads[nextKey()];
    }

    private int nextKey() {
        return hotPercent > 0 && random.nextInt(100) < hotPercent
                ? 0
                : random.nextInt(writes.length);
    }
}

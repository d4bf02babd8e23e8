package dev.lockstep.services.kv;

import dev.lockstep.api.FrozenState;

import java.io.BufferedInputStream;
import java.io.BufferedOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;

/// The whole state at one moment, and its bytes (version 1, big-endian):
///
/// ```text
/// state    = "LKV" version:1 change:8 removals:4 removal* keys:8 entry*
/// removal  = stripe:4 change:8                               stripes ascending, without zeros
/// entry    = size:4 key type:1 size:4 value expires:8 version:8   in the order of hashes
/// ```
final class KvSnapshot implements FrozenState {

    private static final int MAGIC_AND_VERSION = 'L' << 24 | 'K' << 16 | 'V' << 8 | 1;
    private static final int TYPE_STRING = 0;
    private static final int BUFFER_BYTES = 1 << 16;

    private final long change;
    private final long[] removals;
    private final KeyTable.View keys;

    KvSnapshot(long change, long[] removals, KeyTable.View keys) {
        this.change = change;
        this.removals = removals;
        this.keys = keys;
    }

    @Override
    public void writeTo(OutputStream out) throws IOException {
        DataOutputStream data = new DataOutputStream(new BufferedOutputStream(out, BUFFER_BYTES));
        data.writeInt(MAGIC_AND_VERSION);
        data.writeLong(change);
        writeRemovals(data);
        data.writeLong(keys.size());
        KeyTable.Walk walk = keys.walk(0);
        for (Entry entry = walk.next(); entry != null; entry = walk.next()) {
            data.writeInt(entry.key.length);
            data.write(entry.key);
            byte[] value = (byte[]) entry.value;
            data.writeByte(TYPE_STRING);
            data.writeInt(value.length);
            data.write(value);
            data.writeLong(entry.expiresAtMillis);
            data.writeLong(entry.version);
        }
        data.flush();
    }

    /// The state that `in` holds to its end.
    ///
    /// @throws IOException if reading fails or the bytes are not a state
    static Keyspace read(InputStream in) throws IOException {
        DataInputStream data = new DataInputStream(new BufferedInputStream(in, BUFFER_BYTES));
        require(data.readInt() == MAGIC_AND_VERSION, "this is not a key-value state of version 1");
        long change = data.readLong();
        require(change >= 0, "the number of changes is negative");
        Keyspace keyspace = new Keyspace();
        keyspace.load(change, readRemovals(data, change));
        long count = data.readLong();
        require(count >= 0 && count <= Integer.MAX_VALUE, "the number of keys is out of range");
        for (long i = 0; i < count; i++) {
            byte[] key = readSized(data);
            require(data.readUnsignedByte() == TYPE_STRING, "a value is of an unknown type");
            byte[] value = readSized(data);
            long expires = data.readLong();
            require(expires >= Entry.NEVER, "an expiry is negative");
            long version = data.readLong();
            require(version > 0 && version <= change, "a version is out of range");
            require(keyspace.load(key, value, expires, version), "a key is there twice");
        }
        require(data.read() < 0, "there are bytes after the end");
        return keyspace;
    }

    private void writeRemovals(DataOutputStream data) throws IOException {
        int count = 0;
        for (long removal : removals) {
            count += removal == 0 ? 0 : 1;
        }
        data.writeInt(count);
        for (int stripe = 0; stripe < removals.length; stripe++) {
            if (removals[stripe] != 0) {
                data.writeInt(stripe);
                data.writeLong(removals[stripe]);
            }
        }
    }

    private static long[] readRemovals(DataInputStream data, long change) throws IOException {
        long[] removals = new long[Keyspace.STRIPES];
        int count = data.readInt();
        require(count >= 0 && count <= removals.length, "the number of removals is out of range");
        int before = -1;
        for (int i = 0; i < count; i++) {
            int stripe = data.readInt();
            require(stripe > before && stripe < removals.length, "a stripe is out of range");
            removals[stripe] = data.readLong();
            require(
                    removals[stripe] > 0 && removals[stripe] <= change,
                    "a removal is out of range");
            before = stripe;
        }
        return removals;
    }

    private static byte[] readSized(DataInputStream data) throws IOException {
        int size = data.readInt();
        require(size >= 0, "a size is negative");
        byte[] bytes = data.readNBytes(size);
        if (bytes.length < size) {
            throw new EOFException("a value of " + size + " bytes ends after " + bytes.length);
        }
        return bytes;
    }

    private static void require(boolean holds, String otherwise) throws IOException {
        if (!holds) {
            throw new IOException("the state cannot be restored: " + otherwise);
        }
    }
}

package dev.lockstep.node;

import dev.lockstep.core.ClusterId;
import dev.lockstep.core.Incarnation;
import dev.lockstep.core.ReplicaId;
import dev.lockstep.core.port.StoredFile;
import dev.lockstep.core.wire.Bytes;
import dev.lockstep.fuzz.Target;
import dev.lockstep.journal.MemoryStore;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;

/// The file that says whose a data directory is: a byte, then its text. A byte 1 appends the line
/// with the checksum that fits.
public final class IdentityTarget implements Target {

    /// The target; it has no state.
    public IdentityTarget() {}

    @Override
    public String name() {
        return "identity";
    }

    @Override
    public boolean takes(byte[] input) throws IOException {
        if (input.length == 0) {
            return false;
        }
        MemoryStore store = new MemoryStore();
        try (StoredFile file = store.open(IdentityFile.NAME)) {
            file.write(0, ByteBuffer.wrap(text(input)));
        }
        Identity identity;
        try {
            identity = IdentityFile.read(store, "here");
        } catch (ConfigException refused) {
            return false;
        }
        IdentityFile.write(store, identity);
        Identity again = IdentityFile.read(store, "here");
        if (!again.equals(identity)) {
            throw new AssertionError(identity + " written and read again is " + again);
        }
        return true;
    }

    private static byte[] text(byte[] input) {
        byte[] text = Arrays.copyOfRange(input, 1, input.length);
        if (input[0] != 1) {
            return text;
        }
        ByteArrayOutputStream sealed = new ByteArrayOutputStream();
        sealed.writeBytes(text);
        String checksum = "crc32c %08x\n".formatted(Bytes.wrap(text).crc32c());
        sealed.writeBytes(checksum.getBytes(StandardCharsets.US_ASCII));
        return sealed.toByteArray();
    }

    /// A file of the store takes whole pages.
    @Override
    public long mostAllocatedBytes(int inputBytes) {
        return (1L << 20) + 256L * inputBytes;
    }

    @Override
    public Map<String, byte[]> seeds() throws IOException {
        MemoryStore store = new MemoryStore();
        IdentityFile.write(
                store,
                new Identity(new ClusterId(1, 2), new ReplicaId(2), new Incarnation(3, 4), 5));
        StoredFile file = store.open(IdentityFile.NAME);
        ByteBuffer content = ByteBuffer.allocate((int) file.size() + 1).position(1);
        file.read(0, content);
        byte[] whole = content.array();
        String text = new String(whole, StandardCharsets.US_ASCII);
        byte[] sealed = Arrays.copyOf(whole, text.lastIndexOf("crc32c"));
        sealed[0] = 1;
        Map<String, byte[]> seeds = new LinkedHashMap<>();
        seeds.put("whole", whole);
        seeds.put("sealed", sealed);
        return seeds;
    }
}

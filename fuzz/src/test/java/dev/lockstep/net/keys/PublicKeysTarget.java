package dev.lockstep.net.keys;

import dev.lockstep.core.ClusterId;
import dev.lockstep.core.Epoch;
import dev.lockstep.core.ReplicaId;
import dev.lockstep.core.wire.Bytes;
import dev.lockstep.fuzz.Target;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;

/// The file of a cluster's public keys: what is taken is written as it was read.
public final class PublicKeysTarget implements Target {

    /// The target; it has no state.
    public PublicKeysTarget() {}

    @Override
    public String name() {
        return "public-keys";
    }

    @Override
    public boolean takes(byte[] input) {
        KeyRing ring;
        try {
            ring = KeyRingText.parse("f", new String(input, StandardCharsets.UTF_8));
        } catch (KeyRefusedException refused) {
            if (String.valueOf(refused.getMessage()).isBlank()) {
                throw new AssertionError("refused without a word", refused);
            }
            return false;
        }
        KeyRing again = KeyRingText.parse("f", KeyRingText.of(ring));
        if (!again.entries().equals(ring.entries()) || !again.cluster().equals(ring.cluster())) {
            throw new AssertionError("written as something else");
        }
        return true;
    }

    /// A key is looked at with numbers of a few hundred bytes.
    @Override
    public long mostAllocatedBytes(int inputBytes) {
        return (4L << 20) + (4L << 10) * inputBytes;
    }

    @Override
    public Map<String, byte[]> seeds() {
        SignatureLibrary library = SignatureLibrary.open(SignatureProvider.BOUNCY_CASTLE);
        KeyRing ring = KeyRing.empty(new ClusterId(1, 2));
        Map<String, byte[]> seeds = new LinkedHashMap<>();
        seeds.put("empty", bytes(KeyRingText.of(ring)));
        for (int i = 1; i <= 3; i++) {
            byte[] seed = new byte[32];
            Arrays.fill(seed, (byte) i);
            ring =
                    ring.with(
                            new KeyRing.Entry(
                                    i == 3
                                            ? KeyOwner.client(7)
                                            : KeyOwner.replica(new ReplicaId(1)),
                                    new Epoch(i),
                                    library.signingKey(Bytes.wrap(seed)).publicKey()));
        }
        seeds.put("three", bytes("# a comment\n\n" + KeyRingText.of(ring)));
        seeds.put("twice", bytes(KeyRingText.of(ring).repeat(2)));
        return seeds;
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }
}

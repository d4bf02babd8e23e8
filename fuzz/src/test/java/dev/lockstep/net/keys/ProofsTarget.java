package dev.lockstep.net.keys;

import dev.lockstep.core.ClusterId;
import dev.lockstep.core.Epoch;
import dev.lockstep.core.wire.Bytes;
import dev.lockstep.core.wire.BytesWriter;
import dev.lockstep.core.wire.FrameKind;
import dev.lockstep.core.wire.MalformedException;
import dev.lockstep.fuzz.Target;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/// What goes with a signed request: there is one encoding, and a verifier that is given anything
/// else says no.
public final class ProofsTarget implements Target {

    private static final KeyRing RING;
    private static final RequestDomain DOMAIN =
            new RequestDomain('A', new ClusterId(1, 2), Epoch.FIRST);
    private static final SigningKey KEY;
    private static final RequestVerifier VERIFIER;

    static {
        SignatureLibrary library = SignatureLibrary.open(SignatureProvider.BOUNCY_CASTLE);
        KEY = library.signingKey(Bytes.wrap(new byte[32]));
        RING =
                KeyRing.empty(DOMAIN.cluster())
                        .with(new KeyRing.Entry(KeyOwner.client(1), Epoch.FIRST, KEY.publicKey()));
        VERIFIER = new RequestVerifier(library, RING, DOMAIN);
    }

    /// The target; its memory of good signatures changes no answer.
    public ProofsTarget() {}

    @Override
    public String name() {
        return "proofs";
    }

    @Override
    public boolean takes(byte[] input) {
        Bytes bytes = Bytes.wrap(input);
        boolean isGenuine = VERIFIER.clientOf(FrameKind.COMMAND, content(0), bytes).isPresent();
        BurstProof proof;
        try {
            proof = BurstProof.decode(bytes);
        } catch (MalformedException _) {
            if (isGenuine) {
                throw new AssertionError("what is no proof proves something");
            }
            return false;
        }
        BytesWriter out = new BytesWriter(input.length);
        proof.encode(out);
        if (!out.toBytes().equals(bytes)) {
            throw new AssertionError("there is another encoding");
        }
        return true;
    }

    @Override
    public Map<String, byte[]> seeds() {
        Map<String, byte[]> seeds = new LinkedHashMap<>();
        for (int size : new int[] {1, 2, 5, 64}) {
            List<SignedRequests.Unsigned> requests = new ArrayList<>();
            for (int i = 0; i < size; i++) {
                requests.add(new SignedRequests.Unsigned(FrameKind.COMMAND, content(i)));
            }
            List<Bytes> proofs = new SignedRequests(DOMAIN, 1, KEY).prove(requests);
            seeds.put("first-of-" + size, proofs.getFirst().toByteArray());
            seeds.put("last-of-" + size, proofs.getLast().toByteArray());
        }
        return seeds;
    }

    private static Bytes content(int number) {
        return Bytes.wrap(new byte[] {(byte) number});
    }
}

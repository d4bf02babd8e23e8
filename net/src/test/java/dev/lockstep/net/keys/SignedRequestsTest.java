package dev.lockstep.net.keys;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lockstep.core.ClusterId;
import dev.lockstep.core.Epoch;
import dev.lockstep.core.wire.Bytes;
import dev.lockstep.core.wire.FrameKind;

import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;

import org.junit.jupiter.api.Test;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Random;

/// A request counts where it was signed for, as it was signed, and as that of who signed it.
final class SignedRequestsTest {

    private static final ClusterId CLUSTER = new ClusterId(1, 2);
    private static final RequestDomain DOMAIN = new RequestDomain('A', CLUSTER, new Epoch(3));
    private static final SignatureLibrary LIBRARY = SignatureLibrary.open(SignatureProvider.best());
    private static final SigningKey KEY = LIBRARY.signingKey(seed(1));
    private static final SigningKey OTHER_KEY = LIBRARY.signingKey(seed(2));
    private static final SigningKey LATER_KEY = LIBRARY.signingKey(seed(3));
    private static final KeyRing RING =
            KeyRing.empty(CLUSTER)
                    .with(entry(7, 1, KEY))
                    .with(entry(7, 4, LATER_KEY))
                    .with(entry(8, 3, OTHER_KEY))
                    .with(entry(9, 4, LIBRARY.signingKey(seed(4))));

    private static Bytes seed(int value) {
        byte[] seed = new byte[32];
        Arrays.fill(seed, (byte) value);
        return Bytes.wrap(seed);
    }

    private static KeyRing.Entry entry(int client, int from, SigningKey key) {
        return new KeyRing.Entry(KeyOwner.client(client), new Epoch(from), key.publicKey());
    }

    private static RequestVerifier verifier(RequestDomain domain) {
        return new RequestVerifier(LIBRARY, RING, domain);
    }

    private static List<SignedRequests.Unsigned> requests(int size) {
        List<SignedRequests.Unsigned> requests = new ArrayList<>();
        for (int i = 0; i < size; i++) {
            byte[] content = new byte[40];
            Arrays.fill(content, (byte) i);
            requests.add(new SignedRequests.Unsigned(FrameKind.COMMAND, Bytes.wrap(content)));
        }
        return requests;
    }

    private static List<Bytes> prove(List<SignedRequests.Unsigned> requests) {
        return new SignedRequests(DOMAIN, 7, KEY).prove(requests);
    }

    private static boolean isOfSeven(
            RequestVerifier verifier, SignedRequests.Unsigned request, Bytes proof) {
        return verifier.clientOf(request.frameKind(), request.content(), proof).orElse(0) == 7;
    }

    @Property(tries = 60)
    void every_request_of_a_burst_counts_alone(@ForAll @IntRange(min = 1, max = 200) int size) {
        List<SignedRequests.Unsigned> requests = requests(size);
        List<Bytes> proofs = prove(requests);
        RequestVerifier verifier = verifier(DOMAIN);
        for (int i = size - 1; i >= 0; i--) {
            assertThat(isOfSeven(verifier, requests.get(i), proofs.get(i))).isTrue();
            assertThat(isOfSeven(verifier, requests.get(i), proofs.get((i + 1) % size)))
                    .isEqualTo(size == 1);
        }
    }

    @Test
    void the_largest_burst_has_the_largest_proofs() {
        List<SignedRequests.Unsigned> requests = requests(SignedRequests.MAX_BURST);
        List<Bytes> proofs = prove(requests);
        assertThat(proofs)
                .allSatisfy(
                        proof ->
                                assertThat(proof.size()).isEqualTo(SignedRequests.MAX_PROOF_BYTES));
        assertThat(isOfSeven(verifier(DOMAIN), requests.get(1000), proofs.get(1000))).isTrue();
        assertThatThrownBy(() -> prove(requests(SignedRequests.MAX_BURST + 1)))
                .isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> prove(List.of())).isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void nothing_counts_in_another_place() {
        SignedRequests.Unsigned request = requests(3).get(2);
        Bytes proof = prove(requests(3)).get(2);
        assertThat(isOfSeven(verifier(DOMAIN), request, proof)).isTrue();
        Epoch later = new Epoch(4);
        Epoch earlier = new Epoch(2);
        for (RequestDomain other :
                List.of(
                        new RequestDomain('B', CLUSTER, DOMAIN.epoch()),
                        new RequestDomain('A', CLUSTER, later),
                        new RequestDomain('A', CLUSTER, earlier))) {
            assertThat(isOfSeven(verifier(other), request, proof)).isFalse();
        }
        ClusterId stranger = new ClusterId(1, 3);
        KeyRing strange = KeyRing.empty(stranger).with(entry(7, 1, KEY));
        assertThat(
                        isOfSeven(
                                new RequestVerifier(
                                        LIBRARY,
                                        strange,
                                        new RequestDomain('A', stranger, DOMAIN.epoch())),
                                request,
                                proof))
                .isFalse();
        assertThatThrownBy(() -> new RequestVerifier(LIBRARY, strange, DOMAIN))
                .isInstanceOf(KeyRefusedException.class);
        // The epoch that the proof names is the one that was signed.
        byte[] renamed = proof.toByteArray();
        renamed[0] = 2;
        assertThat(
                        isOfSeven(
                                verifier(new RequestDomain('A', CLUSTER, earlier)),
                                request,
                                Bytes.wrap(renamed)))
                .isFalse();
    }

    @Test
    void nothing_counts_as_something_else() {
        SignedRequests.Unsigned request = requests(1).getFirst();
        Bytes proof = prove(List.of(request)).getFirst();
        RequestVerifier verifier = verifier(DOMAIN);
        assertThat(isOfSeven(verifier, request, proof)).isTrue();
        assertThat(verifier.clientOf(FrameKind.QUERY, request.content(), proof).isPresent())
                .isFalse();
        assertThat(
                        verifier.clientOf(FrameKind.COMMAND, request.content().slice(0, 39), proof)
                                .isPresent())
                .isFalse();
        for (int client : new int[] {0, -1, 8, 9, 10}) {
            byte[] renamed = proof.toByteArray();
            renamed[8] = (byte) client;
            Arrays.fill(renamed, 9, 12, (byte) (client < 0 ? -1 : 0));
            assertThat(
                            verifier.clientOf(
                                            FrameKind.COMMAND,
                                            request.content(),
                                            Bytes.wrap(renamed))
                                    .isPresent())
                    .isFalse();
        }
        // An inner node is no request, although its hash is in the tree.
        List<SignedRequests.Unsigned> two = requests(2);
        Bytes burst = prove(two).getFirst();
        byte[] shorter = new byte[BurstProof.HEADER_BYTES];
        burst.slice(0, shorter.length).copyTo(shorter, 0);
        shorter[14] = 1;
        assertThat(
                        verifier.clientOf(
                                        FrameKind.COMMAND,
                                        two.get(0).content(),
                                        Bytes.wrap(shorter))
                                .isPresent())
                .isFalse();
    }

    /// What was seen before must not change what counts.
    @Test
    void memory_changes_no_answer() {
        List<SignedRequests.Unsigned> requests = requests(5);
        List<Bytes> proofs = prove(requests);
        RequestVerifier seen = verifier(DOMAIN);
        assertThat(isOfSeven(seen, requests.get(0), proofs.get(0))).isTrue();
        for (int i = 0; i < proofs.get(1).size(); i++) {
            byte[] changed = proofs.get(1).toByteArray();
            changed[i] ^= 4;
            assertThat(isOfSeven(seen, requests.get(1), Bytes.wrap(changed)))
                    .as("byte %d", i)
                    .isFalse();
        }
        assertThat(isOfSeven(seen, requests.get(1), proofs.get(1))).isTrue();
    }

    /// Whatever a verifier has seen of a burst, and in what order, it says what one says that has
    /// seen nothing.
    @Property(tries = 40)
    void neighbours_change_no_answer(
            @ForAll @IntRange(min = 1, max = 40) int size, @ForAll long seed) {
        Random random = new Random(seed);
        List<SignedRequests.Unsigned> requests = requests(size);
        List<Bytes> proofs = prove(requests);
        RequestVerifier seen = verifier(DOMAIN);
        for (int step = 0; step < 60; step++) {
            SignedRequests.Unsigned request = requests.get(random.nextInt(size));
            byte[] proof = proofs.get(random.nextInt(size)).toByteArray();
            if (random.nextInt(3) == 0) {
                proof[random.nextInt(proof.length)] ^= (byte) (1 << random.nextInt(8));
            }
            assertThat(isOfSeven(seen, request, Bytes.wrap(proof)))
                    .isEqualTo(isOfSeven(verifier(DOMAIN), request, Bytes.wrap(proof)));
            int own = random.nextInt(size);
            assertThat(isOfSeven(seen, requests.get(own), proofs.get(own))).isTrue();
        }
    }

    @Property(tries = 2000)
    void hostile_proofs_are_refused_without_a_word(
            @ForAll byte[] proof, @ForAll byte[] content, @ForAll byte kind) {
        assertThat(
                        verifier(DOMAIN)
                                .clientOf(kind, Bytes.wrap(content), Bytes.wrap(proof))
                                .isPresent())
                .isFalse();
    }

    @Test
    void proofs_of_every_other_length_are_none() {
        Random random = new Random(1);
        List<SignedRequests.Unsigned> requests = requests(6);
        List<Bytes> proofs = prove(requests);
        RequestVerifier verifier = verifier(DOMAIN);
        for (int i = 0; i < 6; i++) {
            Bytes proof = proofs.get(i);
            for (int size = 0; size < 2 * SignedRequests.MAX_PROOF_BYTES; size++) {
                byte[] other = new byte[size];
                random.nextBytes(other);
                proof.slice(0, Math.min(size, proof.size())).copyTo(other, 0);
                assertThat(isOfSeven(verifier, requests.get(i), Bytes.wrap(other)))
                        .isEqualTo(size == proof.size());
            }
        }
    }

    /// Both change only with a new tag.
    @Test
    void the_layout_is_frozen() {
        Bytes signed = DOMAIN.signed(7, 5, new byte[32]);
        assertThat(Encodings.hex(signed))
                .isEqualTo(
                        "4c535245513100"
                                + "41"
                                + "01000000000000000200000000000000"
                                + "0300000000000000"
                                + "07000000"
                                + "0500"
                                + "00".repeat(32));
        Bytes proof = prove(requests(3)).get(2);
        assertThat(HexFormat.of().formatHex(Sha256.fresh().digest(proof.toByteArray())))
                .isEqualTo("8ada5e2a5a5e0e8e36699adf85bc4035ef03d4eeb51f9124169c285fa1d175d4");
        assertThat(Encodings.hex(proof.slice(0, 16)))
                .isEqualTo("0300000000000000" + "07000000" + "0200" + "0300");
    }
}

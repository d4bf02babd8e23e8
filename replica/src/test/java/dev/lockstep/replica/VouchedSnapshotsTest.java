package dev.lockstep.replica;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lockstep.core.Credentials;
import dev.lockstep.core.Invariant;
import dev.lockstep.core.Now;
import dev.lockstep.core.ReplicaId;
import dev.lockstep.core.port.PeerPort;
import dev.lockstep.core.port.SignatureChecks;
import dev.lockstep.core.port.SnapshotContent;
import dev.lockstep.core.port.SnapshotDescription;
import dev.lockstep.core.wire.Bytes;
import dev.lockstep.core.wire.BytesWriter;
import dev.lockstep.replica.CheckpointFrames.Proof;
import dev.lockstep.replica.CheckpointFrames.Signature;
import dev.lockstep.replica.CheckpointFrames.Signed;
import dev.lockstep.replica.SnapshotTaking.Executed;

import org.junit.jupiter.api.Test;

import java.io.OutputStream;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;

/// Snapshots among members of which one lies: taken at equal positions, signed for, and believed
/// when two of four have signed.
class VouchedSnapshotsTest {

    private static final Now NOW = new Now(0, 0);
    private static final Jury TWO = new Jury(_ -> 2, false);

    private final Group group = new Group(4);
    private final FakeSnapshots snapshots = new FakeSnapshots();
    private final List<String> sent = new ArrayList<>();
    private final List<String> heard = new ArrayList<>();
    private final ReplicaOptions options = options(1);
    private final CurrentReign current = Group.reign(options);
    private final ReplicaPorts ports = ports();

    private ReplicaOptions options(int replica) {
        ReplicaId id = new ReplicaId(replica);
        return ReplicaOptions.of(Group.CLUSTER, id, Group.incarnation(id), 1, group.members)
                .withSnapshots(new SnapshotOptions(5_120, Long.MAX_VALUE, 1 << 20, 50_000));
    }

    private ReplicaPorts ports() {
        PeerPort peers =
                (to, head, body, token) -> {
                    sent.add(PeerFrames.kind(head) + " to " + to);
                    return true;
                };
        ReplicaListener listener =
                new ReplicaListener() {
                    @Override
                    public void onSnapshotRefused(ReplicaId from, String reason) {
                        heard.add(reason);
                    }

                    @Override
                    public void onForged(ReplicaId from) {
                        heard.add("forged by " + from);
                    }

                    @Override
                    public void onEvidence(ReplicaId about, Bytes proof) {
                        heard.add("evidence about " + about);
                    }

                    @Override
                    public void onPeerDiverged(
                            ReplicaId peer, boolean inState, long after, long through) {
                        heard.add(peer + " differs at " + through);
                    }
                };
        return new ReplicaPorts(
                new MemoryJournal(),
                snapshots,
                peers,
                group.node(1),
                new SplittableRandom(1),
                listener,
                question -> {
                    throw Invariant.broken("there is an authority to ask: " + question);
                },
                StateDigester.NONE,
                new Trust(
                        _ ->
                                new Credentials(
                                        Group.CLUSTER,
                                        content -> sign(id(1), content),
                                        (signer, content, signature) ->
                                                signature.equals(sign(signer, content))),
                        SignatureChecks.AT_ONCE,
                        Trust.Requests.UNSIGNED,
                        Trust.Operators.NONE));
    }

    private static ReplicaId id(int number) {
        return new ReplicaId(number);
    }

    private static Bytes sign(ReplicaId signer, Bytes content) {
        return new BytesWriter(8).putInt(signer.value()).putInt(content.crc32c()).toBytes();
    }

    private static Bytes chunk(int content) {
        return new BytesWriter(4).putInt(content).toBytes();
    }

    /// A snapshot of two chunks, as a replica whose state is `state` has it.
    private static Checkpoint checkpoint(long position, int state) {
        byte[] digest = new byte[SnapshotDescription.DIGEST_BYTES];
        digest[0] = (byte) state;
        return new Checkpoint(
                new SnapshotDescription(position, 2, 8, Bytes.wrap(digest)),
                Checkpoint.digest(chunks(state)));
    }

    private static Bytes chunks(int state) {
        return new BytesWriter(64)
                .put(Checkpoint.digest(chunk(state)))
                .put(Checkpoint.digest(chunk(state + 1)))
                .toBytes();
    }

    private static Signed signed(int signer, long position, int state) {
        Checkpoint checkpoint = checkpoint(position, state);
        return new Signed(checkpoint, sign(id(signer), checkpoint.signedBytes(Group.CLUSTER, 1)));
    }

    private static Bytes proof(long position, int state, int... signers) {
        List<Signature> signatures = new ArrayList<>();
        for (int signer : signers) {
            signatures.add(new Signature(id(signer), signed(signer, position, state).signature()));
        }
        Proof proof =
                new Proof(1, Bytes.EMPTY, checkpoint(position, state), signatures, chunks(state));
        return PeerFrames.content(CheckpointFrames.proof(proof));
    }

    private List<String> takeSent() {
        List<String> taken = List.copyOf(sent);
        sent.clear();
        return taken;
    }

    // -- taking them

    @Test
    void all_take_one_when_so_much_was_ordered_or_so_much_time_has_passed() {
        SnapshottingTogether taking = taking();
        for (long position = 1; position <= 7; position++) {
            taking.onExecuted(NOW, executed(position, 0, position, true), true);
            if (position == 5) {
                var _ = taking.onWritten(NOW, FakeSnapshots.at(5, 1));
            }
        }
        assertThat(snapshots.take()).containsExactly("write 5");

        taking.onExecuted(NOW, executed(8, 0, 50_000, true), true);

        assertThat(snapshots.take()).containsExactly("write 8");
    }

    @Test
    void what_is_replayed_is_counted_and_one_that_is_due_meanwhile_is_passed_over() {
        SnapshottingTogether taking = taking();
        taking.onExecuted(NOW, executed(1, 5_000, 1, false), true);
        taking.onExecuted(NOW, executed(2, 4_000, 2, false), true);
        assertThat(snapshots.take()).isEmpty();

        taking.onExecuted(NOW, executed(3, 0, 3, true), true);

        assertThat(snapshots.take()).containsExactly("write 3");
    }

    private SnapshottingTogether taking() {
        Snapshotting.Source source =
                new Snapshotting.Source() {
                    @Override
                    public SnapshotContent freeze() {
                        return new SnapshotContent() {
                            @Override
                            public void writeTo(OutputStream out) {}

                            @Override
                            public void close() {}
                        };
                    }

                    @Override
                    public long position() {
                        return 0;
                    }
                };
        return new SnapshottingTogether(options, ports, current, source, Snapshotting.Gate.OPEN);
    }

    private static Executed executed(long position, int bytes, long timeNanos, boolean isLive) {
        return new Executed(position, bytes, position == 8 ? 7 : timeNanos, timeNanos, 0, isLive);
    }

    // -- vouching for them

    private final List<String> outcome = new ArrayList<>();
    private final Checkpoints checkpoints =
            new Checkpoints(
                    options,
                    ports,
                    TWO,
                    current,
                    new OrderedWish(),
                    new Checkpoints.Target() {
                        @Override
                        public void onOutvoted(Now now, String reason) {
                            outcome.add("outvoted");
                        }

                        @Override
                        public void onProven(Now now) {
                            outcome.add("proven");
                        }
                    });

    private void takeOne(long position, int state) {
        snapshots.kept.add(checkpoint(position, state).snapshot());
        checkpoints.onKept(NOW);
        checkpoints.onRead(NOW, -1, chunk(state));
        checkpoints.onRead(NOW, -2, chunk(state + 1));
    }

    private void hear(int from, Signed signed) {
        Bytes frame = CheckpointFrames.checkpoint(1, signed);
        checkpoints.onCheckpoint(NOW, Group.member(id(from)), 1, PeerFrames.content(frame));
    }

    @Test
    void one_other_member_proves_a_snapshot_and_its_proof_is_believed() {
        takeOne(9, 5);
        assertThat(takeSent()).containsExactly("20 to 2", "20 to 3", "20 to 4");
        assertThat(checkpoints.prove(NOW, id(4), 1)).isFalse();
        // Whoever has not heard it the first time may be missing it now.
        assertThat(takeSent()).containsExactly("20 to 2", "20 to 3", "20 to 4");
        assertThat(checkpoints.prove(NOW, id(4), 1)).isFalse();
        assertThat(takeSent()).isEmpty();

        hear(3, signed(3, 9, 5));

        assertThat(outcome).containsExactly("proven");
        assertThat(checkpoints.isProven(9)).isTrue();
        assertThat(checkpoints.isProven(10)).isFalse();
        assertThat(checkpoints.prove(NOW, id(4), 1)).isTrue();
        assertThat(takeSent()).containsExactly("22 to 4");
    }

    @Test
    void one_liar_proves_nothing_and_is_told_of_once_a_second_member_agrees() {
        takeOne(9, 5);
        hear(2, signed(2, 9, 6));
        assertThat(outcome).isEmpty();

        hear(3, signed(3, 9, 5));

        assertThat(outcome).containsExactly("proven");
        assertThat(heard).containsExactly("2 differs at 9");
    }

    @Test
    void a_replica_whose_state_two_others_contradict_is_wrong_itself() {
        takeOne(9, 5);
        hear(2, signed(2, 9, 6));
        hear(3, signed(3, 9, 6));

        assertThat(outcome).containsExactly("outvoted");
        assertThat(checkpoints.isProven(9)).isFalse();
    }

    @Test
    void two_states_that_one_member_signed_for_are_evidence_and_a_foreign_signature_is_nothing() {
        hear(2, signed(2, 9, 5));
        hear(2, signed(2, 9, 6));
        hear(3, signed(4, 9, 5));

        assertThat(heard).containsExactly("evidence about 2", "forged by 3");
    }

    // -- fetching one

    private final VouchedFetch fetch =
            new VouchedFetch(
                    options, ports, TWO, current, new PeerTable(current), ReplicaRules.CORRECT);

    private void hear(int from, int kind, Bytes content) {
        fetch.onFrame(NOW, id(from), kind, content, 3);
    }

    private static Bytes sentChunk(int index, int content) {
        Bytes head = SnapshotFrames.chunk(1, 9, index);
        Bytes frame =
                new BytesWriter(64).put(PeerFrames.content(head)).put(chunk(content)).toBytes();
        return frame;
    }

    @Test
    void a_snapshot_that_one_member_vouches_for_is_not_believed() {
        fetch.begin(NOW, id(2), 0);
        hear(2, CheckpointFrames.PROOF, proof(9, 6, 2, 2));
        hear(3, CheckpointFrames.PROOF, proof(9, 5, 3, 4));

        assertThat(takeSent()).containsExactly("21 to 2", "21 to 3");
        assertThat(heard).hasSize(1).first().asString().contains("too few members");
        assertThat(snapshots.take()).containsExactly("receive 9");
    }

    @Test
    void another_chunk_than_was_signed_for_is_had_from_somebody_else() {
        fetch.begin(NOW, id(2), 0);
        hear(2, CheckpointFrames.PROOF, proof(9, 5, 2, 3));
        fetch.onProgress(NOW, 0);
        hear(2, SnapshotFrames.CHUNK, sentChunk(0, 99));
        assertThat(heard).hasSize(1).first().asString().contains("another chunk 0");

        hear(3, CheckpointFrames.PROOF, proof(9, 5, 2, 3));
        fetch.onProgress(NOW, 0);
        fetch.advance(new Now(1_000_000, 0));
        hear(3, SnapshotFrames.CHUNK, sentChunk(0, 5));

        assertThat(takeSent()).containsExactly("21 to 2", "7 to 2", "21 to 3", "7 to 3");
        assertThat(snapshots.take()).containsExactly("receive 9", "receive 9", "add 4");
    }

    @Test
    void a_member_that_is_too_slow_is_not_asked_again() {
        fetch.begin(NOW, id(2), 0);
        for (int i = 1; i <= VouchedFetch.MOST_TRIES; i++) {
            fetch.advance(new Now(i * VouchedFetch.TIMEOUT_NANOS, 0));
        }
        assertThat(takeSent()).containsExactly("21 to 2", "21 to 2", "21 to 3");
    }

    @Test
    void who_was_left_once_is_asked_last_the_next_time() {
        fetch.begin(NOW, id(2), 0);
        hear(2, SnapshotFrames.SNAPSHOT_OFFER, nothing());
        hear(3, SnapshotFrames.SNAPSHOT_OFFER, nothing());
        hear(4, CheckpointFrames.PROOF, proof(9, 5, 2, 3));
        fetch.onComplete();
        assertThat(takeSent()).containsExactly("21 to 2", "21 to 3", "21 to 4");

        fetch.begin(NOW, id(2), 0);

        assertThat(takeSent()).containsExactly("21 to 4");
    }

    private static Bytes nothing() {
        return PeerFrames.content(SnapshotFrames.offer(1, null));
    }
}

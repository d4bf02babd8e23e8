package dev.lockstep.replica;

import dev.lockstep.core.Batch;
import dev.lockstep.core.BatchId;
import dev.lockstep.core.ClusterId;
import dev.lockstep.core.Epoch;
import dev.lockstep.core.FaultModel;
import dev.lockstep.core.Incarnation;
import dev.lockstep.core.Member;
import dev.lockstep.core.Membership;
import dev.lockstep.core.Now;
import dev.lockstep.core.Reign;
import dev.lockstep.core.ReplicaId;
import dev.lockstep.core.StopSign;
import dev.lockstep.core.wire.Bytes;
import dev.lockstep.core.wire.BytesWriter;
import dev.lockstep.core.wire.ClientCodec;
import dev.lockstep.core.wire.ClientRequest;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/// Signatures without keys, for tests of what replicas do with signed requests: a proof says for
/// which epoch it is, whose, and what was signed.
final class SignedNames implements Trust.Requests {

    static final ClusterId CLUSTER = new ClusterId(1, 2);

    /// How often somebody was asked whose a request is.
    int asked;

    @Override
    public boolean areSigned() {
        return true;
    }

    @Override
    public boolean isOf(long epoch, Bytes proof) {
        return proof.size() >= 8 && proof.getLong(0) == epoch;
    }

    @Override
    public int clientOf(long epoch, int frameKind, Bytes content, Bytes proof) {
        asked++;
        boolean isGenuine =
                proof.size() == 20
                        && isOf(epoch, proof)
                        && proof.getLong(12) == digest(frameKind, content);
        return isGenuine ? proof.getInt(8) : 0;
    }

    private static long digest(int frameKind, Bytes content) {
        return 31L * Arrays.hashCode(content.toByteArray()) + frameKind;
    }

    static Asker asker(long epoch, int client, ClientRequest request) {
        BytesWriter content = new BytesWriter(64);
        ClientCodec.encode(request, content);
        return new Asker(
                client, proof(epoch, client, ClientCodec.frameKind(request), content.toBytes()));
    }

    static Bytes proof(long epoch, int client, int frameKind, Bytes content) {
        return new BytesWriter(20)
                .putLong(epoch)
                .putInt(client)
                .putLong(digest(frameKind, content))
                .toBytes();
    }

    /// A signed request as it stands in a batch.
    static byte[] record(long epoch, int client, ClientRequest request) {
        Asker asker = asker(epoch, client, request);
        return switch (request) {
            case ClientRequest.Command it ->
                    record(
                            RequestKind.COMMAND,
                            asker,
                            it.session(),
                            it.sequence(),
                            it.acknowledged(),
                            it.command());
            case ClientRequest.Open it ->
                    record(RequestKind.OPEN, asker, it.nonce(), it.timeoutNanos(), 0, Bytes.EMPTY);
            case ClientRequest.Query it ->
                    record(
                            RequestKind.QUERY,
                            asker,
                            it.number(),
                            it.freshness().ordinal(),
                            it.atLeast(),
                            it.query());
            case ClientRequest.Skip it ->
                    record(
                            RequestKind.SKIP,
                            asker,
                            it.session(),
                            it.sequence(),
                            it.acknowledged(),
                            Bytes.EMPTY);
            case ClientRequest.KeepAlive it ->
                    record(
                            RequestKind.KEEP_ALIVE,
                            asker,
                            it.session(),
                            0,
                            it.acknowledged(),
                            Bytes.EMPTY);
            case ClientRequest.Close it ->
                    record(RequestKind.CLOSE, asker, it.session(), 0, 0, Bytes.EMPTY);
        };
    }

    static byte[] record(
            int kind, Asker asker, long session, long sequence, long acknowledged, Bytes body) {
        return OpenBatch.record(
                kind,
                asker,
                session,
                sequence,
                acknowledged,
                body.backingArray(),
                body.backingOffset(),
                body.size());
    }

    static ClientRequest.Command command(long session, long sequence, String text) {
        return new ClientRequest.Command(session, sequence, 0, bytes(text));
    }

    static Bytes bytes(String text) {
        return Bytes.wrap(text.getBytes(java.nio.charset.StandardCharsets.UTF_8));
    }

    static Bytes payload(byte[]... records) {
        OpenBatch batch = new OpenBatch();
        for (byte[] record : records) {
            batch.add(record);
        }
        return batch.take();
    }

    static Batch batch(int origin, Bytes payload) {
        BatchId id = new BatchId(new ReplicaId(origin), new Incarnation(origin, 0), 1, 1);
        return Batch.of(id, 1, payload);
    }

    static CurrentReign reign(int self, int members) {
        List<Member> all = new ArrayList<>();
        for (int id = 1; id <= members; id++) {
            all.add(member(id));
        }
        return new CurrentReign(member(self), reign(1, new Membership(all)));
    }

    static Reign reign(long epoch, Membership members) {
        return new Reign(
                new StopSign(
                        new Epoch(epoch), members, FaultModel.BYZANTINE, "leader", members.idAt(0)),
                epoch == 1 ? 0 : 1);
    }

    static Member member(int id) {
        return new Member(new ReplicaId(id), new Incarnation(id, 0));
    }

    static Now at(long millis) {
        return new Now(millis * 1_000_000, millis * 1_000_000);
    }
}

package dev.lockstep.ordering.byzantine;

import dev.lockstep.core.Batch;
import dev.lockstep.core.BatchId;
import dev.lockstep.core.Effect;
import dev.lockstep.core.Input;
import dev.lockstep.core.Member;
import dev.lockstep.core.Now;
import dev.lockstep.core.Ordering;
import dev.lockstep.core.OrderingStatus;
import dev.lockstep.core.Outbox;
import dev.lockstep.core.wire.Bytes;

/// A member that equivocates when it leads, for tests and demonstrations with real processes: of
/// each block there is a twin in the same place that orders nothing, half of the others hear of the
/// one first and half of the other. In all else it does as it should.
///
/// Only who has the member's key can do that. Configurations cannot choose it: the host that runs
/// it says so ([ByzantineOptions#EQUIVOCATES]).
final class Equivocator implements Ordering<ByzantineMessage, ByzantineRecord> {

    private final Setup setup;
    private final SignedBytes signed;
    private final Ordering<ByzantineMessage, ByzantineRecord> honest;

    Equivocator(Setup setup, Ordering<ByzantineMessage, ByzantineRecord> honest) {
        this.setup = setup;
        this.signed = setup.signedBytes();
        this.honest = honest;
    }

    @Override
    public OrderingStatus status() {
        return honest.status();
    }

    @Override
    public void step(
            Now now,
            Input<ByzantineMessage, ByzantineRecord> input,
            Outbox<ByzantineMessage, ByzantineRecord> out) {
        honest.step(
                now,
                input,
                new Outbox<>() {
                    @Override
                    public void emit(Effect<ByzantineMessage, ByzantineRecord> effect) {
                        if (effect instanceof Effect.Send<ByzantineMessage, ByzantineRecord> send) {
                            Equivocator.this.send(send, out);
                        } else {
                            out.emit(effect);
                        }
                    }

                    @Override
                    public long persist(ByzantineRecord record) {
                        return out.persist(record);
                    }
                });
    }

    private void send(
            Effect.Send<ByzantineMessage, ByzantineRecord> send,
            Outbox<ByzantineMessage, ByzantineRecord> out) {
        if (!(send.message() instanceof ByzantineMessage.Propose propose) || isEmpty(propose)) {
            out.emit(send);
            return;
        }
        var other =
                new Effect.Send<ByzantineMessage, ByzantineRecord>(
                        send.to(), twin(propose), send.afterSequence(), 0);
        boolean isOdd = setup.members().indexOf(send.to()) % 2 == 1;
        out.emit(isOdd ? other : send);
        out.emit(isOdd ? send : other);
    }

    /// Nothing that a client wants is in it.
    private static boolean isEmpty(ByzantineMessage.Propose propose) {
        return propose.header().isClosing()
                || propose.payload().sign() != null
                || propose.payload().batch().payload().isEmpty();
    }

    private ByzantineMessage.Propose twin(ByzantineMessage.Propose propose) {
        Header header = propose.header();
        Member self = setup.members().members().get(setup.rank());
        BatchId nothing =
                new BatchId(self.id(), self.incarnation(), BatchId.PROTOCOL_BOOT, header.height());
        Payload payload = new Payload(Batch.of(nothing, 0, Bytes.EMPTY), null);
        Header changed =
                new Header(
                        header.view(),
                        header.seq(),
                        header.height(),
                        header.parent(),
                        header.justify(),
                        header.timeoutCertificate(),
                        payload.hash(),
                        header.timeNanos(),
                        false);
        Bytes signature =
                setup.credentials().signer().sign(signed.vote(Phase.FIRST, changed.ref()));
        return new ByzantineMessage.Propose(
                changed, payload, signature, propose.justify(), propose.timeoutCertificate());
    }
}

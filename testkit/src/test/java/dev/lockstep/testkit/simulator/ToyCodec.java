package dev.lockstep.testkit.simulator;

import dev.lockstep.core.Batch;
import dev.lockstep.core.ProtocolCodec;
import dev.lockstep.core.wire.Bytes;
import dev.lockstep.core.wire.BytesReader;
import dev.lockstep.core.wire.BytesWriter;
import dev.lockstep.core.wire.MalformedException;

/// The bytes of a [ToySequencer].
final class ToyCodec implements ProtocolCodec<ToyMessage, ToyRecord> {

    @Override
    public void encodeMessage(ToyMessage message, BytesWriter out) {
        switch (message) {
            case ToyMessage.Forward forward -> forward.batch().encode(out.putByte(1));
            case ToyMessage.Ordered ordered -> {
                out.putByte(2).putLong(ordered.position()).putLong(ordered.timeNanos());
                ordered.batch().encode(out);
            }
            case ToyMessage.Progress progress ->
                    out.putByte(3).putLong(progress.committed()).putLong(progress.last());
            case ToyMessage.Acknowledge acknowledge ->
                    out.putByte(4).putLong(acknowledge.through());
            case ToyMessage.Missing missing -> out.putByte(5).putLong(missing.from());
            case ToyMessage.Ask ask -> out.putByte(6).putLong(ask.boot()).putLong(ask.barrier());
            case ToyMessage.Answer answer ->
                    out.putByte(7)
                            .putLong(answer.boot())
                            .putLong(answer.barrier())
                            .putLong(answer.position());
        }
    }

    @Override
    public ToyMessage decodeMessage(Bytes bytes) {
        BytesReader in = new BytesReader(bytes);
        ToyMessage message =
                switch (in.getByte()) {
                    case 1 -> new ToyMessage.Forward(Batch.decode(in));
                    case 2 -> new ToyMessage.Ordered(in.getLong(), in.getLong(), Batch.decode(in));
                    case 3 -> new ToyMessage.Progress(in.getLong(), in.getLong());
                    case 4 -> new ToyMessage.Acknowledge(in.getLong());
                    case 5 -> new ToyMessage.Missing(in.getLong());
                    case 6 -> new ToyMessage.Ask(in.getLong(), in.getLong());
                    case 7 -> new ToyMessage.Answer(in.getLong(), in.getLong(), in.getLong());
                    default -> throw new MalformedException("no message of the toy");
                };
        in.requireEnd();
        return message;
    }

    @Override
    public void encodeRecord(ToyRecord record, BytesWriter out) {
        out.putLong(record.position()).putLong(record.timeNanos());
        record.batch().encode(out);
    }

    @Override
    public ToyRecord decodeRecord(Bytes bytes) {
        BytesReader in = new BytesReader(bytes);
        ToyRecord record = new ToyRecord(in.getLong(), in.getLong(), Batch.decode(in));
        in.requireEnd();
        return record;
    }
}

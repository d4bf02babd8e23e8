package dev.lockstep.replica;

import dev.lockstep.core.wire.Bytes;
import dev.lockstep.core.wire.BytesReader;
import dev.lockstep.core.wire.BytesWriter;
import dev.lockstep.core.wire.MalformedException;

import java.util.ArrayList;
import java.util.List;

/// What replicas whose reply chains differ say to each other, to find where that began.
///
/// | kind | content |
/// |---|---|
/// | NEED_REPLIES | first and last position u64 each |
/// | REPLIES | first and last position u64 each, count u32; position, session, sequence, chain u64
// each |
final class ReplyFrames {

    static final int NEED_REPLIES = 15;
    static final int REPLIES = 16;

    private static final int REPLIED_BYTES = 4 * Long.BYTES;

    /// Positions, the last included.
    record Span(long first, long last) {}

    /// What a replica remembers of the replies at some positions: from `span.first()` on, all of
    /// them.
    record Replies(Span span, List<RecentReplies.Replied> replied) {
        Replies {
            replied = List.copyOf(replied);
        }
    }

    private ReplyFrames() {}

    static Bytes needReplies(long epoch, Span span) {
        BytesWriter out = new BytesWriter(PeerFrames.HEADER_BYTES + 2 * Long.BYTES);
        PeerFrames.begin(NEED_REPLIES, epoch, out);
        return out.putLong(span.first()).putLong(span.last()).toBytes();
    }

    static Span decodeNeedReplies(Bytes content) {
        BytesReader in = new BytesReader(content);
        Span span = span(in);
        in.requireEnd();
        return span;
    }

    static Bytes replies(long epoch, Replies replies) {
        BytesWriter out = new BytesWriter(256);
        PeerFrames.begin(REPLIES, epoch, out);
        out.putLong(replies.span().first()).putLong(replies.span().last());
        out.putInt(replies.replied().size());
        for (RecentReplies.Replied each : replies.replied()) {
            out.putLong(each.position()).putLong(each.session());
            out.putLong(each.sequence()).putLong(each.chain());
        }
        return out.toBytes();
    }

    static Replies decodeReplies(Bytes content) {
        BytesReader in = new BytesReader(content);
        Span span = span(in);
        int count = in.getCount(RecentReplies.KEPT, REPLIED_BYTES, "number of replies");
        List<RecentReplies.Replied> replied = new ArrayList<>(count);
        for (int i = 0; i < count; i++) {
            replied.add(
                    new RecentReplies.Replied(
                            in.getLong(), in.getLong(), in.getLong(), in.getLong()));
        }
        in.requireEnd();
        return new Replies(span, replied);
    }

    private static Span span(BytesReader in) {
        Span span = new Span(in.getNonNegativeLong("position"), in.getNonNegativeLong("position"));
        if (span.first() > span.last()) {
            throw new MalformedException("no positions are from " + span.first() + " to less");
        }
        return span;
    }
}

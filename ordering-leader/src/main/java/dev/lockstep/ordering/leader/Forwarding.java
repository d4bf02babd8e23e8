package dev.lockstep.ordering.leader;

import dev.lockstep.core.Batch;
import dev.lockstep.core.BatchId;
import dev.lockstep.core.Holdings;
import dev.lockstep.core.Invariant;
import dev.lockstep.core.ReplicaId;
import dev.lockstep.core.StopSign;
import dev.lockstep.core.wire.Bytes;
import dev.lockstep.ordering.leader.LeaderMessage.Forward;
import dev.lockstep.ordering.leader.LeaderMessage.ProposeStop;

import org.jspecify.annotations.Nullable;

import java.util.Arrays;

/// What this member was asked to order and has not delivered yet.
///
/// It goes to whoever leads, in the order in which it was submitted: to another leader as
/// [Forward], into the log if this member leads. It is kept until it is delivered, and goes to
/// every new leader again; the leader knows its log and leaves out what is there.
final class Forwarding {

    private final Setup setup;
    private final Turn turn;
    private final Standing standing;
    private final Log log;

    /// Submitted and undelivered batches, by ordinal modulo the length, a power of two.
    private @Nullable Batch[] ring = new @Nullable Batch[16];

    /// The ordinal of the oldest undelivered batch.
    private long head;

    /// The ordinal of the next batch to be submitted.
    private long tail;

    /// Batches below this ordinal went to the current leader.
    private long sent;

    /// Batches below this ordinal were seen in the current leader's log; at most `sent`.
    private long seen;

    /// The payloads from `head` to `tail`.
    private long pendingBytes;

    /// The payloads from `seen` to `sent`.
    private long sentBytes;

    /// What `seen` was when the retry timer fired last: if it stands still, what was sent is lost.
    private long seenAtRetry;

    /// The stop sign this member was asked to order, until the epoch ends.
    private @Nullable StopSign wantedSign;

    private boolean signSent;

    Forwarding(Setup setup, Turn turn, Standing standing, Log log) {
        this.setup = setup;
        this.turn = turn;
        this.standing = standing;
        this.log = log;
    }

    /// Takes a batch on, or refuses it if there are too many bytes under way.
    void submit(Batch batch) {
        long limit = setup.options().bounds().pendingBytes();
        if (pendingBytes + cost(batch) > limit) {
            turn.refuse(
                    batch.id(),
                    pendingBytes
                            + " bytes wait to be ordered, at most "
                            + limit
                            + " may: try again later");
            return;
        }
        if (tail - head == ring.length) {
            grow();
        }
        ring[slot(tail++)] = batch;
        pendingBytes += cost(batch);
    }

    void want(StopSign sign) {
        wantedSign = sign;
        signSent = false;
    }

    @Nullable StopSign wantedSign() {
        return wantedSign;
    }

    void tellHoldings(Holdings to) {
        to.held(
                "bytes of its own batches that wait to be ordered",
                pendingBytes,
                setup.options().bounds().pendingBytes());
    }

    /// How many batches are undelivered.
    long size() {
        return tail - head;
    }

    /// The undelivered batch of this name, or null: its payload need not be sent here.
    @Nullable Batch find(BatchId id, int checksum) {
        for (long at = Math.min(seen, tail); at < tail; at++) {
            Batch batch = at(at);
            if (batch.id().equals(id)) {
                return batch.checksum() == checksum ? batch : null;
            }
        }
        for (long at = head; at < seen; at++) {
            Batch batch = at(at);
            if (batch.id().equals(id)) {
                return batch.checksum() == checksum ? batch : null;
            }
        }
        return null;
    }

    /// There is another leader, or none, or the way to it was interrupted: send everything again.
    void onLeaderChanged() {
        sent = head;
        seen = head;
        sentBytes = 0;
        signSent = false;
    }

    /// The current leader's log holds this batch.
    void onAppended(Batch batch) {
        if (seen < tail
                && batch.id().origin().equals(setup.self())
                && at(seen).id().equals(batch.id())) {
            advanceSeen();
        }
    }

    /// A batch was delivered: if it is this member's, it is done.
    void onDelivered(Batch batch) {
        if (head == tail || !batch.id().origin().equals(setup.self())) {
            return;
        }
        Batch oldest = at(head);
        BatchId id = batch.id();
        if (id.equals(oldest.id())) {
            if (seen == head) {
                advanceSeen();
            }
            ring[slot(head++)] = null;
            pendingBytes -= cost(oldest);
            return;
        }
        boolean isLater = id.boot() == oldest.id().boot() && id.sequence() > oldest.id().sequence();
        Invariant.check(!isLater, "an origin's batches are delivered in order", id.sequence());
    }

    private void advanceSeen() {
        if (seen < sent) {
            sentBytes -= cost(at(seen));
        } else {
            sent = seen + 1;
        }
        seen++;
    }

    /// As a follower: sends what the leader has not been sent, as far as the window goes.
    void flush() {
        ReplicaId leader = standing.leader();
        if (leader == null) {
            return;
        }
        long window = setup.options().bounds().forwardWindowBytes();
        while (sent < tail && (sentBytes == 0 || sentBytes + cost(at(sent)) <= window)) {
            Batch batch = at(sent);
            long after = sent == head ? 0 : at(sent - 1).id().sequence();
            turn.send(leader, new Forward(standing.term(), after, batch));
            sentBytes += cost(batch);
            sent++;
        }
        StopSign sign = wantedSign;
        if (sign != null && !signSent && !log.hasSign()) {
            turn.send(leader, new ProposeStop(standing.term(), sign));
            signSent = true;
        }
    }

    /// As the leader: the next batch that is not yet in the log, or null.
    @Nullable Batch nextToAppend() {
        return sent < tail ? at(sent) : null;
    }

    /// The batch that [#nextToAppend] gave is in the log.
    void onOwnAppended() {
        sent++;
        seen = sent;
        sentBytes = 0;
    }

    /// True if something was sent to a leader and has shown no effect yet.
    boolean isWaiting() {
        return seen < sent || signSent;
    }

    /// Some time has passed: if nothing of what was sent has appeared since the last time, send it
    /// again.
    void onRetry() {
        if (seen < sent && seen == seenAtRetry) {
            sent = seen;
            sentBytes = 0;
        }
        seenAtRetry = seen;
        signSent = false;
    }

    private Batch at(long ordinal) {
        Batch batch = ring[slot(ordinal)];
        if (batch == null) {
            throw Invariant.broken("a slot in use holds a batch");
        }
        return batch;
    }

    private int slot(long ordinal) {
        return (int) ordinal & (ring.length - 1);
    }

    private void grow() {
        @Nullable Batch[] old = ring;
        ring = Arrays.copyOf(new @Nullable Batch[0], 2 * old.length);
        for (long at = head; at < tail; at++) {
            ring[slot(at)] = old[(int) at & (old.length - 1)];
        }
    }

    private static long cost(Batch batch) {
        Bytes payload = batch.payload();
        return (long) LeaderCodec.ENTRY_BYTES + payload.size();
    }
}

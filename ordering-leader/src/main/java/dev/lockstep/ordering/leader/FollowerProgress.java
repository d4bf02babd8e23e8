package dev.lockstep.ordering.leader;

import dev.lockstep.core.ReplicaId;

/// What a leader knows of one follower in its term. Changed by [Replication] alone.
final class FollowerProgress {

    /// How the leader sends.
    enum Mode {
        /// It is not known where the logs part: one `Append` at a time.
        PROBING,
        /// The logs are equal as far as was sent: no waiting for acknowledgements.
        STREAMING,
        /// What the follower lacks is not in memory: it has to fetch history.
        BEHIND
    }

    final ReplicaId id;
    final int rank;

    Mode mode = Mode.PROBING;

    /// The index to send next. While probing, what is under way begins here.
    long next;

    /// The logs are equal through here, as acknowledged; may fall when the follower restarts.
    long matched;

    /// Through here the follower's entries are durable; never falls.
    long durable;

    /// While probing: an `Append` is under way.
    boolean probeUnderWay;

    /// Entries from here on that the follower forwarded may be sent by name.
    long refersFrom;

    /// The last read round and commit index sent.
    long roundSent;

    long commitSent;

    /// The last read round acknowledged.
    long roundHeard;

    /// Tell the commit index at once.
    boolean noticeDue;

    /// Send something, even if there is nothing to say.
    boolean heartbeatDue;

    /// When something was sent last.
    long sentNanos;

    /// When something of the current term was heard last.
    long heardNanos;

    /// The clock of this leader that the follower echoed last: it heard from the leader no earlier.
    long echoedNanos = Long.MIN_VALUE;

    /// When an acknowledgement is to be asked for, if something is sent anyway.
    long nextAskNanos;

    /// When the acknowledgement was asked for that is still waited for; `Long.MIN_VALUE` for none.
    long openAskNanos = Long.MIN_VALUE;

    /// What had been sent when it was.
    long openAskIndex;

    /// When it was last begun to find out where the logs part: a rejection of what was sent before
    /// says nothing new.
    long probedNanos = Long.MIN_VALUE;

    /// The smoothed round trip; 0 before the first measurement.
    long roundTripNanos;

    FollowerProgress(ReplicaId id, int rank) {
        this.id = id;
        this.rank = rank;
    }

    /// Finds out where the logs part, beginning after `index`. What was sent before is void.
    void probe(long index, long nowNanos) {
        probedNanos = nowNanos;
        mode = Mode.PROBING;
        next = index + 1;
        probeUnderWay = false;
    }

    /// Smooths as TCP does (RFC 6298).
    void measure(long sampleNanos) {
        roundTripNanos =
                roundTripNanos == 0
                        ? sampleNanos
                        : roundTripNanos + (sampleNanos - roundTripNanos) / 8;
    }
}

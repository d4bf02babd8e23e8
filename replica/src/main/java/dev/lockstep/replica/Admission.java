package dev.lockstep.replica;

import dev.lockstep.core.Batch;
import dev.lockstep.core.BatchId;
import dev.lockstep.core.Invariant;
import dev.lockstep.core.Now;
import dev.lockstep.core.port.Journal;
import dev.lockstep.core.wire.Bytes;
import dev.lockstep.core.wire.ClientReply.Kind;
import dev.lockstep.core.wire.ClientReply.Status;
import dev.lockstep.core.wire.ClientRequest;

import org.jspecify.annotations.Nullable;

import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.List;
import java.util.TreeSet;

/// Takes requests in, or says why not, and makes batches of them.
///
/// Natural batching: a batch is closed at the end of a duty cycle, unless it is small and the
/// protocol says that it would only wait. Never on a timer, so batches are small when idle and
/// large under load. Past a bound a request is answered `OVERLOADED` and nothing else happens.
final class Admission {

    /// From this size on a batch does not wait for the protocol to want it.
    static final int ENOUGH_BYTES = 64 << 10;

    private static final byte[] NO_BODY = new byte[0];

    private final ReplicaOptions options;
    private final ReplicaLimits limits;
    private final CurrentEngine engine;
    private final Journal journal;
    private final Sessions sessions;
    private final ReplyRouting routing;
    private final ReplicaListener listener;
    private final ReplicaRules rules;

    private final OpenBatch open = new OpenBatch();

    /// Submitted and neither executed nor refused, in the order of their sequences.
    private final ArrayDeque<Batch> inFlight = new ArrayDeque<>();

    /// The payloads of `inFlight`.
    private long submittedBytes;

    /// The last batch's sequence.
    private long lastSequence;

    /// The batches that the protocol refused and somebody may still ask for: see
    /// [#forgetRefusals].
    private final TreeSet<Long> refused = new TreeSet<>();

    /// Why nothing is admitted at all; null while something is.
    private @Nullable String closedBecause = "the replica is starting; ask another or wait";

    /// Why nothing is admitted in this epoch: this replica is no member; null while it is one.
    private @Nullable String awayBecause;

    /// Why nothing is admitted for a while; null unless that is so.
    private @Nullable String pausedBecause;

    /// Why this replica may have been left out; null while it knows that it was not.
    private @Nullable String fencedBecause;

    private String refusal = "";

    Admission(
            ReplicaOptions options,
            CurrentEngine engine,
            Journal journal,
            Sessions sessions,
            ReplyRouting routing,
            ReplicaListener listener,
            ReplicaRules rules) {
        this.options = options;
        this.limits = options.limits();
        this.engine = engine;
        this.journal = journal;
        this.sessions = sessions;
        this.routing = routing;
        this.listener = listener;
        this.rules = rules;
    }

    boolean isOpen() {
        return reason() == null;
    }

    void begin() {
        closedBecause = null;
    }

    /// Admits nothing from now on.
    void close(String sentence) {
        closedBecause = sentence;
    }

    /// Admits nothing for a while; null to admit again.
    void pause(@Nullable String sentence) {
        pausedBecause = sentence;
    }

    /// Admits nothing while this replica may have been left out; null to admit again.
    void fence(@Nullable String sentence) {
        fencedBecause = sentence;
    }

    /// Why nothing is admitted; empty while something is.
    String closedBecause() {
        String sentence = reason();
        return sentence == null ? "" : sentence;
    }

    private @Nullable String reason() {
        if (closedBecause != null) {
            return closedBecause;
        }
        if (awayBecause != null) {
            return awayBecause;
        }
        return fencedBecause == null ? pausedBecause : fencedBecause;
    }

    /// An epoch begins of which this replica is a member: what it was asked to order and the last
    /// epoch did not is asked for again, in the same order.
    ///
    /// @param waiting what was ordered and is not executed yet
    void join(Now now, List<BatchId> waiting) {
        awayBecause = null;
        for (Batch batch : unordered(waiting)) {
            engine.submit(now, batch);
        }
    }

    /// An epoch begins without this replica: what the last one did not order never will be.
    ///
    /// @param waiting what was ordered and is not executed yet
    void stayAway(Now now, List<BatchId> waiting, String sentence) {
        if (!open.isEmpty()) {
            submit(now);
        }
        awayBecause = sentence;
        for (Batch batch : unordered(waiting)) {
            onRefused(batch.id(), sentence);
        }
    }

    private List<Batch> unordered(List<BatchId> waiting) {
        TreeSet<Long> ordered = new TreeSet<>();
        for (BatchId id : waiting) {
            if (isOfThisProcess(id)) {
                ordered.add(id.sequence());
            }
        }
        return inFlight.stream().filter(batch -> !ordered.contains(batch.id().sequence())).toList();
    }

    /// Why the last request was not admitted.
    String refusal() {
        return refusal;
    }

    /// Admitted here and not yet executed.
    long inFlightBytes() {
        return submittedBytes + open.size();
    }

    int inFlightBatches() {
        return inFlight.size();
    }

    /// True if anything is admitted and not yet executed.
    boolean hasInFlight() {
        return !inFlight.isEmpty() || !open.isEmpty();
    }

    /// True if the batch has been executed or refused.
    boolean isSettled(long batchSequence) {
        Batch oldest = inFlight.peek();
        return oldest == null || oldest.id().sequence() > batchSequence;
    }

    boolean wasRefused(long batchSequence) {
        return refused.contains(batchSequence);
    }

    /// Nobody will ask any more whether a batch below this one was refused.
    void forgetRefusals(long belowSequence) {
        if (!refused.isEmpty()) {
            refused.headSet(belowSequence).clear();
        }
    }

    /// Takes a command or says why not, as [Replica#onCommand] has it.
    Status command(
            Now now,
            long connection,
            long session,
            long sequence,
            long acknowledged,
            byte[] bytes,
            int offset,
            int length) {
        if (length > limits.requestBytes() && isOpen()) {
            return refuse(
                    Status.REFUSED,
                    "the command has "
                            + length
                            + " bytes, the cluster allows "
                            + limits.requestBytes()
                            + "; send less or raise limits.request-bytes");
        }
        return numbered(
                now,
                RequestKind.COMMAND,
                connection,
                session,
                sequence,
                acknowledged,
                bytes,
                offset,
                length);
    }

    private Status numbered(
            Now now,
            int kind,
            long connection,
            long session,
            long sequence,
            long acknowledged,
            byte[] bytes,
            int offset,
            int length) {
        String closed = reason();
        if (closed != null) {
            return refuse(Status.UNAVAILABLE, closed);
        }
        if (sequence < 1 || acknowledged < 0) {
            return refuse(
                    Status.REFUSED,
                    "sequence "
                            + sequence
                            + " with "
                            + acknowledged
                            + " acknowledged; sequences count from 1, acknowledged is not"
                            + " negative");
        }
        routing.touch(connection);
        int size = OpenBatch.HEADER_BYTES + length;
        if (routing.isWaiting(session, sequence)) {
            routing.expect(session, sequence, connection, size);
            return Status.OK;
        }
        Session known = sessions.find(session);
        if (known != null && sequence <= known.executedThrough()) {
            routing.expect(session, sequence, connection, size);
            Executor.answerExecuted(known, sequence, routing);
            return Status.OK;
        }
        // Others of this session may wait for it, and fill what their connection may have.
        boolean isAwaited = known != null && sequence == known.executedThrough() + 1;
        if (!hasRoom(connection, size, isAwaited)) {
            listener.onNotAdmitted(Status.OVERLOADED, refusal);
            return Status.OVERLOADED;
        }
        routing.expect(session, sequence, connection, size);
        add(now, kind, session, sequence, acknowledged, bytes, offset, length);
        return Status.OK;
    }

    /// Takes a request other than a query; it is answered through the port in any case.
    void request(Now now, long connection, ClientRequest request) {
        routing.touch(connection);
        switch (request) {
            case ClientRequest.Command command -> {
                Bytes body = command.command();
                Status status =
                        command(
                                now,
                                connection,
                                command.session(),
                                command.sequence(),
                                command.acknowledged(),
                                body.backingArray(),
                                body.backingOffset(),
                                body.size());
                sayIfRefused(
                        connection, Kind.COMMAND, status, command.session(), command.sequence());
            }
            case ClientRequest.Skip skip -> {
                Status status =
                        numbered(
                                now,
                                RequestKind.SKIP,
                                connection,
                                skip.session(),
                                skip.sequence(),
                                skip.acknowledged(),
                                NO_BODY,
                                0,
                                0);
                sayIfRefused(connection, Kind.COMMAND, status, skip.session(), skip.sequence());
            }
            case ClientRequest.Open opening -> {
                long timeout =
                        Math.clamp(
                                opening.timeoutNanos(),
                                limits.minSessionTimeoutNanos(),
                                limits.maxSessionTimeoutNanos());
                long nonce = opening.nonce();
                Status status =
                        rare(
                                now,
                                RequestKind.OPEN,
                                connection,
                                nonce,
                                ReplyRouting.OPENING,
                                timeout,
                                0);
                sayIfRefused(connection, Kind.OPEN, status, 0, nonce);
            }
            case ClientRequest.KeepAlive alive -> {
                Status status =
                        rare(
                                now,
                                RequestKind.KEEP_ALIVE,
                                connection,
                                alive.session(),
                                ReplyRouting.KEEPING_ALIVE,
                                0,
                                Math.max(0, alive.acknowledged()));
                sayIfRefused(connection, Kind.SESSION, status, alive.session(), 0);
            }
            case ClientRequest.Close closing -> {
                Status status =
                        rare(
                                now,
                                RequestKind.CLOSE,
                                connection,
                                closing.session(),
                                ReplyRouting.CLOSING,
                                0,
                                0);
                sayIfRefused(connection, Kind.SESSION, status, closing.session(), 0);
            }
            case ClientRequest.Query _ -> throw Invariant.broken("queries are not admitted");
        }
    }

    /// An opening, keep-alive or closing: once for each session at a time.
    private Status rare(
            Now now,
            int kind,
            long connection,
            long key,
            long what,
            long sequenceField,
            long acknowledged) {
        String closed = reason();
        if (closed != null) {
            return refuse(Status.UNAVAILABLE, closed);
        }
        boolean waiting = routing.isWaiting(key, what);
        if (!waiting && !hasRoom(connection, OpenBatch.HEADER_BYTES, false)) {
            listener.onNotAdmitted(Status.OVERLOADED, refusal);
            return Status.OVERLOADED;
        }
        routing.expect(key, what, connection, OpenBatch.HEADER_BYTES);
        if (!waiting) {
            add(now, kind, key, sequenceField, acknowledged, NO_BODY, 0, 0);
        }
        return Status.OK;
    }

    private void sayIfRefused(
            long connection, Kind kind, Status status, long session, long sequence) {
        if (status != Status.OK) {
            byte[] text = refusal.getBytes(StandardCharsets.UTF_8);
            routing.send(connection, kind, status, session, sequence, 0, text, 0, text.length);
        }
    }

    private Status refuse(Status status, String sentence) {
        refusal = sentence;
        listener.onNotAdmitted(status, sentence);
        return status;
    }

    /// False past a bound, with the sentence in `refusal`. What is larger than a bound by itself
    /// is taken when nothing else is in flight.
    ///
    /// @param isAwaited true if nothing that the session has sent after it can be answered before
    private boolean hasRoom(long connection, int size, boolean isAwaited) {
        if (!rules.heedsBounds()) {
            return true;
        }
        if (!journal.hasRoom()) {
            refusal =
                    "the disk of replica "
                            + options.self()
                            + " is full, or nearly; free some space, or try again later";
            return false;
        }
        if (journal.pendingBytes() > limits.journalPendingBytes()) {
            refusal =
                    overloaded(
                            "unwritten bytes in its journal",
                            journal.pendingBytes(),
                            limits.journalPendingBytes());
            return false;
        }
        long node = inFlightBytes();
        if (node > 0 && size > limits.inFlightBytes() - node) {
            refusal = overloaded("bytes in flight", node, limits.inFlightBytes());
            return false;
        }
        long own = routing.inFlightBytes(connection);
        if (!isAwaited && own > 0 && size > limits.inFlightBytesPerConnection() - own) {
            refusal =
                    overloaded(
                            "bytes in flight for this connection",
                            own,
                            limits.inFlightBytesPerConnection());
            return false;
        }
        return true;
    }

    private String overloaded(String what, long has, long most) {
        return "replica "
                + options.self()
                + " has "
                + has
                + " "
                + what
                + ", at most "
                + most
                + " are allowed; try again later";
    }

    private void add(
            Now now,
            int kind,
            long session,
            long sequence,
            long acknowledged,
            byte[] bytes,
            int offset,
            int length) {
        int size = OpenBatch.HEADER_BYTES + length;
        if (!open.isEmpty() && size > limits.batchBytes() - open.size()) {
            submit(now);
        }
        open.add(kind, session, sequence, acknowledged, bytes, offset, length);
        if (open.size() >= limits.batchBytes()) {
            submit(now);
        }
    }

    /// True if the open batch would be closed at the end of a duty cycle.
    boolean isRipe() {
        return !open.isEmpty()
                && (open.size() >= ENOUGH_BYTES || !isOpen() || engine.status().wantsBatch());
    }

    /// The end of a duty cycle.
    void advance(Now now) {
        if (isRipe()) {
            submit(now);
        }
    }

    /// Orders an empty batch, which moves agreed time; returns its sequence.
    long submitEmpty(Now now) {
        if (!open.isEmpty()) {
            submit(now);
        } else {
            submit(now, Bytes.EMPTY, 0);
        }
        return lastSequence;
    }

    private void submit(Now now) {
        int requests = open.requests();
        submit(now, open.take(), requests);
    }

    private void submit(Now now, Bytes payload, int requests) {
        BatchId id =
                new BatchId(options.self(), options.incarnation(), options.boot(), ++lastSequence);
        Batch batch = Batch.of(id, now.wallNanos(), payload);
        inFlight.add(batch);
        submittedBytes += payload.size();
        listener.onSubmitted(id, requests, payload.size());
        engine.submit(now, batch);
    }

    /// A batch was executed; nothing happens unless it is one of this process.
    void onExecuted(BatchId id) {
        if (isOfThisProcess(id)) {
            var _ = remove(id.sequence());
        }
    }

    private boolean isOfThisProcess(BatchId id) {
        return id.boot() == options.boot()
                && id.origin().equals(options.self())
                && id.incarnation().equals(options.incarnation());
    }

    /// The protocol will never order this batch: its clients may ask another replica.
    void onRefused(BatchId id, String reason) {
        refused.add(id.sequence());
        Batch batch = remove(id.sequence());
        if (batch == null) {
            return;
        }
        RequestCursor cursor = new RequestCursor();
        cursor.reset(batch.payload());
        while (cursor.next()) {
            long key = cursor.session();
            switch (cursor.kind()) {
                case RequestKind.COMMAND, RequestKind.SKIP ->
                        routing.answer(Status.UNAVAILABLE, key, cursor.sequence(), 0, reason);
                case RequestKind.OPEN ->
                        routing.answerOpening(Status.UNAVAILABLE, key, 0, 0, reason);
                case RequestKind.KEEP_ALIVE ->
                        routing.answerSession(
                                Status.UNAVAILABLE, key, ReplyRouting.KEEPING_ALIVE, 0, reason);
                default ->
                        routing.answerSession(
                                Status.UNAVAILABLE, key, ReplyRouting.CLOSING, 0, reason);
            }
        }
    }

    private @Nullable Batch remove(long sequence) {
        Batch oldest = inFlight.peek();
        if (oldest != null && oldest.id().sequence() == sequence) {
            inFlight.remove();
            submittedBytes -= oldest.payload().size();
            return oldest;
        }
        for (Batch batch : inFlight) {
            if (batch.id().sequence() == sequence) {
                inFlight.remove(batch);
                submittedBytes -= batch.payload().size();
                return batch;
            }
        }
        return null;
    }
}

package dev.lockstep.replica;

import dev.lockstep.core.BatchId;
import dev.lockstep.core.Invariant;
import dev.lockstep.core.Now;
import dev.lockstep.core.ReplicaId;
import dev.lockstep.core.port.Journal;
import dev.lockstep.core.wire.Bytes;
import dev.lockstep.core.wire.ClientReply.Kind;
import dev.lockstep.core.wire.ClientReply.Status;
import dev.lockstep.core.wire.ClientRequest;

import org.jspecify.annotations.Nullable;

import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.function.BooleanSupplier;

/// Takes requests in, or says why not. What becomes of them then, the [Intake] knows.
///
/// Past a bound a request is answered `OVERLOADED` and nothing else happens.
final class Admission {

    private static final byte[] NO_BODY = new byte[0];
    private static final String UNSIGNED =
            "clients of this cluster sign what they ask, and count the answers of its replicas, any"
                    + " of which may lie: give the client its key";

    private final ReplicaOptions options;
    private final ReplicaLimits limits;
    private final Intake intake;
    private final BooleanSupplier isHeldUp;
    private final Journal journal;
    private final Sessions sessions;
    private final ReplyRouting routing;
    private final RequestSignatures signatures;
    private final ReplicaListener listener;
    private final ReplicaRules rules;

    /// Why nothing is admitted at all; null while something is.
    private @Nullable String closedBecause = "the replica is starting; ask another or wait";

    /// Why nothing is admitted in this epoch: this replica is no member; null while it is one.
    private @Nullable String awayBecause;

    /// Why nothing is admitted for a while; null unless that is so.
    private @Nullable String pausedBecause;

    /// Why this replica may have been left out; null while it knows that it was not.
    private @Nullable String fencedBecause;

    private String refusal = "";

    /// @param isHeldUp true while this replica is behind with what is ordered, or executes nothing
    Admission(
            ReplicaOptions options,
            Intake intake,
            BooleanSupplier isHeldUp,
            Journal journal,
            Sessions sessions,
            ReplyRouting routing,
            RequestSignatures signatures,
            ReplicaListener listener,
            ReplicaRules rules) {
        this.signatures = signatures;
        this.options = options;
        this.limits = options.limits();
        this.intake = intake;
        this.isHeldUp = isHeldUp;
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

    /// An epoch begins of which this replica is a member.
    ///
    /// @param waiting what was ordered and is not executed yet
    void join(Now now, List<BatchId> waiting) {
        awayBecause = null;
        intake.join(now, waiting);
    }

    /// An epoch begins without this replica: what the last one did not order never will be.
    ///
    /// @param waiting what was ordered and is not executed yet
    void stayAway(Now now, List<BatchId> waiting, String sentence) {
        awayBecause = sentence;
        intake.stayAway(now, waiting, sentence);
    }

    /// Why the last request was not admitted.
    String refusal() {
        return refusal;
    }

    /// Admitted here and not yet executed.
    long inFlightBytes() {
        return intake.sizeBytes();
    }

    int inFlightBatches() {
        return intake.batches();
    }

    /// True if anything is admitted and not yet executed.
    boolean hasInFlight() {
        return !intake.isEmpty();
    }

    /// Requests that another member passes on. A replica that executes nothing for a while takes
    /// them all the same: it may lead, and the order needs no state.
    void onPassedOn(Now now, ReplicaId from, Bytes payload) {
        if (closedBecause == null && awayBecause == null && fencedBecause == null) {
            intake.onPassedOn(now, from, payload);
        }
    }

    /// Takes a query that is to be ordered, or says why not.
    Status query(Now now, long connection, Asker asker, ClientRequest.Query asked) {
        Bytes query = asked.query();
        if (query.size() > limits.requestBytes() && isOpen()) {
            return refuse(
                    Status.REFUSED,
                    "the query has "
                            + query.size()
                            + " bytes, the cluster allows "
                            + limits.requestBytes()
                            + "; send less or raise limits.request-bytes");
        }
        // What is signed must be there to be checked.
        return rare(
                now,
                RequestKind.QUERY,
                connection,
                asker,
                asked.number(),
                ReplyRouting.QUERYING,
                asker.hasSigned() ? asked.freshness().ordinal() : 0,
                asker.hasSigned() ? asked.atLeast() : 0,
                query);
    }

    /// Takes a command or says why not, as [Replica#onCommand] has it.
    Status command(
            Now now,
            long connection,
            Asker asker,
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
                asker,
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
            Asker asker,
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
        if (!asker.hasSigned() && signatures.areWanted()) {
            return refuse(Status.REFUSED, UNSIGNED);
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
        Session known = sessions.find(session);
        if (known != null && known.client() != asker.client()) {
            return refuse(Status.REFUSED, "session " + session + " is another client's");
        }
        routing.touch(connection);
        int client = asker.client();
        int size = OpenBatch.sizeOf(length, asker);
        if (routing.isWaiting(client, session, sequence)) {
            routing.expect(client, session, sequence, connection, size);
            return Status.OK;
        }
        if (known != null && sequence <= known.executedThrough()) {
            routing.expect(client, session, sequence, connection, size);
            Executor.answerExecuted(known, sequence, routing);
            return Status.OK;
        }
        // Others of this session may wait for it, and fill what their connection may have.
        boolean isAwaited = known != null && sequence == known.executedThrough() + 1;
        if (!hasRoom(connection, client, size, isAwaited)) {
            listener.onNotAdmitted(Status.OVERLOADED, refusal);
            return Status.OVERLOADED;
        }
        routing.expect(client, session, sequence, connection, size);
        intake.add(now, kind, asker, session, sequence, acknowledged, bytes, offset, length);
        return Status.OK;
    }

    /// Takes a request other than a query; it is answered through the port in any case.
    void request(Now now, long connection, Asker asker, ClientRequest request) {
        routing.touch(connection);
        switch (request) {
            case ClientRequest.Command command -> {
                Bytes body = command.command();
                Status status =
                        command(
                                now,
                                connection,
                                asker,
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
                                asker,
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
                if (asker.hasSigned() && timeout != opening.timeoutNanos()) {
                    // What is signed cannot be altered.
                    Status wrong = refuse(Status.REFUSED, wrongTimeout());
                    sayIfRefused(connection, Kind.OPEN, wrong, 0, nonce);
                    return;
                }
                Status status =
                        rare(
                                now,
                                RequestKind.OPEN,
                                connection,
                                asker,
                                nonce,
                                ReplyRouting.OPENING,
                                timeout,
                                0,
                                Bytes.EMPTY);
                sayIfRefused(connection, Kind.OPEN, status, 0, nonce);
            }
            case ClientRequest.KeepAlive alive -> {
                Status status =
                        rare(
                                now,
                                RequestKind.KEEP_ALIVE,
                                connection,
                                asker,
                                alive.session(),
                                ReplyRouting.KEEPING_ALIVE,
                                0,
                                Math.max(0, alive.acknowledged()),
                                Bytes.EMPTY);
                sayIfRefused(connection, Kind.SESSION, status, alive.session(), 0);
            }
            case ClientRequest.Close closing -> {
                Status status =
                        rare(
                                now,
                                RequestKind.CLOSE,
                                connection,
                                asker,
                                closing.session(),
                                ReplyRouting.CLOSING,
                                0,
                                0,
                                Bytes.EMPTY);
                sayIfRefused(connection, Kind.SESSION, status, closing.session(), 0);
            }
            case ClientRequest.Query _ -> throw Invariant.broken("queries are not admitted");
        }
    }

    /// An opening, keep-alive or closing, once for each session at a time; or a query.
    private Status rare(
            Now now,
            int kind,
            long connection,
            Asker asker,
            long key,
            long what,
            long sequenceField,
            long acknowledged,
            Bytes body) {
        String closed = reason();
        if (closed != null) {
            return refuse(Status.UNAVAILABLE, closed);
        }
        if (!asker.hasSigned() && signatures.areWanted()) {
            return refuse(Status.REFUSED, UNSIGNED);
        }
        int client = asker.client();
        boolean waiting = routing.isWaiting(client, key, what);
        int size = OpenBatch.sizeOf(body.size(), asker);
        if (!waiting && !hasRoom(connection, client, size, false)) {
            listener.onNotAdmitted(Status.OVERLOADED, refusal);
            return Status.OVERLOADED;
        }
        routing.expect(client, key, what, connection, size);
        if (!waiting) {
            intake.add(
                    now,
                    kind,
                    asker,
                    key,
                    sequenceField,
                    acknowledged,
                    body.backingArray(),
                    body.backingOffset(),
                    body.size());
        }
        return Status.OK;
    }

    private String wrongTimeout() {
        return "a session that is not heard of lasts from %d to %d ms here; ask for one within"
                        .formatted(
                                limits.minSessionTimeoutNanos() / 1_000_000,
                                limits.maxSessionTimeoutNanos() / 1_000_000)
                + " that";
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
    private boolean hasRoom(long connection, int client, int size, boolean isAwaited) {
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
        long asked = client == 0 ? 0 : intake.sizeBytes(client);
        if (!isAwaited && asked > 0 && size > limits.inFlightBytesPerConnection() - asked) {
            refusal =
                    overloaded(
                            "bytes in flight for client " + client,
                            asked,
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

    /// True if something would be handed to the protocol at the end of a duty cycle.
    boolean isRipe() {
        return intake.isRipe(isOpen());
    }

    /// The end of a duty cycle.
    void advance(Now now) {
        intake.advance(now, isOpen(), isHeldUp.getAsBoolean());
    }

    /// When [#advance] is to be called at the latest, monotonic.
    long nextDeadlineNanos() {
        return intake.nextDeadlineNanos();
    }

    /// Has something ordered that changes nothing but agreed time.
    void submitEmpty(Now now) {
        intake.submitEmpty(now);
    }

    /// A batch was executed.
    void onExecuted(BatchId id) {
        intake.onExecuted(id);
    }

    /// The protocol will never order this batch.
    void onRefused(BatchId id, String reason) {
        intake.onRefused(id, reason);
    }
}

package dev.lockstep.replica;

import dev.lockstep.core.Batch;
import dev.lockstep.core.BatchId;
import dev.lockstep.core.Member;
import dev.lockstep.core.Now;
import dev.lockstep.core.ReplicaId;
import dev.lockstep.core.Suspicion;
import dev.lockstep.core.port.PeerPort;
import dev.lockstep.core.wire.Bytes;
import dev.lockstep.core.wire.ClientReply.Status;
import dev.lockstep.core.wire.MalformedException;

import org.jspecify.annotations.Nullable;

import java.util.ArrayList;
import java.util.List;
import java.util.TreeMap;

/// Clients ask every replica, and each keeps what it was asked until it is ordered, by whomever:
/// a leader that orders nothing, or not everything, is found out by all others.
///
/// Whoever the protocol wants a batch of hands in what waits. A request that waits too long is
/// passed on to all members, so that a client which told some only does not set those at odds with
/// the rest; the protocol is told that there is work, and in the end that somebody is censored.
final class RequestPool implements Intake, Audience, KnownRequests {

    /// A request that a client brought and that is not ordered so long after is passed on.
    static final long PASS_ON_NANOS = 100_000_000L;

    /// And again and again so long after, for what was passed on may be lost.
    static final long PASS_ON_AGAIN_NANOS = 500_000_000L;

    /// While the oldest request has waited so long, the protocol is told so, and again so often.
    static final long WAITS_NANOS = 100_000_000L;

    /// How often it is looked for requests to be passed on.
    private static final long LOOK_NANOS = 50_000_000L;

    /// What came so long before another that is ordered was overtaken: it may have come to whoever
    /// leads a little later than here.
    private static final long OVERTAKEN_NANOS = 50_000_000L;

    /// From this size on a batch does not wait for the protocol to want it.
    private static final int ENOUGH_BYTES = OwnBatches.ENOUGH_BYTES;

    /// More batches are not with the protocol at a time for their size alone.
    private static final int MOST_BATCHES = 4;

    /// The oldest request was censored if it has waited so long, while this many batches were
    /// ordered in the second half of that time.
    static final long CENSORED_NANOS = 2_000_000_000L;

    static final int CENSORED_BATCHES = 3;

    /// So many wishes of operators are kept at most. They count among no client's requests.
    static final int MOST_WISHES = 4;

    private final ReplicaOptions options;
    private final ReplicaLimits limits;
    private final CurrentReign current;
    private final CurrentEngine engine;
    private final PeerPort peers;
    private final Sessions sessions;
    private final ReplyRouting routing;
    private final ReplicaListener listener;
    private final PendingChecks checks;
    private final RequestSignatures signatures;

    private final PooledRequests requests = new PooledRequests();

    /// By batch: what is in it, until it is executed or refused.
    private final TreeMap<Long, List<PooledRequest>> proposed = new TreeMap<>();

    private final OpenBatch open = new OpenBatch();

    private long arrivals;

    /// Batches that were judged.
    private long judgements;

    /// False from a refusal of the protocol to the next batch that it wants: one that is large is
    /// not handed in before.
    private boolean takesLargeOnes = true;

    /// When the youngest request came that was ordered, monotonic: of what came well before it,
    /// whoever leads has not heard.
    private long youngestOrderedNanos = Long.MIN_VALUE;

    /// When a request was last ordered that was here, monotonic.
    private long orderedNanos = Long.MIN_VALUE;

    /// True if one was since the last [#advance].
    private boolean hasOrdered;

    /// When it is next looked for requests to be passed on, monotonic.
    private long lookAtNanos = Long.MIN_VALUE;

    private long lastSequence;

    /// Batches with requests that were executed since the process started.
    private long ordered;

    /// No request has waited before, monotonic: this replica was held up itself, or another leads
    /// since.
    private long waitsSince = Long.MIN_VALUE;

    /// Who led when that was last looked at; 0 if nobody is known.
    private int leader;

    /// When the protocol is told again that requests wait, monotonic.
    private long tellAt = Long.MIN_VALUE;

    RequestPool(
            ReplicaOptions options,
            CurrentReign current,
            CurrentEngine engine,
            PeerPort peers,
            Sessions sessions,
            ReplyRouting routing,
            PendingChecks checks,
            RequestSignatures signatures,
            ReplicaListener listener) {
        this.checks = checks;
        this.signatures = signatures;
        this.options = options;
        this.limits = options.limits();
        this.current = current;
        this.engine = engine;
        this.peers = peers;
        this.sessions = sessions;
        this.routing = routing;
        this.listener = listener;
    }

    @Override
    public void add(
            Now now,
            int kind,
            Asker asker,
            long session,
            long sequence,
            long acknowledged,
            byte[] array,
            int offset,
            int length) {
        RequestName name = RequestName.of(kind, asker.client(), session, sequence);
        boolean isWelcome = name.what() != ReplyRouting.WISHING || requests.wishes() < MOST_WISHES;
        if (isWelcome && requests.find(name.client(), session, name.what()) == null) {
            byte[] record =
                    OpenBatch.record(
                            kind, asker, session, sequence, acknowledged, array, offset, length);
            put(now, name, record, length).passOnNanos = now.monotonicNanos() + PASS_ON_NANOS;
        }
    }

    private PooledRequest put(Now now, RequestName name, byte[] record, int bodyBytes) {
        PooledRequest added =
                new PooledRequest(name, record, bodyBytes, ++arrivals, now.monotonicNanos());
        requests.add(added);
        return added;
    }

    @Override
    public void beginJudgement() {
        judgements++;
    }

    @Override
    public Knowledge of(RequestCursor cursor) {
        PooledRequest known = requests.find(cursor);
        if (known == null) {
            return Knowledge.NO_SUCH_NAME;
        }
        if (known.seenInJudgement == judgements) {
            return Knowledge.REPEATED;
        }
        known.seenInJudgement = judgements;
        return known.isAt(cursor) ? Knowledge.KNOWN : Knowledge.DIFFERENT;
    }

    private static RequestName nameOf(RequestCursor cursor) {
        return RequestName.of(cursor.kind(), cursor.client(), cursor.session(), cursor.sequence());
    }

    @Override
    public void onPassedOn(Now now, ReplicaId from, Bytes payload) {
        RequestCursor cursor = new RequestCursor();
        cursor.reset(payload);
        List<SignedRequest> unknown = new ArrayList<>();
        boolean areInForm = true;
        boolean isChecked = signatures.areWanted();
        while (cursor.next()) {
            areInForm &= signatures.isOneForm(cursor, limits);
            if (isWelcome(cursor)) {
                unknown.add(SignedRequest.at(cursor));
                isChecked |= cursor.kind() == RequestKind.WISH;
            }
        }
        if (cursor.isMalformed()) {
            throw new MalformedException("requests passed on: what no replica's admission writes");
        }
        if (!areInForm) {
            listener.onForged(from);
            return;
        }
        if (unknown.isEmpty()) {
            return;
        }
        if (!isChecked) {
            takePassedOn(now, payload);
            return;
        }
        // Nobody honest passes on what is not signed: one that is not says enough of the rest.
        long epoch = current.epoch();
        checks.check(
                now,
                () -> signatures.areGenuine(epoch, unknown),
                (then, areGenuine) -> {
                    if (areGenuine) {
                        takePassedOn(then, payload);
                    } else {
                        listener.onForged(from);
                    }
                });
    }

    /// True if it may be kept, as soon as it is known whose it is.
    private boolean isWelcome(RequestCursor cursor) {
        if (cursor.kind() == RequestKind.WISH) {
            return requests.wishes() < MOST_WISHES
                    && cursor.sequence() == current.epoch()
                    && requests.find(cursor) == null;
        }
        int client = cursor.client();
        long ofClient = client == 0 ? 0 : sizeBytes(client);
        int size = cursor.recordBytes();
        boolean fits =
                cursor.length() <= limits.requestBytes()
                        && (requests.isEmpty() || size <= limits.inFlightBytes() - requests.bytes())
                        && (ofClient == 0
                                || size <= limits.inFlightBytesPerConnection() - ofClient);
        return fits && requests.find(cursor) == null && !isExecuted(cursor);
    }

    private void takePassedOn(Now now, Bytes payload) {
        RequestCursor cursor = new RequestCursor();
        cursor.reset(payload);
        while (cursor.next()) {
            if (isWelcome(cursor)) {
                byte[] record = cursor.record().toByteArray();
                // Whoever leads may have lost it since, and the one that passed it on too.
                put(now, nameOf(cursor), record, cursor.length()).passOnNanos =
                        now.monotonicNanos() + PASS_ON_AGAIN_NANOS;
            }
        }
    }

    private boolean isExecuted(RequestCursor cursor) {
        boolean isNumbered =
                cursor.kind() == RequestKind.COMMAND || cursor.kind() == RequestKind.SKIP;
        Session session = isNumbered ? sessions.find(cursor.session()) : null;
        return session != null
                && (session.client() != cursor.client()
                        || cursor.sequence() <= session.executedThrough());
    }

    /// A small batch waits while the protocol says that it would only wait there; one that is large
    /// enough goes in beside others.
    @Override
    public boolean isRipe(boolean isOpen) {
        return requests.firstWaiting() != null && (engine.status().wantsBatch() || isLargeEnough());
    }

    private boolean isLargeEnough() {
        return takesLargeOnes
                && requests.waitingBytes() >= ENOUGH_BYTES
                && !proposed.isEmpty()
                && proposed.size() < MOST_BATCHES;
    }

    @Override
    public void advance(Now now, boolean isOpen, boolean isHeldUp) {
        while (isRipe(isOpen)) {
            submit(now);
        }
        if (hasOrdered) {
            hasOrdered = false;
            orderedNanos = now.monotonicNanos();
        }
        passOn(now);
        suspect(now, isHeldUp || !isOpen);
    }

    private void submit(Now now) {
        takesLargeOnes |= engine.status().wantsBatch();
        List<PooledRequest> taken = new ArrayList<>();
        PooledRequest next = requests.firstWaiting();
        while (next != null && open.requests() < Executor.MOST_REQUESTS) {
            if (!open.isEmpty() && next.record.length > limits.batchBytes() - open.size()) {
                break;
            }
            open.add(next.record);
            taken.add(next);
            requests.take(next);
            next = requests.firstWaiting();
        }
        long sequence = ++lastSequence;
        proposed.put(sequence, taken);
        BatchId id = new BatchId(options.self(), options.incarnation(), options.boot(), sequence);
        Bytes payload = open.take();
        Batch batch = Batch.of(id, now.wallNanos(), payload);
        listener.onSubmitted(id, taken.size(), payload.size());
        engine.submit(now, batch);
    }

    /// What this replica was asked and could not have ordered in time is told to all members. Where
    /// all that is ordered is older, it has only to wait its turn: to pass it on then would make
    /// those slower that are slow already.
    private void passOn(Now now) {
        long nanos = now.monotonicNanos();
        PooledRequest next = requests.oldest();
        if (next == null || nanos < lookAtNanos || nanos - next.arrivedNanos < PASS_ON_NANOS) {
            return;
        }
        boolean standsStill = nanos - PASS_ON_NANOS >= orderedNanos;
        OpenBatch late = new OpenBatch();
        while (next != null
                && nanos - next.arrivedNanos >= PASS_ON_NANOS
                && late.size() <= limits.batchBytes()) {
            boolean isOvertaken = next.arrivedNanos + OVERTAKEN_NANOS < youngestOrderedNanos;
            if (nanos >= next.passOnNanos && (standsStill || isOvertaken)) {
                late.add(next.record);
                next.passOnNanos = nanos + PASS_ON_AGAIN_NANOS;
            }
            next = next.younger;
        }
        lookAtNanos = nanos + LOOK_NANOS;
        if (late.isEmpty()) {
            return;
        }
        Bytes frame = RequestFrames.requests(current.epoch(), late.take());
        for (Member member : current.members().members()) {
            if (!member.id().equals(options.self())) {
                peers.send(member.id(), frame, Bytes.EMPTY, 0);
            }
        }
    }

    private void suspect(Now now, boolean isHeldUp) {
        var entry = engine.status().preferredEntry();
        int leads = entry == null ? 0 : entry.value();
        if (leads != leader) {
            // What this replica proposed may never be ordered. To propose it twice does no harm.
            putBack();
        }
        if (isHeldUp || leads != leader || !current.isMember()) {
            leader = leads;
            waitsSince = now.monotonicNanos();
        }
        PooledRequest oldest = requests.oldest();
        if (oldest == null || !engine.isPresent()) {
            return;
        }
        long waits = now.monotonicNanos() - waitedFrom(oldest);
        if (waits >= WAITS_NANOS && now.monotonicNanos() >= tellAt) {
            tellAt = now.monotonicNanos() + WAITS_NANOS;
            engine.suspected(now, Suspicion.REQUESTS_WAIT);
        }
        if (waits < CENSORED_NANOS / 2) {
            oldest.orderedAtHalf = -1;
        } else if (oldest.orderedAtHalf < 0) {
            oldest.orderedAtHalf = ordered;
        } else if (waits >= CENSORED_NANOS
                && ordered - oldest.orderedAtHalf >= CENSORED_BATCHES
                && leads != options.self().value()) {
            waitsSince = now.monotonicNanos();
            oldest.orderedAtHalf = -1;
            engine.suspected(now, Suspicion.CENSORSHIP);
        }
    }

    private long waitedFrom(PooledRequest entry) {
        return Math.max(entry.arrivedNanos, waitsSince);
    }

    /// A request for nothing, which moves agreed time as all do: the session is nobody's.
    @Override
    public void submitEmpty(Now now) {
        add(now, RequestKind.KEEP_ALIVE, Asker.UNSIGNED, 0, 0, 0, new byte[0], 0, 0);
    }

    @Override
    public void join(Now now, List<BatchId> ordered) {
        forgetFormerEpochs();
        putBack();
        waitsSince = now.monotonicNanos();
    }

    /// Nobody believes what was signed for another epoch; the clients sign it again.
    private void forgetFormerEpochs() {
        RequestCursor cursor = new RequestCursor();
        for (PooledRequest entry = requests.oldest(), next; entry != null; entry = next) {
            next = entry.younger;
            cursor.reset(Bytes.wrap(entry.record));
            if (cursor.next() && isFormer(cursor)) {
                requests.remove(entry);
                routing.refuse(
                        Status.UNAVAILABLE,
                        entry.name(),
                        "the epoch for which the request was signed has ended: sign it again");
            }
        }
    }

    private boolean isFormer(RequestCursor cursor) {
        return cursor.kind() == RequestKind.WISH
                ? cursor.sequence() != current.epoch()
                : cursor.isSigned() && !signatures.requests().isOf(current.epoch(), cursor.proof());
    }

    private void putBack() {
        proposed.values().forEach(this::waitAgain);
        proposed.clear();
    }

    @Override
    public void stayAway(Now now, List<BatchId> ordered, String sentence) {
        for (PooledRequest entry = requests.oldest(), next; entry != null; entry = next) {
            next = entry.younger;
            requests.remove(entry);
            routing.refuse(Status.UNAVAILABLE, entry.name(), sentence);
        }
        proposed.clear();
    }

    @Override
    public long sizeBytes() {
        return requests.bytes();
    }

    @Override
    public long sizeBytes(int client) {
        return requests.bytes(client);
    }

    @Override
    public int batches() {
        return proposed.size();
    }

    @Override
    public boolean isEmpty() {
        return requests.isEmpty();
    }

    @Override
    public void onExecuted(BatchId id) {
        ordered += id.boot() == BatchId.PROTOCOL_BOOT ? 0 : 1;
        if (isOfThisProcess(id)) {
            // What is left was not executed: the batch was taken for one that had been before.
            waitAgain(proposed.remove(id.sequence()));
        }
    }

    @Override
    public void onRefused(BatchId id, String reason) {
        takesLargeOnes = false;
        if (isOfThisProcess(id)) {
            waitAgain(proposed.remove(id.sequence()));
        }
    }

    private void waitAgain(@Nullable List<PooledRequest> entries) {
        if (entries != null) {
            requests.awaitAgain(entries);
        }
    }

    private boolean isOfThisProcess(BatchId id) {
        return id.boot() == options.boot()
                && id.origin().equals(options.self())
                && id.incarnation().equals(options.incarnation());
    }

    @Override
    public void onOrdered(int kind, int client, long session, long sequence) {
        PooledRequest entry = requests.find(client, session, RequestName.whatOf(kind, sequence));
        if (entry != null) {
            remove(entry);
        }
    }

    private void remove(PooledRequest entry) {
        requests.remove(entry);
        youngestOrderedNanos = Math.max(youngestOrderedNanos, entry.arrivedNanos);
        hasOrdered = true;
    }

    /// A query under the same name that asks something else is a liar's, and nobody waits for it.
    @Override
    public boolean awaits(int client, long number, Bytes query) {
        PooledRequest entry = requests.find(client, number, ReplyRouting.QUERYING);
        if (entry == null || !entry.body().equals(query)) {
            return false;
        }
        remove(entry);
        return true;
    }

    /// Every replica has a copy of every request.
    @Override
    public boolean hearsRefusals(BatchId batch) {
        return true;
    }

    @Override
    public long nextDeadlineNanos() {
        PooledRequest oldest = requests.oldest();
        if (oldest == null) {
            return Long.MAX_VALUE;
        }
        long next = Math.max(lookAtNanos, oldest.arrivedNanos + PASS_ON_NANOS);
        if (engine.isPresent()) {
            next = Math.min(next, Math.max(waitedFrom(oldest) + WAITS_NANOS, tellAt));
        }
        return next;
    }
}

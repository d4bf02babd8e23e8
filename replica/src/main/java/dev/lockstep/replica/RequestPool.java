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
import java.util.Comparator;
import java.util.List;
import java.util.PriorityQueue;
import java.util.TreeMap;

/// Clients ask every replica, and each keeps what it was asked until it is ordered, by whomever:
/// a leader that orders nothing, or not everything, is found out by all others.
///
/// Whoever the protocol wants a batch of hands in what waits. A request that waits too long is
/// passed on to all members, so that a client which told some only does not set those at odds with
/// the rest; the protocol is told that there is work, and in the end that somebody is censored.
final class RequestPool implements Intake, Audience {

    /// A request that a client brought and that is not ordered so long after is passed on.
    static final long PASS_ON_NANOS = 100_000_000L;

    /// And again and again so long after, for what was passed on may be lost.
    static final long PASS_ON_AGAIN_NANOS = 500_000_000L;

    /// While the oldest request has waited so long, the protocol is told so, and again so often.
    static final long WAITS_NANOS = 100_000_000L;

    /// The oldest request was censored if it has waited so long, while this many batches were
    /// ordered in the second half of that time.
    static final long CENSORED_NANOS = 2_000_000_000L;

    static final int CENSORED_BATCHES = 3;

    private static final class Entry {
        private final RequestName name;

        /// As it stands in a batch.
        private final byte[] record;

        private final int bodyBytes;
        private final long number;
        private final long arrivedNanos;

        /// When it is passed on, monotonic.
        private long passOnNanos;

        /// True once it is ordered, or nobody waits for that any more.
        private boolean isGone;

        /// What was ordered when half of what makes a censor had passed; -1 before.
        private long orderedAtHalf = -1;

        Entry(RequestName name, byte[] record, int bodyBytes, long number, long arrivedNanos) {
            this.name = name;
            this.record = record;
            this.bodyBytes = bodyBytes;
            this.number = number;
            this.arrivedNanos = arrivedNanos;
            this.passOnNanos = arrivedNanos + PASS_ON_NANOS;
        }

        private Bytes body() {
            return Bytes.wrap(record, OpenBatch.HEADER_BYTES, bodyBytes);
        }
    }

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

    private final TreeMap<RequestName, Entry> byName = new TreeMap<>();

    /// All of them, the oldest first.
    private final TreeMap<Long, Entry> byArrival = new TreeMap<>();

    /// Those that are in no batch of this replica, the oldest first.
    private final TreeMap<Long, Entry> waiting = new TreeMap<>();

    /// By batch: what is in it, until it is executed or refused.
    private final TreeMap<Long, List<Entry>> proposed = new TreeMap<>();

    /// The next to be passed on first; some are gone.
    private final PriorityQueue<Entry> toPassOn =
            new PriorityQueue<>(
                    Comparator.<Entry>comparingLong(entry -> entry.passOnNanos)
                            .thenComparingLong(entry -> entry.number));

    private final OpenBatch open = new OpenBatch();

    /// How many bytes of them each client that signs has asked for.
    private final TreeMap<Integer, Long> byClient = new TreeMap<>();

    private long bytes;
    private long arrivals;
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
        if (!byName.containsKey(name)) {
            byte[] record =
                    OpenBatch.record(
                            kind, asker, session, sequence, acknowledged, array, offset, length);
            toPassOn.add(put(now, name, record, length));
        }
    }

    private Entry put(Now now, RequestName name, byte[] record, int bodyBytes) {
        Entry entry = new Entry(name, record, bodyBytes, ++arrivals, now.monotonicNanos());
        byName.put(name, entry);
        byArrival.put(entry.number, entry);
        waiting.put(entry.number, entry);
        bytes += record.length;
        count(name.client(), record.length);
        return entry;
    }

    private void remove(Entry entry) {
        entry.isGone = true;
        byName.remove(entry.name);
        byArrival.remove(entry.number);
        waiting.remove(entry.number);
        bytes -= entry.record.length;
        count(entry.name.client(), -entry.record.length);
    }

    private void count(int client, int difference) {
        if (client != 0) {
            byClient.merge(client, (long) difference, (a, b) -> a + b == 0 ? null : a + b);
        }
    }

    /// True if this replica has this very request, whose signature was checked then.
    boolean knows(RequestCursor cursor) {
        Entry entry = byName.get(nameOf(cursor));
        return entry != null && Bytes.wrap(entry.record).equals(cursor.record());
    }

    private static RequestName nameOf(RequestCursor cursor) {
        return RequestName.of(cursor.kind(), cursor.client(), cursor.session(), cursor.sequence());
    }

    @Override
    public void onPassedOn(Now now, ReplicaId from, Bytes payload) {
        RequestCursor cursor = new RequestCursor();
        cursor.reset(payload);
        List<SignedRequest> unknown = new ArrayList<>();
        while (cursor.next()) {
            if (isWelcome(cursor)) {
                unknown.add(SignedRequest.at(cursor));
            }
        }
        if (cursor.isMalformed()) {
            throw new MalformedException("requests passed on: what no replica's admission writes");
        }
        if (unknown.isEmpty()) {
            return;
        }
        if (!signatures.areWanted()) {
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
        int client = cursor.client();
        long ofClient = client == 0 ? 0 : sizeBytes(client);
        int size = cursor.recordBytes();
        boolean fits =
                cursor.length() <= limits.requestBytes()
                        && (byName.isEmpty() || size <= limits.inFlightBytes() - bytes)
                        && (ofClient == 0
                                || size <= limits.inFlightBytesPerConnection() - ofClient);
        return fits && !byName.containsKey(nameOf(cursor)) && !isExecuted(cursor);
    }

    private void takePassedOn(Now now, Bytes payload) {
        RequestCursor cursor = new RequestCursor();
        cursor.reset(payload);
        while (cursor.next()) {
            if (isWelcome(cursor)) {
                byte[] record = cursor.record().toByteArray();
                Entry entry = put(now, nameOf(cursor), record, cursor.length());
                // Whoever leads may have lost it since, and the one that passed it on too.
                entry.passOnNanos = now.monotonicNanos() + PASS_ON_AGAIN_NANOS;
                toPassOn.add(entry);
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

    @Override
    public boolean isRipe(boolean isOpen) {
        return !waiting.isEmpty() && engine.status().wantsBatch();
    }

    @Override
    public void advance(Now now, boolean isOpen, boolean isHeldUp) {
        while (isRipe(isOpen)) {
            submit(now);
        }
        passOn(now);
        suspect(now, isHeldUp || !isOpen);
    }

    private void submit(Now now) {
        List<Entry> entries = new ArrayList<>();
        while (!waiting.isEmpty() && open.requests() < Executor.MOST_REQUESTS) {
            Entry next = waiting.firstEntry().getValue();
            if (!open.isEmpty() && next.record.length > limits.batchBytes() - open.size()) {
                break;
            }
            open.add(next.record);
            entries.add(next);
            waiting.remove(next.number);
        }
        long sequence = ++lastSequence;
        proposed.put(sequence, entries);
        BatchId id = new BatchId(options.self(), options.incarnation(), options.boot(), sequence);
        Bytes payload = open.take();
        Batch batch = Batch.of(id, now.wallNanos(), payload);
        listener.onSubmitted(id, entries.size(), payload.size());
        engine.submit(now, batch);
    }

    /// What this replica was asked and could not have ordered in time is told to all members.
    private void passOn(Now now) {
        OpenBatch late = new OpenBatch();
        while (true) {
            Entry first = toPassOn.peek();
            if (first == null
                    || (!first.isGone && now.monotonicNanos() < first.passOnNanos)
                    || late.size() > limits.batchBytes()) {
                break;
            }
            toPassOn.remove();
            if (!first.isGone) {
                late.add(first.record);
                first.passOnNanos = now.monotonicNanos() + PASS_ON_AGAIN_NANOS;
                toPassOn.add(first);
            }
        }
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
        if (byArrival.isEmpty() || !engine.isPresent()) {
            return;
        }
        Entry oldest = byArrival.firstEntry().getValue();
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

    private long waitedFrom(Entry entry) {
        return Math.max(entry.arrivedNanos, waitsSince);
    }

    /// A request for nothing, which moves agreed time as all do: the session is nobody's.
    @Override
    public void submitEmpty(Now now) {
        add(now, RequestKind.KEEP_ALIVE, Asker.UNSIGNED, 0, 0, 0, new byte[0], 0, 0);
    }

    @Override
    public void join(Now now, List<BatchId> ordered) {
        if (signatures.areWanted()) {
            forgetFormerEpochs();
        }
        putBack();
        waitsSince = now.monotonicNanos();
    }

    /// Nobody believes what was signed for another epoch; the clients sign it again.
    private void forgetFormerEpochs() {
        RequestCursor cursor = new RequestCursor();
        for (Entry entry : List.copyOf(byArrival.values())) {
            cursor.reset(Bytes.wrap(entry.record));
            boolean isFormer =
                    cursor.next()
                            && cursor.isSigned()
                            && !signatures.requests().isOf(current.epoch(), cursor.proof());
            if (isFormer) {
                remove(entry);
                routing.refuse(
                        Status.UNAVAILABLE,
                        entry.name,
                        "the epoch for which the request was signed has ended: sign it again");
            }
        }
    }

    private void putBack() {
        proposed.values().forEach(this::waitAgain);
        proposed.clear();
    }

    @Override
    public void stayAway(Now now, List<BatchId> ordered, String sentence) {
        for (Entry entry : List.copyOf(byArrival.values())) {
            remove(entry);
            routing.refuse(Status.UNAVAILABLE, entry.name, sentence);
        }
        proposed.clear();
        toPassOn.clear();
    }

    @Override
    public long sizeBytes() {
        return bytes;
    }

    @Override
    public long sizeBytes(int client) {
        return byClient.getOrDefault(client, 0L);
    }

    @Override
    public int batches() {
        return proposed.size();
    }

    @Override
    public boolean isEmpty() {
        return byName.isEmpty();
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
        if (isOfThisProcess(id)) {
            waitAgain(proposed.remove(id.sequence()));
        }
    }

    private void waitAgain(@Nullable List<Entry> entries) {
        if (entries == null) {
            return;
        }
        for (Entry entry : entries) {
            if (!entry.isGone) {
                waiting.put(entry.number, entry);
            }
        }
    }

    private boolean isOfThisProcess(BatchId id) {
        return id.boot() == options.boot()
                && id.origin().equals(options.self())
                && id.incarnation().equals(options.incarnation());
    }

    @Override
    public void onOrdered(int kind, int client, long session, long sequence) {
        Entry entry = byName.get(RequestName.of(kind, client, session, sequence));
        if (entry != null) {
            remove(entry);
        }
    }

    /// A query under the same name that asks something else is a liar's, and nobody waits for it.
    @Override
    public boolean awaits(int client, long number, Bytes query) {
        Entry entry = byName.get(RequestName.of(RequestKind.QUERY, client, number, 0));
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
        long next = Long.MAX_VALUE;
        Entry first = toPassOn.peek();
        if (first != null) {
            next = first.passOnNanos;
        }
        if (!byArrival.isEmpty() && engine.isPresent()) {
            Entry oldest = byArrival.firstEntry().getValue();
            next = Math.min(next, Math.max(waitedFrom(oldest) + WAITS_NANOS, tellAt));
        }
        return next;
    }
}

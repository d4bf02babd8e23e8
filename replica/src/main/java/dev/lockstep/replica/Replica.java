package dev.lockstep.replica;

import dev.lockstep.api.StateMachine;
import dev.lockstep.core.Batch;
import dev.lockstep.core.BatchId;
import dev.lockstep.core.Holdings;
import dev.lockstep.core.HostPolicy;
import dev.lockstep.core.Invariant;
import dev.lockstep.core.Member;
import dev.lockstep.core.Now;
import dev.lockstep.core.OrderTable;
import dev.lockstep.core.OrderingProvider;
import dev.lockstep.core.OrderingProviders;
import dev.lockstep.core.OrderingStatus;
import dev.lockstep.core.Reign;
import dev.lockstep.core.ReplicaId;
import dev.lockstep.core.StopSign;
import dev.lockstep.core.authority.AuthorityView;
import dev.lockstep.core.port.Journal;
import dev.lockstep.core.port.JournalRecord;
import dev.lockstep.core.port.PeerPort;
import dev.lockstep.core.port.SnapshotEvent;
import dev.lockstep.core.wire.Bytes;
import dev.lockstep.core.wire.ClientReply;
import dev.lockstep.core.wire.ClientRequest;
import dev.lockstep.core.wire.MalformedException;

import org.jspecify.annotations.Nullable;

import java.io.DataInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.Consumer;

/// One replica of one state machine: takes inputs, never waits, deterministic.
///
/// A driver, the node's loop or the simulator, owns it: it hands in what its sockets, its journal
/// and its clock have, then calls [#advance], once per duty cycle and whenever
/// [#nextDeadlineNanos] has come. Everything that arrived at or before a time is handed in before
/// [#advance] is called with that time.
///
/// Life: [#replay] for every record of the journal, in order; [#recovered] once; then any inputs.
/// During the replay the journal is not touched, so that it may still be opening. `monotonicNanos`
/// starts at 0 or later and never goes back.
///
/// Errors: a broken invariant, a failed journal and an `Error` thrown by the service leave through
/// any input method; the replica must then be dropped. A
/// [MalformedException] leaves through [#onPeerFrame] and means no harm: the
/// driver closes that connection.
///
/// Threading: one thread.
public final class Replica {

    /// How long an orderly stop waits for what was admitted.
    private static final long LEAVE_NANOS = 5_000_000_000L;

    private final ReplicaOptions options;
    private final Journal journal;
    private final PeerPort peers;
    private final ReplicaListener listener;
    private final Service service;
    private final Sessions sessions = new Sessions();
    private final DeliveredBatches delivered = new DeliveredBatches();
    private final ReplyChain chain = new ReplyChain();
    private final ReplyRouting routing;
    private final Executor executor;
    private final Backlog backlog;
    private final CurrentReign current;
    private final CurrentEngine engine = new CurrentEngine();
    private final PeerTable table;
    private final Epochs epochs;
    private final Pursuit pursuit;
    private final Reception reception;
    private final RecordServer records;
    private final Reconfiguration reconfiguration;
    private final Admission admission;
    private final AgreedClock clock;
    private final Reads queries;
    private final DeadlineWatch watch;
    private final Comparisons comparisons;
    private final StateChecks checks;
    private final Quarantine quarantine;
    private final HistoryIndex index;
    private final HistoryServer server;
    private final HistoryFetch fetch;
    private final CommandHistory commands;
    private final DifferenceSearch search;
    private final StateFreezer freezer;
    private final PauseTurns turns;
    private final PendingChecks checksOfSignatures;
    private final PayloadJudge judge;
    private final RequestGate gate;
    private final ExecutionPause pause;
    private final SnapshotDuties duties;
    private final Execution execution;
    private final DelayMonitor delays;

    /// True once the journal has been replayed.
    private boolean recovered;

    /// True once a record of the journal was replayed.
    private boolean replayed;

    /// Why it does nothing any more; null while it works.
    private @Nullable String haltReason;

    /// When an orderly stop waits no longer, monotonic; `Long.MAX_VALUE` unless it was asked for.
    private long leaveBy = Long.MAX_VALUE;

    /// The last time handed in, monotonic.
    private long lastNanos;

    /// The position of the snapshot that it has begun with; 0 without one.
    private long restoredPosition;

    private Replica(
            ReplicaOptions options,
            OrderingProvider<?, ?> provider,
            OrderingProviders others,
            StateMachine machine,
            ReplicaPorts ports,
            ReplicaRules rules) {
        this.options = options;
        this.journal = ports.journal();
        this.peers = ports.peers();
        this.listener = ports.listener();
        ReplicaLimits limits = options.limits();
        Member self = new Member(options.self(), options.incarnation());
        current = new CurrentReign(self, firstReign(options, provider));
        table = new PeerTable(current);
        routing = new ReplyRouting(ports.clients(), listener);
        service = new Service(machine, options.clusterId(), limits.replyBytes(), listener, rules);
        checksOfSignatures = new PendingChecks(ports.trust().checks());
        WishJudge wishes = new WishJudge(options, ports.trust().operators(), provider, rules);
        boolean haveWishes = provider.policy().members() == HostPolicy.Members.SIGNED;
        RequestSignatures signatures =
                new RequestSignatures(
                        ports.trust().requests(),
                        haveWishes ? wishes::isGood : RequestSignatures.Wishes.NONE);
        Answering answering =
                switch (provider.policy().replies()) {
                    case ENTRY_REPLICA -> new Answering.ByEntry(options, engine, routing, listener);
                    case EVERY_REPLICA ->
                            new Answering.ByEveryReplica(
                                    options,
                                    current,
                                    engine,
                                    peers,
                                    sessions,
                                    routing,
                                    checksOfSignatures,
                                    signatures,
                                    listener);
                };
        executor =
                new Executor(
                        options,
                        service,
                        sessions,
                        delivered,
                        chain,
                        routing,
                        answering.audience(),
                        listener,
                        rules);
        index = new HistoryIndex(journal, current);
        server = new HistoryServer(index, journal, peers, current, this::batchOf);
        backlog = new Backlog(executor, rules.resultBytes(), server, this::execute);
        admission =
                new Admission(
                        options,
                        answering.intake(),
                        this::isHeldUp,
                        journal,
                        sessions,
                        routing,
                        signatures,
                        listener,
                        rules);
        clock = new AgreedClock(options.clockMaxSkewNanos());
        queries = answering.reads(executor, service, admission, clock);
        watch = new DeadlineWatch(current, executor, service, sessions, clock, admission);
        OrderingProviders providers =
                (faults, order) -> {
                    boolean isOwn = provider.faults() == faults && provider.order().equals(order);
                    return isOwn ? provider : others.find(faults, order);
                };
        OrderOptions orderOptions = new OrderOptions(provider, options.protocolOptions());
        Events events = new Events();
        judge =
                new PayloadJudge(
                        limits,
                        current,
                        checksOfSignatures,
                        signatures,
                        answering.known(),
                        engine::validated);
        gate =
                new RequestGate(
                        limits,
                        current,
                        checksOfSignatures,
                        signatures,
                        routing,
                        listener,
                        this::onRequest);
        epochs =
                new Epochs(
                        options,
                        orderOptions::of,
                        providers,
                        ports,
                        checksOfSignatures,
                        current,
                        engine,
                        index,
                        this::lastDelivered,
                        events,
                        events,
                        rules);
        commands = new CommandHistory(executor.recentReplies(), server, service);
        search = new DifferenceSearch(current, peers, executor.recentReplies(), commands, listener);
        Jury jury = Jury.of(provider, options.protocolOptions());
        comparisons = new Comparisons(current, peers, listener, search, jury, events);
        freezer =
                new StateFreezer(
                        options,
                        current,
                        service,
                        executor,
                        new HostState(executor, chain, delivered, sessions),
                        chain,
                        index,
                        epochs::withoutProof);
        checks = new StateChecks(options.compareStatesNanos(), freezer, ports.digester());
        turns = new PauseTurns(current, options.boot(), peers, rules);
        pause =
                new ExecutionPause(
                        current,
                        engine,
                        executor,
                        backlog,
                        admission,
                        turns,
                        listener,
                        this::sendAway);
        duties =
                new SnapshotDuties(
                        options,
                        ports,
                        provider.policy().snapshots(),
                        jury,
                        current,
                        table,
                        engine,
                        index,
                        freezer,
                        machine.canFreeze() ? Snapshotting.Gate.OPEN : pause,
                        executor.wished(),
                        events::onOutvoted,
                        rules);
        delays =
                new DelayMonitor(
                        provider.delayBoundNanos(options.protocolOptions()),
                        jury,
                        current,
                        engine,
                        peers,
                        listener);
        quarantine = new Quarantine(current, engine, admission, queries, duties, ports);
        execution =
                new Execution(
                        executor,
                        ports.snapshots(),
                        delivered,
                        freezer,
                        duties,
                        checks,
                        chain,
                        admission,
                        comparisons,
                        quarantine);
        fetch =
                new HistoryFetch(
                        options,
                        current,
                        table,
                        peers,
                        journal,
                        engine::history,
                        switch (provider.policy().history()) {
                            case ANY_MEMBER -> _ -> true;
                            // The protocol has taken what proves itself.
                            case PROVEN -> position -> position <= index.deliveredThrough();
                        },
                        duties::fetch);
        pursuit = new Pursuit(current, engine, table, peers, index, fetch, duties, jury);
        records = new RecordServer(journal, peers, current);
        reception =
                new Reception(
                        current, engine, table, peers, server, fetch, duties, pursuit, events,
                        records, rules);
        reconfiguration =
                switch (provider.policy().members()) {
                    case ORDERED ->
                            new OrderedReconfiguration(
                                    current, engine, providers, table, index, orderOptions, rules);
                    case SIGNED ->
                            new SignedReconfiguration(
                                    current,
                                    engine,
                                    table,
                                    executor.wished(),
                                    wishes,
                                    members ->
                                            members
                                                    - provider.tolerated(
                                                            members, options.protocolOptions()),
                                    rules,
                                    (now, wish, body) -> order(answering, now, wish, body));
                    case AUTHORITY ->
                            new AuthorityReconfiguration(
                                    options.clusterId(),
                                    current.get().sign(),
                                    current,
                                    engine,
                                    table,
                                    index,
                                    fetch,
                                    ports.authority(),
                                    this::fence);
                };
    }

    private static void order(Answering answering, Now now, Wish wish, Bytes body) {
        answering
                .intake()
                .add(
                        now,
                        RequestKind.WISH,
                        Asker.UNSIGNED,
                        wish.name(),
                        wish.endsEpoch(),
                        0,
                        body.toByteArray(),
                        0,
                        body.size());
    }

    private static Reign firstReign(ReplicaOptions options, OrderingProvider<?, ?> provider) {
        StopSign sign =
                new StopSign(
                        options.epoch(),
                        options.members(),
                        provider.faults(),
                        provider.order(),
                        options.firstLeader());
        return new Reign(sign, 0);
    }

    /// A replica that waits for its journal to be replayed.
    ///
    /// @throws IllegalArgumentException with a sentence if the provider and the options do not fit
    public static Replica create(
            ReplicaOptions options,
            OrderingProvider<?, ?> provider,
            StateMachine machine,
            ReplicaPorts ports) {
        return create(options, provider, (_, _) -> null, machine, ports);
    }

    /// The same for a cluster that may go over to other orders.
    ///
    /// @param provider the order of the epoch that the options name
    /// @param others the orders of later epochs
    public static Replica create(
            ReplicaOptions options,
            OrderingProvider<?, ?> provider,
            OrderingProviders others,
            StateMachine machine,
            ReplicaPorts ports) {
        return create(options, provider, others, machine, ports, ReplicaRules.CORRECT);
    }

    static Replica create(
            ReplicaOptions options,
            OrderingProvider<?, ?> provider,
            OrderingProviders others,
            StateMachine machine,
            ReplicaPorts ports,
            ReplicaRules rules) {
        provider.checkOptions(options.protocolOptions());
        boolean signs = provider.policy().history() == HostPolicy.History.PROVEN;
        if (signs && ports.trust().members().equals(Trust.Members.NONE)) {
            throw new IllegalArgumentException(
                    "order "
                            + provider.order()
                            + " under "
                            + provider.faults()
                            + " signs what it says, and this replica has no key");
        }
        return new Replica(options, provider, others, machine, ports, rules);
    }

    /// Begins with the state of a snapshot of this replica's directory, before anything else.
    ///
    /// @param in exactly a snapshot's content, then end of stream
    /// @return the position of the snapshot
    /// @throws IOException if reading fails, or the service cannot restore what is read; this
    ///     object and the service's must then be dropped
    /// @throws MalformedException if it is no snapshot of this cluster and epoch
    public long restore(InputStream in) throws IOException {
        Invariant.check(!recovered && executor.position() == 0, "a snapshot comes first");
        DataInputStream data = new DataInputStream(in);
        SnapshotHead head = SnapshotHead.read(data);
        if (!head.cluster().equals(options.clusterId())) {
            throw new MalformedException("a snapshot of cluster " + head.cluster());
        }
        Bytes host = FrozenReplica.readHost(data);
        service.machine().restore(data);
        new HostState(executor, chain, delivered, sessions).read(host);
        Invariant.check(
                executor.position() == head.position(),
                "a snapshot is of one position",
                head.position());
        index.restore(head.position(), head.timeNanos(), head.anchor());
        epochs.restored(head);
        freezer.onPosition();
        restoredPosition = head.position();
        duties.restored(head.position());
        listener.onRestored(head.position());
        return head.position();
    }

    /// A record that survived the last boot.
    ///
    /// @throws MalformedException if it is not a record of this protocol
    public void replay(JournalRecord record) {
        Invariant.check(!recovered, "records are replayed before recovery ends");
        replayed = true;
        duties.onReplayed(record, executor.position());
        switch (record.kind()) {
            case RecordKind.PROTOCOL -> epochs.replay(record);
            case RecordKind.EPOCH -> epochs.replayEpoch(record);
            case RecordKind.HISTORY_INDEX -> index.replay(record);
            case RecordKind.BASE -> duties.replayBase(record);
            case RecordKind.TAKEN -> duties.replayTaken(record);
            case RecordKind.DISTRUST -> quarantine.replay(record);
            case RecordKind.VOID -> {
                // What stood here was damaged, and can be done without.
            }
            default ->
                    throw new MalformedException(
                            "journal record "
                                    + record.sequence()
                                    + " has kind "
                                    + record.kind()
                                    + ", which this version does not know");
        }
    }

    /// There are no more records, and the journal takes new ones: take part.
    public void recovered(Now now) {
        Invariant.check(!recovered, "recovery ends once");
        recovered = true;
        lastNanos = now.monotonicNanos();
        duties.recovered(now);
        index.recovered();
        duties.recovered(!replayed);
        if (haltReason == null) {
            admission.begin();
            epochs.recovered(now, !replayed);
        }
        if (haltReason == null) {
            quarantine.recovered(now, restoredPosition, executor.position());
        }
    }

    /// The content of a frame from another replica of the cluster, given away.
    ///
    /// @param from who sent it, in which life, as the connection's beginning has shown
    /// @throws MalformedException if it is none: close the connection
    public void onPeerFrame(Now now, Member from, Bytes frame) {
        if (enter(now)) {
            reception.onFrame(now, from, frame);
        }
    }

    /// There is a new connection to another replica of the cluster, member or not.
    public void onPeerConnected(Now now, Member peer) {
        if (enter(now)) {
            reception.onConnected(now, peer);
            turns.onConnected(peer.id());
            if (current.get().isMember(peer)) {
                comparisons.onConnected(peer.id());
            }
        }
    }

    /// The connection to another replica ended, or could not be made.
    public void onPeerLost(Now now, Member peer) {
        if (enter(now)) {
            reception.onLost(now, peer);
        }
    }

    /// Has a stop sign ordered with which the next epoch is as wanted. Asking for the same again is
    /// harmless.
    ///
    /// @return `Done` if it is so already. After `Begun` it will be, unless another change comes
    ///     first: ask again until it is
    public ChangeAnswer change(Now now, MemberChange change) {
        if (!enter(now)) {
            return new ChangeAnswer.Refused(
                    "replica " + options.self() + " is starting or has stopped; ask another", true);
        }
        return reconfiguration.change(now, change);
    }

    /// Has what an operator has signed ordered, in a cluster whose members may lie. Asking for the
    /// same again is harmless.
    ///
    /// @return as [#change] does
    public ChangeAnswer wish(Now now, Wish wish) {
        if (!enter(now)) {
            return new ChangeAnswer.Refused(
                    "replica " + options.self() + " is starting or has stopped; ask another", true);
        }
        return reconfiguration.wish(now, wish);
    }

    /// What the configuration authority answers to what this replica has asked it; may be late, or
    /// come again.
    public void onAuthority(Now now, AuthorityView view) {
        if (enter(now)) {
            reconfiguration.onAuthority(now, view);
        }
    }

    /// The epoch that this replica is in.
    public Reign reign() {
        return current.get();
    }

    /// True if a majority of the epoch's members, or under fail-stop faults all, is known to have
    /// begun it for good. Until then members of the epoch before must not be stopped.
    public boolean isSettled() {
        return reconfiguration.isSettled();
    }

    /// Those that follow the cluster and are no members, as far as this replica hears of them.
    public List<LearnerStatus> learners() {
        return table.learners(lastNanos);
    }

    /// The frame that was sent with this token was given to the kernel.
    public void onFlushed(Now now, long token) {
        if (enter(now)) {
            engine.flushed(now, token);
        }
    }

    /// A check of signatures that was answered later
    /// ([dev.lockstep.core.port.SignatureChecks.Verdict#LATER]) has come to something.
    public void onChecked(Now now, long ticket, boolean isGenuine) {
        if (enter(now)) {
            checksOfSignatures.onChecked(now, ticket, isGenuine);
        }
    }

    /// The journal is durable through `sequence`.
    public void onDurable(Now now, long sequence) {
        if (enter(now)) {
            engine.durable(now, sequence);
            epochs.onDurable(now);
            index.onDurable();
            duties.onDurable();
        }
    }

    /// What was asked of the [dev.lockstep.core.port.Snapshots] has come to something.
    public void onSnapshot(Now now, SnapshotEvent event) {
        if (enter(now)) {
            duties.onEvent(now, event);
        }
    }

    /// Takes a snapshot soon if there is none. A cluster in which nothing was ordered orders
    /// something for it.
    public void wantSnapshot(Now now) {
        if (enter(now) && duties.lastPosition() == 0) {
            if (executor.position() == 0) {
                admission.submitEmpty(now);
            }
            duties.want(Math.max(1, executor.position()));
        }
    }

    /// Delivered history from a position on, read back from the journal, as a backup keeps it: as
    /// much as one [HistoryBlock] has. It is empty if the journal has no more, or not any more.
    public Bytes history(long from) {
        Invariant.check(recovered && from > 0, "history is read after the recovery");
        return server.block(options.clusterId(), from);
    }

    /// True once this replica has a better state on its disk than in its memory: the driver drops
    /// it and starts another, in the same process or not, as after a crash.
    public boolean wantsReboot() {
        return duties.wantsReboot();
    }

    /// A request other than a command on the hot path; its bytes are given away. Every request is
    /// answered through the [dev.lockstep.core.port.ClientPort], perhaps before this returns.
    ///
    /// @param connection a number never used again within the boot
    public void onClient(Now now, long connection, ClientRequest request) {
        var _ = enterIfRecovered(now);
        onRequest(now, connection, Asker.UNSIGNED, request);
    }

    /// The same of a client that signs: its frame, and what proves whose it is, both given away.
    /// It is answered through the [dev.lockstep.core.port.ClientPort].
    ///
    /// @param frameKind see [dev.lockstep.core.wire.FrameKind]
    /// @throws MalformedException if it is no client's frame: close the connection
    public void onSigned(Now now, long connection, int frameKind, Bytes content, Bytes proof) {
        var _ = enterIfRecovered(now);
        gate.onSigned(now, connection, frameKind, content, proof);
    }

    private void onRequest(Now now, long connection, Asker asker, ClientRequest request) {
        if (request instanceof ClientRequest.Query query) {
            queries.ask(now, connection, asker, query);
        } else {
            admission.request(now, connection, asker, request);
        }
    }

    /// A command. Its bytes are copied before this returns.
    ///
    /// @return `OK` if it was admitted, or had been: the reply comes through the
    /// [dev.lockstep.core.port.ClientPort],
    ///     perhaps before this returns. Any other status: nothing happens with this copy of the
    ///     request, no sequence number is used up; the driver answers the client with the status
    ///     and the sentence of [#refusal]
    public ClientReply.Status onCommand(
            Now now,
            long connection,
            long session,
            long sequence,
            long acknowledged,
            byte[] bytes,
            int offset,
            int length) {
        return admission.command(
                now,
                connection,
                Asker.UNSIGNED,
                session,
                sequence,
                acknowledged,
                bytes,
                offset,
                length);
    }

    /// Why the last [#onCommand] did not return `OK`: one sentence for the client.
    public String refusal() {
        return admission.refusal();
    }

    /// Why no request is admitted now, one sentence; empty while requests are.
    public String whyNotServing() {
        return admission.closedBecause();
    }

    /// A client's connection ended: nothing is sent to it any more.
    public void onClientGone(long connection) {
        routing.gone(connection);
    }

    /// The end of a duty cycle: fires timers that are due, closes the batch if it is time, asks for
    /// read barriers, answers what can be answered.
    public void advance(Now now) {
        if (!enter(now)) {
            return;
        }
        backlog.advance(now);
        engine.fireTimers(now);
        comparisons.advance(now);
        records.advance();
        fetch.advance(now);
        pursuit.advance(now);
        reconfiguration.advance(now);
        duties.advance(now);
        quarantine.advance(now);
        pause.advance(now);
        delays.advance(now);
        if (engine.isPresent()) {
            watch.advance(now);
        }
        admission.advance(now);
        queries.advance(now);
        ReplicaId entry = engine.status().preferredEntry();
        routing.preferEntry(entry == null ? 0 : entry.value());
    }

    /// When [#advance] is to be called at the latest, monotonic; `Long.MAX_VALUE` for never.
    public long nextDeadlineNanos() {
        if (!recovered || haltReason != null) {
            return Long.MAX_VALUE;
        }
        if (admission.isRipe() || backlog.isReady() || records.isBusy()) {
            return lastNanos;
        }
        long earliest = Math.min(engine.nextTimerNanos(), queries.nextDeadlineNanos(lastNanos));
        if (engine.isPresent()) {
            earliest = Math.min(earliest, watch.nextDeadlineNanos());
        }
        earliest = Math.min(earliest, pursuit.nextDeadlineNanos());
        earliest = Math.min(earliest, reconfiguration.nextDeadlineNanos());
        if (lastNanos < leaveBy) {
            earliest = Math.min(earliest, leaveBy);
        }
        earliest = Math.min(earliest, admission.nextDeadlineNanos());
        earliest = Math.min(earliest, fetch.nextDeadlineNanos());
        earliest = Math.min(earliest, duties.nextDeadlineNanos());
        earliest = Math.min(earliest, pause.nextDeadlineNanos());
        earliest = Math.min(earliest, delays.nextDeadlineNanos());
        return Math.min(earliest, comparisons.nextDeadlineNanos());
    }

    /// Begins an orderly stop: no more admission, duties are handed over, what was admitted is
    /// waited for, at most five seconds.
    public void leave(Now now) {
        if (leaveBy == Long.MAX_VALUE && enter(now)) {
            leaveBy = now.monotonicNanos() + LEAVE_NANOS;
            admission.close("replica " + options.self() + " is stopping; ask another");
            admission.advance(now);
            engine.leaving(now);
        }
    }

    /// True once an orderly stop has nothing left to wait for: the driver may drop the replica.
    public boolean hasLeft() {
        if (haltReason != null) {
            return true;
        }
        if (leaveBy == Long.MAX_VALUE) {
            return false;
        }
        boolean settled =
                !admission.hasInFlight() && queries.size() == 0 && engine.heldSends() == 0;
        boolean dutiesAreOthers =
                current.members().size() == 1
                        || !options.self().equals(engine.status().preferredEntry());
        return (settled && dutiesAreOthers) || lastNanos >= leaveBy;
    }

    /// Where requests are ordered soonest, or null if unknown. Cheap.
    public @Nullable ReplicaId preferredEntry() {
        return engine.status().preferredEntry();
    }

    /// Everything through here is executed. Cheap.
    public long executedPosition() {
        return executor.position();
    }

    /// How it is now.
    public ReplicaStatus status() {
        OrderingStatus order = engine.status();
        return new ReplicaStatus(
                options.self(),
                current.epoch(),
                current.isMember(),
                admission.isOpen(),
                haltReason,
                quarantine.reason(),
                order.preferredEntry(),
                executor.position(),
                executor.timeNanos(),
                comparisons.chainPosition(),
                comparisons.chainDigest(),
                sessions.size(),
                admission.inFlightBytes(),
                admission.inFlightBatches(),
                routing.size(),
                queries.size(),
                engine.heldSends(),
                recovered ? journal.durableThrough() : 0,
                recovered ? journal.lastSequence() : 0,
                recovered ? journal.firstSequence() : 0,
                duties.lastPosition(),
                executor.commands(),
                service.failures(),
                detailsOf(order));
    }

    /// The protocol's words, and what the host knows of the time that it relies on.
    private SortedMap<String, String> detailsOf(OrderingStatus order) {
        SortedMap<String, String> details = new TreeMap<>(order.details().read());
        if (delays.isNeeded()) {
            details.put("late", Long.toString(delays.violations()));
            details.put("time", delays.suspects(lastNanos) ? "distrusted" : "trusted");
        }
        return details;
    }

    /// What is being ordered now.
    public OrderTable orderTable() {
        return engine.status().details().table();
    }

    /// Tells what is held in memory as far as a bound is set on it. Looks at every session: for
    /// tests.
    public void tellHoldings(Holdings to) {
        ReplicaLimits limits = options.limits();
        to.held("bytes of batches in flight", admission.inFlightBytes(), limits.inFlightBytes());
        to.held("queries", queries.size(), limits.pendingQueries());
        sessions.tellHoldings(to, limits);
        engine.status().details().tellHoldings(to);
    }

    /// True while the state is not to be read, because another thread reads it: a snapshot is
    /// written of one that cannot be frozen.
    public boolean isExecutionPaused() {
        return executor.isPaused();
    }

    /// What the replicated state is now. Not while [#isExecutionPaused()]. Writes the whole state
    /// through SHA-256: for tests and
    /// operators, not for the path of a request.
    public StateDigest stateDigest() {
        return freezer.digest();
    }

    /// Hands `sink` the state when exactly `position` is executed, perhaps before this returns, and
    /// in the middle of this replica's work: it must not call the replica. If nothing is to be
    /// executed, [#moveOn] brings the position nearer.
    ///
    /// @return false if the position is past, or too many wait for one
    public boolean freezeAt(long position, Consumer<FrozenDigest> sink) {
        return freezer.freezeAt(position, sink);
    }

    /// A state was digested, of its own accord through the [StateDigester] or because somebody has
    /// asked for it: compared with those of the other members that digest at the same position.
    public void onStateDigest(Now now, StateDigest digest) {
        checks.onDigested(digest.position());
        if (enter(now) && !quarantine.isOn()) {
            comparisons.onState(now, digest);
        }
    }

    /// What the [StateDigester] was given could not be digested.
    public void onStateDigestFailed(long position) {
        checks.onDigested(position);
    }

    /// Nobody waits for this position any more.
    public void forgetFreeze(long position) {
        freezer.forget(position);
    }

    /// Has something ordered that changes nothing but agreed time.
    public void moveOn(Now now) {
        if (enter(now) && admission.isOpen()) {
            admission.submitEmpty(now);
        }
    }

    /// The reply chain after each of the last positions.
    public RecentChains recentChains() {
        return freezer.recent();
    }

    /// The commands that were executed at one of the last positions, a thousand at most; none if
    /// they are not remembered. Reads the journal: for operators.
    public List<ExecutedCommand> commandsAt(long position) {
        return commands.at(position);
    }

    /// The command at which this replica began to differ from the majority; null if it does not, or
    /// that is not known.
    public @Nullable FirstDifference firstDifference() {
        return search.found();
    }

    /// Why this replica does nothing any more, one sentence; null while it works.
    public @Nullable String haltReason() {
        return haltReason;
    }

    /// True while this replica cannot tell whether others order what they are asked.
    private boolean isHeldUp() {
        return executor.isPaused()
                || !backlog.isEmpty()
                || fetch.isUnderWay()
                || duties.isFetching()
                || quarantine.isOn();
    }

    /// Notes the time; false if inputs are not taken any more.
    private boolean enter(Now now) {
        Invariant.check(recovered, "inputs come after the recovery");
        return enterIfRecovered(now);
    }

    private boolean enterIfRecovered(Now now) {
        lastNanos = now.monotonicNanos();
        return recovered && haltReason == null;
    }

    private void halt(String reason) {
        if (haltReason != null) {
            return;
        }
        haltReason = reason;
        String sentence = "replica " + options.self() + " has stopped; ask another";
        admission.close(sentence);
        queries.refuseAll(sentence);
        engine.halt();
        listener.onHalted(reason);
    }

    private void execute(Now now, long position, Batch batch, long timeNanos) {
        if (haltReason != null) {
            return;
        }
        execution.execute(now, position, batch, timeNanos, recovered);
    }

    /// While a snapshot is written of a state that cannot be frozen.
    private void sendAway(@Nullable String reason) {
        admission.pause(reason);
        if (reason != null) {
            queries.refuseAll(reason);
        }
    }

    /// While this replica may have been left out of the cluster.
    private void fence(@Nullable String reason) {
        admission.fence(reason);
        if (reason != null) {
            queries.refuseAll(reason);
        }
    }

    /// Of every origin's boot the last batch that was delivered, executed or not.
    private List<BatchId> lastDelivered() {
        return backlog.isEmpty() ? delivered.last() : delivered.lastWith(backlog.waiting());
    }

    private @Nullable Batch batchOf(JournalRecord record) {
        return epochs.batchOf(record);
    }

    /// What the protocol's effects do to the rest.
    private final class Events
            implements EngineEvents, Epochs.Events, Reception.Target, Comparisons.Target {

        @Override
        public void onDeliver(Now now, long position, Batch batch, long timeNanos, Bytes anchor) {
            index.onDelivered(position, batch.id(), timeNanos, anchor);
            if (recovered) {
                clock.onDelivered(now, timeNanos);
            }
            backlog.deliver(now, position, batch, timeNanos, recovered);
        }

        @Override
        public void onRefused(BatchId batch, String reason) {
            listener.onBatchRefused(batch, reason);
            admission.onRefused(batch, reason);
        }

        @Override
        public void onReadable(long barrier, long position) {
            queries.onReadable(barrier, position);
        }

        @Override
        public void onUnreadable(Now now, long barrier) {
            queries.onUnreadable(now, barrier);
        }

        @Override
        public void onNeedHistory(Now now, long from) {
            if (!duties.isFetching()) {
                fetch.need(now, from);
            }
        }

        @Override
        public void onRelease(long throughSequence) {
            duties.release(throughSequence);
        }

        @Override
        public void onHalt(Now now, String reason) {
            // What the protocol delivered before it gave up counts.
            backlog.finish(now);
            halt(reason);
        }

        @Override
        public void onValidate(Now now, Bytes digest, ReplicaId proposer, Batch batch) {
            judge.judge(now, digest, proposer, batch);
        }

        @Override
        public void onRequests(Now now, ReplicaId from, Bytes payload) {
            admission.onPassedOn(now, from, payload);
        }

        @Override
        public void onDelayFrame(Now now, Member from, int kind, Bytes content) {
            delays.onFrame(now, from, kind, content);
        }

        @Override
        public void onSuspect(Now now, ReplicaId peer) {
            reconfiguration.onSuspect(now, peer);
        }

        @Override
        public void onSealed(Now now, StopSign next, long attempt) {
            reconfiguration.onSealed(now, next, attempt);
        }

        @Override
        public void onStopped(Now now, StopSign sign, long position) {
            epochs.onStopped(now, sign, position);
        }

        @Override
        public void onEnded(Now now) {
            // The next epoch begins from the state at the stop sign.
            backlog.finish(now);
            fetch.stop();
        }

        @Override
        public void onBegun(Now now) {
            comparisons.onBegun();
            turns.onEpoch(now);
            if (current.isMember()) {
                admission.join(now, backlog.waiting());
                if (leaveBy != Long.MAX_VALUE) {
                    engine.leaving(now);
                } else {
                    quarantine.onBegun(now);
                }
            } else {
                String sentence =
                        "replica "
                                + options.self()
                                + " is not a member of the cluster, which is now "
                                + current.members()
                                + "; ask one of them";
                admission.stayAway(now, backlog.waiting(), sentence);
                queries.refuseAll(sentence);
            }
            queries.askAgain();
            reception.onBegun(now);
            reconfiguration.onBegun(now);
        }

        @Override
        public void onChain(Now now, Member from, PeerFrames.Chain chain) {
            comparisons.onChain(now, from.id(), chain);
        }

        @Override
        public void onState(Now now, Member from, StateFrames.State state) {
            comparisons.onState(now, from.id(), state);
        }

        @Override
        public void onOutvoted(Now now, String reason) {
            quarantine.begin(now, executor.position(), reason);
        }

        @Override
        public void onUndecided(String reason) {
            // Who is quarantined answers nobody, and would only not heal.
            if (!quarantine.isOn()) {
                halt(reason);
            }
        }

        @Override
        public void onRepliesNeeded(Member from, ReplyFrames.Span span) {
            search.onNeeded(from.id(), span);
        }

        @Override
        public void onReplies(Member from, ReplyFrames.Replies replies) {
            search.onReplies(from.id(), replies);
        }

        @Override
        public void onTurn(Now now, Member from, long epoch, PauseFrames.Turn turn) {
            turns.onWord(now, from.id(), epoch, turn);
        }

        @Override
        public void onBatchPersisted(BatchId batch, long sequence) {
            index.onPersisted(batch, sequence);
        }
    }
}

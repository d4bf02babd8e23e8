package dev.lockstep.ordering.leader;

import dev.lockstep.core.Batch;
import dev.lockstep.core.BatchId;
import dev.lockstep.core.Effect;
import dev.lockstep.core.Epoch;
import dev.lockstep.core.HistoryEntry;
import dev.lockstep.core.Input;
import dev.lockstep.core.Now;
import dev.lockstep.core.Ordering;
import dev.lockstep.core.OrderingContext;
import dev.lockstep.core.Outbox;
import dev.lockstep.core.ReplicaId;
import dev.lockstep.core.wire.Bytes;
import dev.lockstep.testkit.scenario.BadCommandException;

import org.jspecify.annotations.Nullable;

import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Iterator;
import java.util.List;
import java.util.NavigableMap;
import java.util.SortedMap;
import java.util.SplittableRandom;
import java.util.TreeMap;
import java.util.function.Predicate;

/// A host for one protocol instance that does nothing unless told: carries out effects, holds what
/// waits for a sync, and tells everything in words.
final class ScenarioMember implements Outbox<LeaderMessage, LeaderRecord> {

    /// The wall clock when simulated time is 0.
    private static final long WALL_NANOS = 1_700_000_000_000_000_000L;

    /// So often a timer may fire without a consequence, because the leader was heard or something
    /// was sent in the meantime, or because this member stood still.
    private static final int MOST_TRIES = 5;

    /// A message that waits until the journal is durable through `after`.
    private record Held(ReplicaId to, LeaderMessage message, long after) {}

    /// A read that may be answered once `index` is executed.
    private record Readable(long number, long index) {}

    /// The state that a restart begins with.
    private record Snapshot(long position, long timeNanos, Bytes anchor) {}

    final ReplicaId id;
    private final ScenarioCluster cluster;
    final ScenarioJournal journal = new ScenarioJournal();

    /// Null while the process is down.
    private @Nullable Ordering<LeaderMessage, LeaderRecord> ordering;

    private int boot;
    private long submitted;
    private long reads;
    private boolean ended;
    private Snapshot snapshot = new Snapshot(0, 0, Bytes.EMPTY);
    private final long[] timers = new long[LeaderTimer.values().length];
    private final List<Held> held = new ArrayList<>();
    private final List<Effect<LeaderMessage, LeaderRecord>> effects = new ArrayList<>();
    private final ArrayDeque<Long> openReads = new ArrayDeque<>();
    private final ArrayDeque<Readable> readable = new ArrayDeque<>();
    private final NavigableMap<Long, HistoryEntry> delivered = new TreeMap<>();

    /// From where history was asked for last; 0 if it was not.
    private long wantedHistory;

    ScenarioMember(ScenarioCluster cluster, ReplicaId id) {
        this.cluster = cluster;
        this.id = id;
        Arrays.fill(timers, Long.MAX_VALUE);
    }

    boolean isUp() {
        return ordering != null;
    }

    boolean wasUp() {
        return boot > 0;
    }

    // --- its life ---

    ScenarioAccount start() {
        boot++;
        submitted = 0;
        reads = 0;
        ended = false;
        wantedHistory = 0;
        delivered.clear();
        journal.sync();
        long seed = 1000L * id.value() + boot;
        ordering =
                cluster.provider.create(
                        new OrderingContext(
                                id,
                                Epoch.FIRST,
                                cluster.membership,
                                cluster.membership.idAt(0),
                                new SplittableRandom(seed),
                                cluster.options,
                                true));
        SortedMap<Long, LeaderRecord> records = journal.all();
        ScenarioAccount account = new ScenarioAccount(id, "starts with " + told());
        LeaderRecord.Term term = journal.term();
        Stand before = new Stand("follower", term == null ? 0 : term.term(), "none", 0);
        hand(
                new Input.Restored<>(
                        snapshot.position(), snapshot.timeNanos(), snapshot.anchor(), List.of()));
        records.forEach((sequence, record) -> hand(new Input.Replayed<>(sequence, record)));
        hand(new Input.Recovered<>());
        tellAll(account, before);
        return account;
    }

    private String told() {
        LeaderRecord.Term term = journal.term();
        if (term == null) {
            return "an empty journal";
        }
        int entries = journal.log().size();
        return ScenarioWords.record(term)
                + (entries == 0 ? "" : " and " + ScenarioWords.count(entries, "entry", "entries"))
                + (snapshot.position() == 0 ? "" : ", a snapshot through " + snapshot.position());
    }

    /// The process dies. What was written stays, synced or not; what waited for a sync is never
    /// sent.
    ScenarioAccount crash() {
        ScenarioAccount account = new ScenarioAccount(id, "is down");
        ordering = null;
        for (Held waiting : held) {
            account.list(
                    "never sends " + ScenarioWords.of(waiting.message()) + " to ",
                    waiting.to().toString(),
                    false);
        }
        held.clear();
        effects.clear();
        openReads.clear();
        readable.clear();
        Arrays.fill(timers, Long.MAX_VALUE);
        return account;
    }

    /// The machine loses power: what was not synced is lost.
    ScenarioAccount losePower() {
        ScenarioAccount account = crash();
        for (LeaderRecord record : journal.losePower()) {
            account.list("loses ", ScenarioWords.record(record), true);
        }
        return account;
    }

    // --- inputs ---

    ScenarioAccount submit(String text) {
        BatchId name =
                new BatchId(
                        id,
                        cluster.membership.members().get(cluster.rank(id)).incarnation(),
                        boot,
                        ++submitted);
        Bytes payload = Bytes.wrap(text.getBytes(StandardCharsets.UTF_8));
        Batch batch = Batch.of(name, now().wallNanos(), payload);
        return step("is given" + ScenarioWords.text(batch), new Input.Submitted<>(batch));
    }

    ScenarioAccount read() {
        openReads.add(++reads);
        return step("is asked for read " + reads, new Input.ReadRequested<>(reads));
    }

    ScenarioAccount sync() {
        int count = journal.sync();
        ScenarioAccount account =
                new ScenarioAccount(id, "syncs " + ScenarioWords.count(count, "record", "records"));
        for (Held waiting : List.copyOf(held)) {
            if (waiting.after() <= journal.durable()) {
                held.remove(waiting);
                send(account, waiting.to(), waiting.message());
            }
        }
        step(account, new Input.Durable<>(journal.durable()));
        return account;
    }

    /// Time passes until the timer fires, if its time has not come yet.
    ScenarioAccount fire(LeaderTimer timer) {
        long before = cluster.nowNanos();
        ScenarioAccount account = new ScenarioAccount(id, "");
        fire(account, timer);
        return account.of(occasionOf(timer, before));
    }

    /// Time passes until the election timer has a consequence. It is set once and finds out when it
    /// fires how long ago the leader was heard, so it may have to fire again for that.
    ScenarioAccount timeOut() {
        return fireUntil(
                LeaderTimer.ELECTION,
                account ->
                        account.hasNews() || account.hasSent() || stand().role().equals("leader"));
    }

    /// Time passes until the heartbeat timer has a consequence.
    ScenarioAccount heartbeat() {
        return fireUntil(LeaderTimer.HEARTBEAT, ScenarioAccount::hasSent);
    }

    private ScenarioAccount fireUntil(LeaderTimer timer, Predicate<ScenarioAccount> isEnough) {
        long before = cluster.nowNanos();
        ScenarioAccount account = new ScenarioAccount(id, "");
        int tries = 0;
        do {
            fire(account, timer);
        } while (!isEnough.test(account) && ++tries < MOST_TRIES);
        return account.of(occasionOf(timer, before));
    }

    private String occasionOf(LeaderTimer timer, long before) {
        long passed = cluster.nowNanos() - before;
        String when = passed > 0 ? " fires after " + ScenarioWords.millis(passed) : " fires";
        return "'s " + ScenarioWords.timer(timer) + " timer" + when;
    }

    private void fire(ScenarioAccount account, LeaderTimer timer) {
        long at = timers[timer.ordinal()];
        if (at == Long.MAX_VALUE) {
            throw new BadCommandException(
                    "the " + ScenarioWords.timer(timer) + " timer of " + id + " is not set");
        }
        cluster.pass(Math.max(0, at - cluster.nowNanos()));
        timers[timer.ordinal()] = Long.MAX_VALUE;
        step(account, new Input.TimerFired<>(timer));
    }

    long timerNanos(LeaderTimer timer) {
        return timers[timer.ordinal()];
    }

    ScenarioAccount snapshot() {
        if (delivered.isEmpty()) {
            throw new BadCommandException(id + " has executed nothing");
        }
        HistoryEntry last = delivered.lastEntry().getValue();
        snapshot = new Snapshot(last.position(), last.timeNanos(), last.anchor());
        return step(
                "has a durable snapshot through " + last.position(),
                new Input.SnapshotDurable<>(last.position(), Bytes.EMPTY));
    }

    /// Takes from `source` what it asked for.
    ScenarioAccount takeHistory(ScenarioMember source) {
        if (wantedHistory == 0) {
            throw new BadCommandException(id + " has not asked for history");
        }
        List<HistoryEntry> entries = List.copyOf(source.delivered.tailMap(wantedHistory).values());
        wantedHistory = 0;
        String range =
                entries.isEmpty()
                        ? "no history"
                        : "history of %d to %d"
                                .formatted(
                                        entries.getFirst().position(),
                                        entries.getLast().position());
        return step("gets " + range + " from " + source.id, new Input.History<>(entries));
    }

    ScenarioAccount step(String occasion, Input<LeaderMessage, LeaderRecord> input) {
        ScenarioAccount account = new ScenarioAccount(id, occasion);
        step(account, input);
        return account;
    }

    private void step(ScenarioAccount account, Input<LeaderMessage, LeaderRecord> input) {
        if (ended) {
            account.tell("has ended the epoch and heeds nothing");
            return;
        }
        Stand before = stand();
        hand(input);
        tellAll(account, before);
    }

    private void hand(Input<LeaderMessage, LeaderRecord> input) {
        running().step(now(), input, this);
    }

    private Ordering<LeaderMessage, LeaderRecord> running() {
        Ordering<LeaderMessage, LeaderRecord> up = ordering;
        if (up == null) {
            throw new BadCommandException(id + " is down");
        }
        return up;
    }

    private Now now() {
        return new Now(cluster.nowNanos(), WALL_NANOS + cluster.nowNanos());
    }

    // --- effects ---

    @Override
    public void emit(Effect<LeaderMessage, LeaderRecord> effect) {
        effects.add(effect);
    }

    @Override
    public long persist(LeaderRecord record) {
        long sequence = journal.append(record);
        effects.add(new Effect.Persist<>(sequence, record));
        return sequence;
    }

    private void tellAll(ScenarioAccount account, Stand before) {
        String change = stand().since(before, id);
        if (!change.isEmpty()) {
            account.news(change);
        }
        List<Effect<LeaderMessage, LeaderRecord>> emitted = List.copyOf(effects);
        effects.clear();
        emitted.forEach(effect -> carryOut(account, effect));
    }

    private void carryOut(ScenarioAccount account, Effect<LeaderMessage, LeaderRecord> effect) {
        switch (effect) {
            case Effect.Send<LeaderMessage, LeaderRecord> send -> {
                if (send.afterSequence() <= journal.durable()) {
                    send(account, send.to(), send.message());
                } else {
                    held.add(new Held(send.to(), send.message(), send.afterSequence()));
                    account.list(
                            "waits for its sync to send "
                                    + ScenarioWords.of(send.message())
                                    + " to ",
                            send.to().toString(),
                            false);
                }
            }
            case Effect.Persist<LeaderMessage, LeaderRecord> persist ->
                    tellRecord(account, persist.record());
            case Effect.Deliver<LeaderMessage, LeaderRecord> deliver -> onDeliver(account, deliver);
            case Effect.Readable<LeaderMessage, LeaderRecord> answer -> {
                while (!openReads.isEmpty() && openReads.getFirst() <= answer.barrier()) {
                    readable.add(new Readable(openReads.removeFirst(), answer.position()));
                }
                answerReads(account);
                readable.forEach(
                        read ->
                                account.tell(
                                        "holds read %d until %d is executed"
                                                .formatted(read.number(), read.index())));
            }
            case Effect.Unreadable<LeaderMessage, LeaderRecord> answer -> {
                while (!openReads.isEmpty() && openReads.getFirst() <= answer.barrier()) {
                    account.news("gives up read " + openReads.removeFirst());
                }
            }
            case Effect.SetTimer<LeaderMessage, LeaderRecord> timer ->
                    timers[timer.timer().ordinal()] = timer.atMonotonicNanos();
            case Effect.NeedHistory<LeaderMessage, LeaderRecord> need -> {
                wantedHistory = need.from();
                account.news("asks for history from " + need.from() + " on");
            }
            case Effect.Refused<LeaderMessage, LeaderRecord> refused ->
                    account.news("refuses it: " + refused.reason());
            case Effect.Stopped<LeaderMessage, LeaderRecord> end -> {
                ended = true;
                Arrays.fill(timers, Long.MAX_VALUE);
                account.news("ends the epoch at " + end.position());
            }
            case Effect.Release<LeaderMessage, LeaderRecord> release -> {
                journal.release(release.throughSequence());
                account.tell("drops what its journal held before");
            }
            case Effect.Validate<LeaderMessage, LeaderRecord> _,
                    Effect.Suspect<LeaderMessage, LeaderRecord> _,
                    Effect.Sealed<LeaderMessage, LeaderRecord> _,
                    Effect.Evidence<LeaderMessage, LeaderRecord> _,
                    Effect.Halt<LeaderMessage, LeaderRecord> _ ->
                    throw new IllegalStateException("not an effect of this order: " + effect);
        }
    }

    private void send(ScenarioAccount account, ReplicaId to, LeaderMessage message) {
        String fate = cluster.network.send(id, to, message, cluster.member(to).isUp());
        account.list(ScenarioAccount.SENDS + ScenarioWords.of(message) + " to ", to + fate, false);
    }

    private static void tellRecord(ScenarioAccount account, LeaderRecord record) {
        switch (record) {
            case LeaderRecord.Term _ ->
                    account.list("persists ", ScenarioWords.record(record), true);
            case LeaderRecord.Truncated truncated ->
                    account.news(
                            "removes its entries from %d on, persists %s"
                                    .formatted(
                                            truncated.fromIndex(), ScenarioWords.record(record)));
            case LeaderRecord.Entry _, LeaderRecord.Committed _ ->
                    account.list("persists ", ScenarioWords.record(record), false);
        }
    }

    private void onDeliver(
            ScenarioAccount account, Effect.Deliver<LeaderMessage, LeaderRecord> deliver) {
        long position = deliver.position();
        delivered.put(
                position,
                new HistoryEntry(position, deliver.batch(), deliver.timeNanos(), deliver.anchor()));
        account.list("executes ", position + ScenarioWords.text(deliver.batch()), true);
        answerReads(account);
    }

    private void answerReads(ScenarioAccount account) {
        long executed = executed();
        Iterator<Readable> ready = readable.iterator();
        while (ready.hasNext()) {
            Readable read = ready.next();
            if (read.index() <= executed) {
                ready.remove();
                account.news("answers read " + read.number() + " from its state at " + executed);
            }
        }
    }

    private long executed() {
        return delivered.isEmpty() ? snapshot.position() : delivered.lastKey();
    }

    // --- what people see of it ---

    /// Role, term, leader and commit index, as the protocol tells them.
    record Stand(String role, long term, String leader, long commit) {

        /// What has changed, or nothing.
        String since(Stand before, ReplicaId self) {
            boolean isNewTerm = term != before.term();
            boolean wasLeader = before.role().equals("leader");
            if (!isNewTerm && role.equals(before.role()) && leader.equals(before.leader())) {
                return "";
            }
            return switch (role) {
                case "leader" -> "becomes leader of term " + term;
                case "candidate" -> "becomes candidate in term " + term;
                case "pre-candidate" -> "becomes pre-candidate for term " + (term + 1);
                default -> {
                    String left = wasLeader ? "steps down and " : "";
                    if (!leader.equals("none")) {
                        yield left + "follows " + leader + " in term " + term;
                    }
                    if (isNewTerm) {
                        yield left + "enters term " + term;
                    }
                    yield wasLeader ? "steps down" : "follows nobody in term " + term;
                }
            };
        }
    }

    Stand stand() {
        SortedMap<String, String> details = details();
        return new Stand(
                details.getOrDefault("role", ""),
                Long.parseLong(details.getOrDefault("term", "0")),
                details.getOrDefault("leader", "none"),
                Long.parseLong(details.getOrDefault("commit", "0")));
    }

    SortedMap<String, String> details() {
        return running().status().details().read();
    }

    List<String> waiting() {
        return held.stream()
                .map(
                        one ->
                                "%s -> %s %s (waits for the sync of %s)"
                                        .formatted(
                                                id, one.to(), ScenarioWords.of(one.message()), id))
                .toList();
    }

    /// One line: role, term, vote, and the terms of the log's entries.
    String logLine() {
        LeaderRecord.Term term = journal.term();
        ReplicaId vote = journal.vote();
        StringBuilder terms = new StringBuilder();
        long commit = isUp() ? stand().commit() : 0;
        for (ScenarioJournal.Kept kept : journal.log()) {
            long index = kept.entry().index();
            boolean isFirst = terms.isEmpty();
            terms.append(!isFirst ? " " : index <= commit ? "[" : "");
            terms.append(kept.entry().term()).append(kept.isDurable() ? "" : "*");
            terms.append(index == commit ? "]" : "");
        }
        return "%s  %-13s  term %d  vote %s  %s"
                .formatted(
                        id,
                        isUp() ? stand().role() : "down",
                        term == null ? 0 : term.term(),
                        vote == null ? "-" : vote.toString(),
                        snapshot.position() == 0
                                ? terms
                                : "(snapshot of " + snapshot.position() + ") " + terms)
                .stripTrailing();
    }
}

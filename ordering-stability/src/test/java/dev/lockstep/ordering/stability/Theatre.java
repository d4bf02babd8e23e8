package dev.lockstep.ordering.stability;

import dev.lockstep.core.Batch;
import dev.lockstep.core.BatchId;
import dev.lockstep.core.Effect;
import dev.lockstep.core.Epoch;
import dev.lockstep.core.HistoryEntry;
import dev.lockstep.core.Incarnation;
import dev.lockstep.core.Input;
import dev.lockstep.core.Member;
import dev.lockstep.core.Membership;
import dev.lockstep.core.Now;
import dev.lockstep.core.OrderTable;
import dev.lockstep.core.Ordering;
import dev.lockstep.core.OrderingContext;
import dev.lockstep.core.OrderingStatus;
import dev.lockstep.core.Outbox;
import dev.lockstep.core.ReplicaId;
import dev.lockstep.core.wire.Bytes;
import dev.lockstep.ordering.stability.StabilityMessage.Body;

import org.jspecify.annotations.Nullable;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.TreeMap;
import java.util.TreeSet;

/// Members on whom nothing happens by itself: a test says which message arrives, what becomes
/// durable, who crashes and when a clock moves. Members are numbered from 1.
final class Theatre {

    private static final long MS = 1_000_000L;

    /// What true wall clocks show at the beginning.
    private static final long HOUR = 3_600_000 * MS;

    /// A message on its way, or one that waits for its sender's journal.
    private record Letter(int from, int to, StabilityMessage message, long afterSequence) {
        @Override
        public String toString() {
            return "%d -> %d: %s".formatted(from, to, message.brief());
        }
    }

    private static final class Player {
        private @Nullable Ordering<StabilityMessage, StabilityRecord> ordering;
        private final TreeMap<Long, StabilityRecord> journal = new TreeMap<>();

        /// When each record was written.
        private final TreeMap<Long, Long> written = new TreeMap<>();

        private long durable;
        private long readable;
        private final List<String> delivered = new ArrayList<>();
        private final TreeMap<Long, HistoryEntry> history = new TreeMap<>();
        private final List<Long> needs = new ArrayList<>();
        private long nextBatch = 1;
        private int boot = 1;

        /// How far its wall clock is ahead.
        private long ahead;

        /// True if its wall clock stands.
        private boolean stands;

        private long stoodAt;
    }

    private final StabilityProvider provider;
    private final TreeMap<String, String> options = new TreeMap<>();
    private final Membership members;
    private final List<Player> players = new ArrayList<>();
    private final List<Letter> letters = new ArrayList<>();

    /// Pairs of which neither hears the other, the lower number first.
    private final Set<List<Integer>> parted = new HashSet<>();

    private long nanos = MS;

    /// So long a record takes to become durable.
    private long syncNanos;

    /// What members have done since [#takeNews], in words; what their heartbeats say is left out.
    private final List<String> news = new ArrayList<>();

    Theatre(String order, int size, int tolerated, Rules rules) {
        this(order, size, Map.of("tolerated", Integer.toString(tolerated)), rules);
    }

    Theatre(String order, int size, Map<String, String> configured, Rules rules) {
        provider = StabilitySetup.provider(order, rules);
        options.putAll(configured);
        List<Member> list = new ArrayList<>();
        for (int i = 1; i <= size; i++) {
            list.add(new Member(new ReplicaId(i), new Incarnation(1, i)));
        }
        members = new Membership(list);
        for (int i = 1; i <= size; i++) {
            players.add(new Player());
            start(i);
            sync(i);
        }
        news.clear();
    }

    int size() {
        return players.size();
    }

    /// What has happened since the last call.
    List<String> takeNews() {
        List<String> taken = List.copyOf(news);
        news.clear();
        return taken;
    }

    /// Sets a member's wall clock.
    void setClock(int id, long aheadNanos) {
        player(id).ahead = aheadNanos;
        player(id).stands = false;
    }

    /// A member's wall clock stands from now on.
    void stopClock(int id) {
        player(id).stoodAt = wall(player(id));
        player(id).stands = true;
    }

    private long wall(Player player) {
        return player.stands ? player.stoodAt : HOUR + nanos + player.ahead;
    }

    private Player player(int id) {
        return players.get(id - 1);
    }

    private void start(int id) {
        begin(id, provider.create(context(id)));
    }

    private OrderingContext context(int id) {
        return new OrderingContext(
                new ReplicaId(id),
                Epoch.FIRST,
                members,
                new ReplicaId(1),
                new SplittableRandom(id),
                options,
                true);
    }

    private void begin(int id, Ordering<StabilityMessage, StabilityRecord> ordering) {
        Player player = player(id);
        player.ordering = ordering;
        player.delivered.clear();
        step(id, Input.Restored.nothing());
        new TreeMap<>(player.journal)
                .forEach((sequence, record) -> step(id, new Input.Replayed<>(sequence, record)));
        step(id, new Input.Recovered<>());
    }

    private void step(int id, Input<StabilityMessage, StabilityRecord> input) {
        Player player = player(id);
        Ordering<StabilityMessage, StabilityRecord> ordering =
                Objects.requireNonNull(player.ordering);
        ordering.step(
                new Now(nanos, wall(player)),
                input,
                new Outbox<>() {
                    @Override
                    public void emit(Effect<StabilityMessage, StabilityRecord> effect) {
                        carryOut(id, effect);
                    }

                    @Override
                    public long persist(StabilityRecord record) {
                        long next = player.journal.isEmpty() ? 1 : player.journal.lastKey() + 1;
                        player.journal.put(next, record);
                        player.written.put(next, nanos);
                        return next;
                    }
                });
    }

    private void carryOut(int id, Effect<StabilityMessage, StabilityRecord> effect) {
        Player player = player(id);
        switch (effect) {
            case Effect.Send<StabilityMessage, StabilityRecord> send -> {
                Letter letter =
                        new Letter(id, send.to().value(), send.message(), send.afterSequence());
                letters.add(letter);
                if (!(send.message().body() instanceof StabilityMessage.Heartbeat)) {
                    String when = hasLeft(letter) ? "" : " (after its sync)";
                    news.add(letter + when);
                }
            }
            case Effect.Deliver<StabilityMessage, StabilityRecord> deliver -> {
                String text = text(deliver.batch());
                player.delivered.add(text);
                player.history.put(
                        deliver.position(),
                        new HistoryEntry(
                                deliver.position(),
                                deliver.batch(),
                                deliver.timeNanos(),
                                deliver.anchor()));
                news.add(
                        "%d executes %s at %d"
                                .formatted(
                                        id, text.isEmpty() ? "nothing" : text, deliver.position()));
            }
            case Effect.Readable<StabilityMessage, StabilityRecord> readable -> {
                player.readable = readable.barrier();
                news.add("%d may read, of position %d".formatted(id, readable.position()));
            }
            case Effect.NeedHistory<StabilityMessage, StabilityRecord> need ->
                    player.needs.add(need.from());
            default -> {}
        }
    }

    /// The positions from which a member has asked its host for history.
    List<Long> needs(int id) {
        return player(id).needs;
    }

    /// A host hands in history of another member.
    void hand(int id, HistoryEntry entry) {
        step(id, new Input.History<>(List.of(entry)));
    }

    /// What a member has delivered at a position, as its host would hand it to others.
    HistoryEntry history(int id, long position) {
        return Objects.requireNonNull(player(id).history.get(position));
    }

    private static String text(Batch batch) {
        return new String(batch.payload().toByteArray(), StandardCharsets.UTF_8);
    }

    /// Has a member order something.
    void submit(int id, String text) {
        Player player = player(id);
        BatchId batch =
                new BatchId(
                        new ReplicaId(id), new Incarnation(1, id), player.boot, player.nextBatch++);
        Bytes payload = Bytes.wrap(text.getBytes(StandardCharsets.UTF_8));
        step(id, new Input.Submitted<>(Batch.of(batch, nanos, payload)));
    }

    /// From now on everybody's disk takes so long.
    void setDisks(long nanosToSync) {
        syncNanos = nanosToSync;
    }

    /// All that a member has written becomes durable, as far as its disk is fast enough.
    void sync(int id) {
        Player player = player(id);
        long last = player.durable;
        for (Map.Entry<Long, Long> record : player.written.tailMap(last, false).entrySet()) {
            if (nanos - record.getValue() < syncNanos) {
                break;
            }
            last = record.getKey();
        }
        if (player.durable < last) {
            player.durable = last;
            step(id, new Input.Durable<>(last));
        }
    }

    /// The oldest message of a kind from one member to another arrives.
    ///
    /// @return false if there is none that has left
    boolean pass(int from, int to, Class<? extends Body> kind) {
        for (Letter letter : List.copyOf(letters)) {
            boolean isMeant = letter.from == from && letter.to == to;
            if (isMeant && kind.isInstance(letter.message.body()) && hasLeft(letter)) {
                letters.remove(letter);
                step(to, new Input.Received<>(new ReplicaId(from), letter.message));
                return true;
            }
        }
        return false;
    }

    private boolean hasLeft(Letter letter) {
        return letter.afterSequence <= player(letter.from).durable;
    }

    /// Everything that has left and is for somebody who is up arrives, and everything written
    /// becomes durable, until nothing is left to do; messages to and from others than these are
    /// lost.
    void settle(Integer... who) {
        TreeSet<Integer> present = new TreeSet<>(List.of(who));
        letters.removeIf(letter -> !present.contains(letter.from) || !present.contains(letter.to));
        for (int round = 0; round < 1_000; round++) {
            present.forEach(this::sync);
            letters.removeIf(letter -> parted.contains(pair(letter.from, letter.to)));
            Letter next = null;
            for (Letter letter : letters) {
                if (hasLeft(letter)) {
                    next = letter;
                    break;
                }
            }
            if (next == null) {
                return;
            }
            letters.remove(next);
            if (present.contains(next.to) && present.contains(next.from)) {
                step(next.to, new Input.Received<>(new ReplicaId(next.from), next.message));
            }
        }
        throw new AssertionError("they talk for ever: " + letters);
    }

    /// From now on nothing arrives between these two, until they are joined again.
    void part(int one, int other) {
        parted.add(pair(one, other));
    }

    void join(int one, int other) {
        parted.remove(pair(one, other));
    }

    private static List<Integer> pair(int one, int other) {
        return List.of(Math.min(one, other), Math.max(one, other));
    }

    /// Time passes and everybody of these does what is due, for a few seconds.
    void live(Integer... who) {
        for (int i = 0; i < 100; i++) {
            nanos += 30 * MS;
            for (int id : who) {
                tick(id);
            }
            settle(who);
        }
    }

    /// Time passes and nothing is done in it.
    void pass(long someNanos) {
        nanos += someNanos;
    }

    /// A member does what is due.
    void tick(int id) {
        step(id, new Input.TimerFired<>(StabilityTimer.TICK));
        step(id, new Input.TimerFired<>(StabilityTimer.CLOCK));
    }

    /// All messages from one member to another are lost, or all of one kind.
    ///
    /// @return how many
    int lose(int from, int to, Class<? extends Body> kind) {
        int before = letters.size();
        letters.removeIf(
                letter ->
                        letter.from == from
                                && letter.to == to
                                && kind.isInstance(letter.message.body()));
        return before - letters.size();
    }

    /// What a member shows of its commands.
    OrderTable table(int id) {
        return status(id).details().table();
    }

    OrderingStatus status(int id) {
        return Objects.requireNonNull(player(id).ordering).status();
    }

    Overview overview(int id) {
        return (Overview) status(id).details();
    }

    /// A member loses what is not durable, and what it has not sent.
    void crash(int id) {
        Player player = player(id);
        player.journal.tailMap(player.durable, false).clear();
        player.written.tailMap(player.durable, false).clear();
        player.boot++;
        player.nextBatch = 1;
        for (Iterator<Letter> all = letters.iterator(); all.hasNext(); ) {
            Letter letter = all.next();
            if (letter.to == id || (letter.from == id && !hasLeft(letter))) {
                all.remove();
            }
        }
    }

    void restart(int id) {
        start(id);
    }

    /// A member whose journal is all that is left begins with it.
    void restartAlone(int id) {
        begin(id, provider.createAlone(context(id), new Incarnation(1, id)));
    }

    void read(int id, long barrier) {
        step(id, new Input.ReadRequested<>(barrier));
    }

    boolean isReadable(int id, long barrier) {
        return player(id).readable >= barrier;
    }

    List<String> delivered(int id) {
        return player(id).delivered;
    }

    /// Every unique id that a member spoke of or wrote down, of the command that holds this text.
    Set<Long> decided(CommandId id) {
        TreeSet<Long> found = new TreeSet<>();
        for (Player player : players) {
            for (StabilityRecord record : player.journal.values()) {
                if (record instanceof StabilityRecord.Executed executed
                        && executed.mark().id().equals(id)) {
                    found.add(executed.mark().timestamp());
                }
            }
        }
        for (Letter letter : letters) {
            if (letter.message.body() instanceof StabilityMessage.Commit commit
                    && commit.id().equals(id)) {
                found.add(commit.timestamp());
            }
        }
        return found;
    }

    /// A message of the test's own, as if a member had sent it; it says nothing of floors.
    void say(int from, int to, Body body) {
        Header header = new Header(0, 0, Header.NO_BASE, List.of(), 0, 0, 0, nanos);
        step(to, new Input.Received<>(new ReplicaId(from), new StabilityMessage(header, body)));
    }

    /// What a member has on its way to another, oldest first.
    List<Body> onTheWay(int from, int to) {
        List<Body> found = new ArrayList<>();
        for (Letter letter : letters) {
            if (letter.from == from && letter.to == to && hasLeft(letter)) {
                found.add(letter.message.body());
            }
        }
        return found;
    }
}

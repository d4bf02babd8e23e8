package dev.lockstep.ordering.stability;

import dev.lockstep.core.Epoch;
import dev.lockstep.core.FaultModel;
import dev.lockstep.core.HistoryEntry;
import dev.lockstep.core.Incarnation;
import dev.lockstep.core.Member;
import dev.lockstep.core.Membership;
import dev.lockstep.core.ReplicaId;
import dev.lockstep.core.StopSign;
import dev.lockstep.core.authority.Authority;
import dev.lockstep.core.authority.AuthorityQuestion;
import dev.lockstep.core.authority.AuthorityView;
import dev.lockstep.core.wire.Bytes;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.PriorityQueue;
import java.util.Random;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.TreeSet;

/// A simulated fail-stop cluster with its authority: a time of faults, then a time in which all
/// that is left must come to the same.
final class FailStopWorld {

    private static final long MILLI = 1_000_000;
    private static final long STORM_NANOS = 2_500 * MILLI;
    private static final long CALM_NANOS = 30_000 * MILLI;

    private record Event(long at, long order, Runnable action) {}

    private final Random chance;
    private final Coverage coverage;
    private final FailStopGhost ghost = new FailStopGhost();
    private final StopSign first;
    private final Authority authority;
    private final List<FailStopNode> nodes = new ArrayList<>();
    private final SortedMap<String, String> options = new TreeMap<>();
    private final PriorityQueue<Event> events =
            new PriorityQueue<>(
                    Comparator.comparingLong(Event::at).thenComparingLong(Event::order));

    /// Whom messages do not reach, as "from>to"; the authority is 0.
    private final TreeSet<String> cut = new TreeSet<>();

    private final int lossPercent;
    private final int repeatPercent;
    private final int delayNanos;
    private final int diskNanos;
    private long now;
    private long order;
    private boolean isCalm;

    private FailStopWorld(
            String orderName, int size, FailStopRules rules, Coverage coverage, long seed) {
        this.chance = new Random(seed * 0x9E3779B97F4A7C15L);
        this.coverage = coverage;
        List<Member> members = new ArrayList<>();
        for (int i = 1; i <= size; i++) {
            members.add(new Member(new ReplicaId(i), new Incarnation(1, i)));
        }
        first =
                new StopSign(
                        Epoch.FIRST,
                        new Membership(members),
                        FaultModel.FAIL_STOP,
                        orderName,
                        new ReplicaId(1));
        authority = new Authority(first, 150 * MILLI, 0);
        if (chance.nextInt(3) == 0) {
            options.put("in-flight", Integer.toString(1 + chance.nextInt(4)));
        }
        if (chance.nextInt(4) == 0) {
            options.put("retry-interval", "5ms");
        }
        options.put("suspect-timeout", "200ms");
        lossPercent = chance.nextBoolean() ? 0 : chance.nextInt(25);
        repeatPercent = chance.nextInt(15);
        delayNanos = (int) MILLI * (1 + chance.nextInt(chance.nextBoolean() ? 4 : 30));
        diskNanos = (int) MILLI * (1 + chance.nextInt(chance.nextInt(3) == 0 ? 30 : 4));
        FailStopProvider provider = FailStopSetups.provider(orderName, rules);
        provider.checkOptions(options);
        for (Member member : members) {
            nodes.add(new FailStopNode(this, provider, member.id(), first));
        }
    }

    /// @throws RuntimeException if a promise is broken
    static void run(String orderName, int size, FailStopRules rules, Coverage coverage, long seed) {
        try {
            new FailStopWorld(orderName, size, rules, coverage, seed).run();
        } catch (RuntimeException broken) {
            throw new IllegalStateException(
                    orderName
                            + ", "
                            + size
                            + " replicas, seed "
                            + seed
                            + ": "
                            + broken.getMessage(),
                    broken);
        }
    }

    private void run() {
        for (FailStopNode node : nodes) {
            node.skew(chance.nextInt(3) == 0 ? (chance.nextInt(400) - 200) * MILLI : 0);
            node.start();
        }
        after(MILLI, this::tick);
        after(MILLI, this::disturb);
        runUntil(STORM_NANOS);
        calm();
        settle();
        if (chance.nextInt(3) == 0) {
            nodes.get(chance.nextInt(nodes.size())).crash();
            note("one dies in calm");
            submitEverywhere();
            settle();
        }
    }

    private void settle() {
        long until = now + CALM_NANOS;
        while (now < until && !isSettled()) {
            runUntil(now + 20 * MILLI);
        }
        if (!isSettled()) {
            throw FailStopGhost.fail("does not settle: " + words());
        }
    }

    private String words() {
        StringBuilder words = new StringBuilder(authority.view().toString());
        for (FailStopNode node : nodes) {
            words.append(
                    "; %s %s epoch %d log %d open %d %s"
                            .formatted(
                                    node.id(),
                                    node.isAlive() ? "lives" : "is dead",
                                    node.epoch(),
                                    node.log().size(),
                                    node.unfinished(),
                                    node.details()));
        }
        return words.append("; highest ").append(ghost.highest()).toString();
    }

    private void calm() {
        isCalm = true;
        cut.clear();
        FailStopNode dead = nodes.get(chance.nextInt(nodes.size()));
        for (FailStopNode node : nodes) {
            if (!node.isAlive() && node != dead) {
                node.start();
            }
        }
        if (!dead.isAlive()) {
            runUntil(now + 300 * MILLI);
            // Others can go on without it if they hold what it held, says the authority.
            boolean isNeeded =
                    authority.view().pending() != null
                            || nodes.stream()
                                    .noneMatch(
                                            node ->
                                                    node.isAlive()
                                                            && authority
                                                                    .holders()
                                                                    .contains(node.member()));
            if (isNeeded || chance.nextBoolean()) {
                dead.start();
            } else {
                note("one stays dead");
            }
        }
        submitEverywhere();
    }

    private void submitEverywhere() {
        for (FailStopNode node : nodes) {
            if (node.isAlive()) {
                node.submit();
                node.submit();
            }
        }
    }

    /// All that live are members, hold the same, and wait for nothing.
    private boolean isSettled() {
        for (FailStopNode node : nodes) {
            if (node.isAlive()
                    && (!node.isMember()
                            || node.unfinished() > 0
                            || node.hasReads()
                            || node.log().size() != ghost.highest())) {
                return false;
            }
        }
        return authority.view().pending() == null;
    }

    // --- time ---

    long now() {
        return now;
    }

    Random chance() {
        return chance;
    }

    SortedMap<String, String> options() {
        return options;
    }

    StopSign first() {
        return first;
    }

    FailStopGhost ghost() {
        return ghost;
    }

    int diskNanos() {
        return isCalm ? (int) MILLI : diskNanos;
    }

    void note(String what) {
        coverage.note(what);
    }

    void after(long nanos, Runnable action) {
        events.add(new Event(now + nanos, ++order, action));
    }

    private void runUntil(long end) {
        while (!events.isEmpty() && events.peek().at() <= end) {
            Event event = events.remove();
            now = event.at();
            event.action().run();
        }
        now = end;
    }

    private void tick() {
        after(MILLI, this::tick);
        for (FailStopNode node : nodes) {
            node.duty();
            if (node.isAlive() && chance.nextInt(20) == 0) {
                boolean isUpToDate = node.isUpToDate();
                long epoch = node.begun();
                ask(node, new AuthorityQuestion.Heartbeat(epoch, isUpToDate));
            }
        }
    }

    private void disturb() {
        if (isCalm) {
            return;
        }
        after(MILLI, this::disturb);
        FailStopNode node = nodes.get(chance.nextInt(nodes.size()));
        int what = chance.nextInt(1_000);
        if (what < 4) {
            if (node.isAlive()) {
                node.crash();
                note("crashes");
            }
        } else if (what < 24) {
            if (!node.isAlive()) {
                node.start();
            }
        } else if (what < 34) {
            cut(node);
        } else if (what < 54) {
            if (!cut.isEmpty()) {
                cut.remove(new ArrayList<>(cut).get(chance.nextInt(cut.size())));
            }
        } else if (node.isAlive() && what < 254) {
            node.submit();
        } else if (node.isAlive() && what < 334) {
            node.read();
        } else if (node.isAlive() && what < 350) {
            node.snapshot();
        } else if (node.isAlive() && what < 354) {
            node.skew((chance.nextInt(400) - 200) * MILLI);
        }
    }

    private void cut(FailStopNode node) {
        int other = chance.nextInt(nodes.size() + 1);
        cut.add(node.id() + ">" + other);
        if (chance.nextBoolean()) {
            cut.add(other + ">" + node.id());
        }
    }

    // --- network ---

    private void travel(String way, Runnable arrival) {
        if (!isCalm && (cut.contains(way) || chance.nextInt(100) < lossPercent)) {
            return;
        }
        int delay = isCalm ? (int) MILLI : delayNanos;
        after(10_000L + chance.nextInt(delay), arrival);
        if (!isCalm && chance.nextInt(100) < repeatPercent) {
            after(10_000L + chance.nextInt(4 * delay), arrival);
        }
    }

    void carry(ReplicaId from, ReplicaId to, long epoch, Bytes bytes) {
        travel(from + ">" + to, () -> nodes.get(to.value() - 1).receive(from, epoch, bytes));
    }

    void fetchHistory(FailStopNode node, long from) {
        FailStopNode source = nodes.get(chance.nextInt(nodes.size()));
        if (source == node || !source.isAlive() || source.log().size() < from) {
            return;
        }
        int end = (int) Math.min(source.log().size(), from + chance.nextInt(30));
        List<HistoryEntry> entries = List.copyOf(source.log().subList((int) from - 1, end));
        note("history");
        travel(source.id() + ">" + node.id(), () -> node.history(entries));
    }

    void suspect(ReplicaId by, ReplicaId peer) {
        ask(nodes.get(by.value() - 1), new AuthorityQuestion.Suspicion(peer));
    }

    void sealed(ReplicaId by, StopSign next, long attempt) {
        ask(nodes.get(by.value() - 1), new AuthorityQuestion.Sealed(next, attempt));
    }

    private void ask(FailStopNode node, AuthorityQuestion.Word word) {
        travel(
                node.id() + ">0",
                () -> {
                    AuthorityView answer = authority.answer(node.member(), word, now);
                    travel("0>" + node.id(), () -> node.onView(answer));
                });
    }
}

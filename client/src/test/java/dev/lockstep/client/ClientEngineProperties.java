package dev.lockstep.client;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lockstep.client.FakeCluster.Admission;
import dev.lockstep.core.wire.Bytes;
import dev.lockstep.core.wire.ClientRequest.Freshness;

import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.RandomDistribution;
import net.jqwik.api.lifecycle.AfterProperty;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.TreeMap;

/// Whatever the network and the replicas do, what a caller is told is true, is told once, and the
/// session goes on.
class ClientEngineProperties {

    private static final long MS = 1_000_000L;
    private static final EngineOptions OPTIONS =
            new EngineOptions(60_000 * MS, 16, 100 * MS, 10 * MS, 5 * MS, true);

    /// Everything a step may be, by weight; each takes the replica from the same number.
    private enum Step {
        COMMAND,
        QUERY,
        ARRIVE,
        REFUSE,
        FORGET,
        EXECUTE,
        DELIVER,
        CONNECT,
        RESET,
        PREFER,
        PASS,
        EXPIRE
    }

    /// How often each outcome was told, all tries together.
    private static final Map<Outcome, Integer> MET = new EnumMap<>(Outcome.class);

    private static final Step[] WEIGHTED = weighted();

    @Property(tries = 2_000)
    void whatIsToldIsTrueAndToldOnce(@ForAll("schedules") List<Integer> steps) {
        new Run().play(steps);
    }

    /// A schedule that never leads to an outcome proves nothing of it.
    @AfterProperty
    void everyOutcomeWasMet() {
        assertThat(MET)
                .containsOnlyKeys(
                        Outcome.OK,
                        Outcome.REFUSED,
                        Outcome.OVERLOADED,
                        Outcome.SESSION_EXPIRED,
                        Outcome.UNKNOWN,
                        Outcome.UNAVAILABLE);
        assertThat(MET.values()).allMatch(times -> times > 100);
    }

    @Provide
    Arbitrary<List<Integer>> schedules() {
        return Arbitraries.integers()
                .between(0, 1_000_000)
                .withDistribution(RandomDistribution.uniform())
                .withoutEdgeCases()
                .list()
                .ofMinSize(20)
                .ofMaxSize(400);
    }

    private static final class Run {

        private final FakeCluster cluster = new FakeCluster();
        private final ClientEngine engine =
                new ClientEngine(OPTIONS, new int[] {1, 2, 3}, cluster, new SplittableRandom(1));
        private final Map<String, List<Outcome>> told = new TreeMap<>();
        private final Map<String, String> replies = new TreeMap<>();
        private final List<String> issued = new ArrayList<>();
        private int queries;
        private int resets;
        private int refusals;
        private long now;

        void play(List<Integer> steps) {
            engine.advance(now);
            for (int step : steps) {
                take(step, steps.size() > 200);
            }
            heal();

            checkTruth();
            checkNumbers();
            assertThat(cluster.isQuiet()).isTrue();
            if (!cluster.expired) {
                assertThat(told.get("last")).containsExactly(Outcome.OK);
            }
        }

        private void take(int choice, boolean mayExpire) {
            Step step = WEIGHTED[choice % WEIGHTED.length];
            int detail = choice / WEIGHTED.length;
            int replica = 1 + detail % FakeCluster.REPLICAS;
            switch (step) {
                case COMMAND ->
                        command((detail % 7 == 0 ? "huge" : "c") + issued.size(), detail % 300);
                case QUERY -> query(detail % 300);
                case ARRIVE -> cluster.arrive(replica, Admission.ADMIT);
                case REFUSE -> {
                    refusals++;
                    cluster.arrive(
                            replica,
                            detail % 2 == 0 ? Admission.OVERLOADED : Admission.UNAVAILABLE);
                }
                case FORGET -> {
                    refusals++;
                    cluster.arrive(replica, Admission.ADMIT_AND_FORGET);
                }
                case EXECUTE -> cluster.execute();
                case DELIVER -> {
                    cluster.deliver(replica, now, engine);
                    engine.advance(now);
                }
                case CONNECT -> {
                    if (cluster.dialled[replica]) {
                        cluster.accept(replica);
                        engine.onConnected(now, replica);
                    }
                }
                case RESET -> {
                    if (cluster.dialled[replica] || cluster.up[replica]) {
                        resets++;
                        cluster.reset(replica);
                        engine.onDisconnected(now, replica);
                    }
                }
                case PREFER -> engine.onPreferredEntry(replica);
                case PASS -> pass(1 + detail % 50);
                case EXPIRE -> cluster.expired |= mayExpire && detail % 20 == 0;
            }
        }

        private void command(String text, int deadlineMillis) {
            issued.add(text);
            engine.command(
                    now,
                    text.getBytes(StandardCharsets.UTF_8),
                    now + deadlineMillis * MS,
                    teller(text));
        }

        private void query(int deadlineMillis) {
            String text = "q" + queries++;
            engine.query(
                    now,
                    Bytes.wrap(text.getBytes(StandardCharsets.UTF_8)),
                    Freshness.LINEARIZABLE,
                    now + deadlineMillis * MS,
                    teller(text));
        }

        private Completion teller(String text) {
            return (outcome, position, bytes, offset, length) -> {
                MET.merge(outcome, 1, Integer::sum);
                told.computeIfAbsent(text, _ -> new ArrayList<>()).add(outcome);
                replies.put(text, new String(bytes, offset, length, StandardCharsets.UTF_8));
            };
        }

        private void pass(int millis) {
            long end = now + millis * MS;
            int calls = 0;
            while (engine.nextDeadlineNanos() <= end) {
                now = Math.max(now, engine.nextDeadlineNanos());
                engine.advance(now);
                assertThat(++calls).as("calls of advance in %s ms", millis).isLessThan(1_000);
            }
            now = end;
        }

        /// From now on everything works, for long enough; then one more command is issued.
        private void heal() {
            work(4_000);
            command("last", 30_000);
            work(2_000);
            engine.close(now);
            work(200);
            engine.abandon();
            work(10);
        }

        private void work(int millis) {
            for (int i = 0; i < millis; i += 10) {
                for (int replica = 1; replica <= FakeCluster.REPLICAS; replica++) {
                    if (cluster.dialled[replica]) {
                        cluster.accept(replica);
                        engine.onConnected(now, replica);
                    }
                    while (!cluster.requests.get(replica).isEmpty()) {
                        cluster.arrive(replica, Admission.ADMIT);
                        cluster.execute();
                    }
                    cluster.execute();
                    while (!cluster.replies.get(replica).isEmpty()) {
                        cluster.deliver(replica, now, engine);
                    }
                }
                engine.advance(now);
                pass(10);
            }
            while (!cluster.isQuiet()) {
                for (int replica = 1; replica <= FakeCluster.REPLICAS; replica++) {
                    cluster.arrive(replica, Admission.ADMIT);
                    cluster.execute();
                    cluster.deliver(replica, now, engine);
                }
            }
        }

        private void checkTruth() {
            assertThat(told.keySet()).hasSize(issued.size() + queries);
            told.forEach((text, outcomes) -> assertThat(outcomes).as(text).hasSize(1));
            assertThat(new HashSet<>(cluster.executed)).hasSameSizeAs(cluster.executed);
            List<String> order = new ArrayList<>(issued);
            order.retainAll(cluster.executed);
            assertThat(cluster.executed).isEqualTo(order);
            for (String text : issued) {
                switch (told.getOrDefault(text, List.of()).getFirst()) {
                    case OK -> {
                        assertThat(cluster.executed).contains(text);
                        assertThat(replies.get(text)).isEqualTo("did " + text);
                    }
                    case REFUSED, OVERLOADED, SESSION_EXPIRED, UNAVAILABLE ->
                            assertThat(cluster.executed).doesNotContain(text);
                    case UNKNOWN -> {}
                    case SERVICE_FAILURE -> throw new AssertionError(text);
                }
            }
        }

        /// Never two commands under one number, and no storm: each copy has a cause.
        private void checkNumbers() {
            long seconds = now / (1_000 * MS) + 1;
            cluster.sent.forEach(
                    (number, copies) -> {
                        List<String> distinct = copies.stream().distinct().toList();
                        assertThat(distinct.stream().filter(text -> !text.equals("skip")))
                                .as("number %s", number)
                                .hasSizeLessThan(2);
                        if (distinct.size() == 2) {
                            assertThat(copies.subList(copies.indexOf("skip"), copies.size()))
                                    .containsOnly("skip");
                        }
                        assertThat((long) copies.size())
                                .as("copies of number %s", number)
                                .isLessThan(3 + resets + refusals + 10 * seconds);
                    });
        }
    }

    private static Step[] weighted() {
        List<Step> steps = new ArrayList<>();
        for (Step step : Step.values()) {
            int weight =
                    switch (step) {
                        case COMMAND -> 8;
                        case ARRIVE, EXECUTE, DELIVER -> 10;
                        case CONNECT -> 6;
                        case QUERY, PASS -> 3;
                        case REFUSE, RESET -> 2;
                        case FORGET, PREFER, EXPIRE -> 1;
                    };
            for (int i = 0; i < weight; i++) {
                steps.add(step);
            }
        }
        return steps.toArray(Step[]::new);
    }
}

package dev.lockstep.testkit.history;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;

/// The checker against a judge that shares nothing with it, on small histories of every word that
/// the models have: few values and keys, results of which most, but not all, can be, outcomes that
/// nobody learnt, sessions that overlap, many things at one moment.
class PlainJudgeTest {

    private static final int ROUNDS = Integer.getInteger("judge.rounds", 20_000);

    @ParameterizedTest
    @EnumSource
    void agreesWithTheChecker(HistoryModel model) {
        LinearizabilityChecker checker = new LinearizabilityChecker(model.model());
        int good = 0;
        for (int seed = 0; seed < ROUNDS; seed++) {
            List<Operation> history = arbitrary(model, new SplittableRandom(seed));
            boolean expected = PlainJudge.accepts(model, history);
            assertThat(checker.check(history).holds())
                    .as("seed %d, %s", seed, history)
                    .isEqualTo(expected);
            good += expected ? 1 : 0;
        }
        // Both answers were common.
        assertThat(good).isBetween(ROUNDS / 20, ROUNDS * 19 / 20);
    }

    private static List<Operation> arbitrary(HistoryModel model, SplittableRandom random) {
        int count = 1 + random.nextInt(9);
        int moments = 3 + random.nextInt(30);
        int longest = 1 + random.nextInt(moments);
        int unknown = random.nextInt(60);
        int sessions = 1 + random.nextInt(4);
        int keys = model == HistoryModel.LIST_APPEND ? 1 : 1 + random.nextInt(2);
        List<Operation> history = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            long invoked = random.nextInt(moments);
            long session = random.nextInt(sessions + 1);
            String[] words = words(model, random);
            if (model == HistoryModel.LOCK && words[1].isEmpty() && session == 0) {
                session = 1;
            }
            if (random.nextInt(60) == 0 && !words[0].equals("txn")) {
                words[2] = "5";
            }
            String key = "k" + random.nextInt(keys);
            history.add(
                    random.nextInt(100) < unknown
                            ? Operation.unknown(session, key, words[0], words[1], invoked)
                            : new Operation(
                                    session,
                                    key,
                                    words[0],
                                    words[1],
                                    words[2],
                                    invoked,
                                    invoked + random.nextInt(longest)));
        }
        return history;
    }

    private static String[] words(HistoryModel model, SplittableRandom random) {
        return switch (model) {
            case KV -> keyValue(random);
            case REGISTER ->
                    switch (random.nextInt(4)) {
                        case 0 -> words("write", value(random), "ok");
                        case 1 ->
                                words(
                                        "cas",
                                        valueOrNone(random) + " " + value(random),
                                        yes(random));
                        default -> words("read", "", valueOrNone(random));
                    };
            case COUNTER -> {
                String difference = "" + (random.nextInt(4) - 1);
                String number = "" + (random.nextInt(5) - 1);
                yield switch (random.nextInt(4)) {
                    case 0 -> words("add", difference, number);
                    case 1 -> words("add", difference, "ok");
                    case 2 -> words("get-and-add", difference, number);
                    default -> words("read", "", number);
                };
            }
            case LOCK ->
                    words(
                            random.nextInt(5) < 3 ? "acquire" : "release",
                            random.nextInt(3) == 0 ? value(random) : "",
                            random.nextInt(4) == 0 ? "no" : "ok");
            case LIST_APPEND -> list(random);
        };
    }

    private static String[] keyValue(SplittableRandom random) {
        return switch (random.nextInt(12)) {
            case 0, 1 -> words("set", value(random), "ok");
            case 2 -> words("setnx", value(random), bit(random));
            case 3 -> words("getset", value(random), valueOrNone(random));
            case 4 -> words("del", "", random.nextInt(3) == 0 ? "ok" : bit(random));
            case 5 -> words("append", value(random), "" + (1 + random.nextInt(3)));
            case 6, 7 ->
                    words(
                            "add",
                            "" + (random.nextInt(4) - 1),
                            random.nextInt(3) == 0 ? "ok" : "" + random.nextInt(4));
            case 8 -> words("cas", valueOrNone(random) + " " + value(random), yes(random));
            default -> words("get", "", valueOrNone(random));
        };
    }

    private static String[] list(SplittableRandom random) {
        switch (random.nextInt(5)) {
            case 0, 1:
                return words("append", value(random), "ok");
            case 2:
                return words("read", "", elements(random));
            default:
                List<String> parts = new ArrayList<>();
                List<String> results = new ArrayList<>();
                int count = 1 + random.nextInt(3);
                for (int i = 0; i < count; i++) {
                    String list = random.nextInt(3) == 0 ? "other" : "k0";
                    boolean isAppend = random.nextBoolean();
                    parts.add(isAppend ? "append " + list + " " + value(random) : "read " + list);
                    results.add(isAppend ? "ok" : elements(random));
                }
                return words("txn", String.join("; ", parts), String.join("; ", results));
        }
    }

    private static String elements(SplittableRandom random) {
        int count = random.nextInt(3);
        List<String> values = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            values.add(value(random));
        }
        return "[" + String.join(" ", values) + "]";
    }

    private static String[] words(String function, String argument, String result) {
        return new String[] {function, argument, result};
    }

    private static String value(SplittableRandom random) {
        return random.nextInt(8) == 0 ? "a" : Integer.toString(1 + random.nextInt(2));
    }

    private static String valueOrNone(SplittableRandom random) {
        return random.nextInt(4) == 0 ? Operation.NIL : value(random);
    }

    private static String yes(SplittableRandom random) {
        return random.nextInt(3) == 0 ? "no" : "ok";
    }

    private static String bit(SplittableRandom random) {
        return random.nextBoolean() ? "1" : "0";
    }
}

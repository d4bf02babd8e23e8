package dev.lockstep.testkit.history;

import org.jspecify.annotations.Nullable;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Collectors;

/// Says in the words of [ListAppendModel] what Jepsen's transactions `[[:append 1 2] [:r 3 nil]]`
/// say. Lists that are linked by transactions are one object.
final class JepsenTransactions {

    private static final int MOST_NAMED = 4;

    /// Each key's leader towards the one that stands for its object.
    private final Map<String, String> leaders = new HashMap<>();

    private record Part(boolean isAppend, String key, @Nullable Object value) {}

    List<Operation> operations(List<JepsenFile.Pair> pairs) throws Edn.Malformed {
        List<List<Part>> invoked = new ArrayList<>();
        for (JepsenFile.Pair pair : pairs) {
            List<Part> parts = parts(pair, pair.invocation().value());
            parts.forEach(part -> join(parts.getFirst().key(), part.key()));
            invoked.add(parts);
        }
        Map<String, String> names = names();
        Set<Long> reused = JepsenWords.reused(pairs);
        List<Operation> operations = new ArrayList<>();
        for (int i = 0; i < pairs.size(); i++) {
            List<Part> parts = invoked.get(i);
            if (!parts.isEmpty()) {
                String leader = leaderOf(parts.getFirst().key());
                String name = names.getOrDefault(leader, leader);
                operations.add(operation(pairs.get(i), parts, reused, name));
            }
        }
        return operations;
    }

    private static Operation operation(
            JepsenFile.Pair pair, List<Part> parts, Set<Long> reused, String name)
            throws Edn.Malformed {
        List<String> argument =
                parts.stream()
                        .map(
                                part ->
                                        part.isAppend()
                                                ? "append "
                                                        + part.key()
                                                        + " "
                                                        + JepsenWords.text(part.value())
                                                : "read " + part.key())
                        .toList();
        return JepsenWords.operation(
                pair,
                reused,
                name,
                "txn",
                ListAppendModel.join(argument),
                pair.isOk() ? result(pair, parts) : null);
    }

    private static String result(JepsenFile.Pair pair, List<Part> invoked) throws Edn.Malformed {
        List<Part> ended = parts(pair, pair.end() == null ? null : pair.end().value());
        if (ended.size() != invoked.size()) {
            throw JepsenWords.malformed(pair, "returns another number of parts");
        }
        List<String> results = new ArrayList<>();
        for (int i = 0; i < ended.size(); i++) {
            Part part = ended.get(i);
            if (part.isAppend() != invoked.get(i).isAppend()
                    || !part.key().equals(invoked.get(i).key())) {
                throw JepsenWords.malformed(pair, "returns other parts than it was called with");
            }
            results.add(part.isAppend() ? "ok" : JepsenWords.list(pair, part.value()));
        }
        return ListAppendModel.join(results);
    }

    private static List<Part> parts(JepsenFile.Pair pair, @Nullable Object value)
            throws Edn.Malformed {
        if (!(value instanceof List<?> list)) {
            throw JepsenWords.malformed(pair, "needs a transaction such as [[:append 1 2]]");
        }
        List<Part> parts = new ArrayList<>();
        for (Object one : list) {
            String word = one instanceof List<?> part && part.size() == 3 ? "" + part.get(0) : "";
            if (!word.equals(":append") && !word.equals(":r")) {
                throw JepsenWords.malformed(
                        pair, "has a part that is neither [:append key value] nor [:r key list]");
            }
            List<?> part = (List<?>) one;
            String key = JepsenWords.word(pair, JepsenWords.text(part.get(1)));
            parts.add(new Part(word.equals(":append"), key, part.get(2)));
            if (word.equals(":append")) {
                JepsenWords.word(pair, JepsenWords.text(part.get(2)));
            }
        }
        return parts;
    }

    private String leaderOf(String key) {
        String leader = key;
        for (String next = leaders.get(leader); next != null; next = leaders.get(leader)) {
            leader = next;
        }
        if (!leader.equals(key)) {
            leaders.put(key, leader);
        }
        return leader;
    }

    private void join(String one, String other) {
        String first = leaderOf(one);
        String second = leaderOf(other);
        if (!first.equals(second)) {
            leaders.put(second, first);
        }
    }

    /// Names of objects by their leaders: their keys, or some of them, which no other object has.
    private Map<String, String> names() {
        Map<String, Set<String>> members = new TreeMap<>();
        for (String key : List.copyOf(leaders.keySet())) {
            String leader = leaderOf(key);
            members.computeIfAbsent(leader, _ -> new TreeSet<>(Set.of(leader))).add(key);
        }
        Map<String, String> names = new HashMap<>();
        members.forEach((leader, keys) -> names.put(leader, name(keys)));
        return names;
    }

    private static String name(Set<String> keys) {
        String some = keys.stream().limit(MOST_NAMED).collect(Collectors.joining("+"));
        int left = keys.size() - MOST_NAMED;
        return left > 0 ? some + "+" + left + " more" : some;
    }
}

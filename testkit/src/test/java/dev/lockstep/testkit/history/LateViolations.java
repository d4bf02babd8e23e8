package dev.lockstep.testkit.history;

import java.util.ArrayList;
import java.util.List;

/// Ends of histories that are wrong whatever came before.
final class LateViolations {

    private LateViolations() {}

    /// The history with operations behind it of which the last contradicts the others.
    static List<Operation> append(HistoryModel model, List<Operation> good) {
        long end =
                good.stream()
                        .mapToLong(one -> one.isComplete() ? one.returnedAt() : one.invokedAt())
                        .max()
                        .orElse(0);
        List<Operation> bad = new ArrayList<>(good);
        String[][] calls =
                switch (model) {
                    case KV ->
                            new String[][] {
                                {"set", "a", "ok"}, {"set", "b", "ok"}, {"get", "", "a"}
                            };
                    case REGISTER ->
                            new String[][] {
                                {"write", "a", "ok"}, {"write", "b", "ok"}, {"read", "", "a"}
                            };
                    case COUNTER -> new String[][] {{"add", "100000", "ok"}, {"read", "", "-1"}};
                    case LOCK -> new String[][] {{"release", "z", "no"}, {"release", "z", "ok"}};
                    case LIST_APPEND -> new String[][] {{"append", "a", "ok"}, {"read", "", "[]"}};
                };
        for (String[] call : calls) {
            end += 2;
            bad.add(new Operation(99, "k0", call[0], call[1], call[2], end, end + 1));
        }
        return bad;
    }
}

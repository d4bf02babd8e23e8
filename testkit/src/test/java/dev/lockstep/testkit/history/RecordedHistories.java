package dev.lockstep.testkit.history;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.locks.LockSupport;

/// Histories of threads that really run at the same time on a map that is linearizable.
///
/// Each waits for a while before and after an operation takes effect, as if it were far away, so
/// that all of them have an operation open nearly all the time.
final class RecordedHistories {

    private static final long MOST_WAIT_NANOS = 200_000;

    /// @param writes percent of operations that write blindly; a quarter of the rest are
    /// conditional
    /// @param lost one operation in so many loses its reply, and half of those their effect; 0 for
    ///     none
    record Shape(String name, int operations, int clients, int keys, int writes, int lost) {}

    private RecordedHistories() {}

    static List<Operation> record(Shape shape, long seed) throws InterruptedException {
        HistoryRecorder recorder = new HistoryRecorder();
        ConcurrentMap<String, String> map = new ConcurrentHashMap<>();
        SplittableRandom seeds = new SplittableRandom(seed);
        try (ExecutorService clients = Executors.newVirtualThreadPerTaskExecutor()) {
            for (int client = 1; client <= shape.clients(); client++) {
                int number = client;
                SplittableRandom random = seeds.split();
                clients.execute(
                        () -> {
                            for (int i = number; i <= shape.operations(); i += shape.clients()) {
                                call(shape, recorder, map, random, number, i);
                            }
                        });
            }
        }
        return recorder.operations();
    }

    private static void call(
            Shape shape,
            HistoryRecorder recorder,
            ConcurrentMap<String, String> map,
            SplittableRandom random,
            int client,
            int number) {
        String key = "k" + random.nextInt(shape.keys());
        int draw = random.nextInt(100);
        boolean lost = shape.lost() > 0 && random.nextInt(shape.lost()) == 0;
        String function =
                draw < shape.writes()
                        ? "set"
                        : draw < shape.writes() + (100 - shape.writes()) / 8
                                ? "cas"
                                : draw < shape.writes() + (100 - shape.writes()) / 4
                                        ? "del"
                                        : "get";
        String argument =
                switch (function) {
                    case "set" -> Integer.toString(number);
                    case "cas" -> map.getOrDefault(key, Operation.NIL) + " " + number;
                    default -> "";
                };
        HistoryRecorder.Call call = recorder.invoke(client, key, function, argument);
        pause(random);
        if (!lost || random.nextBoolean()) {
            String result = apply(map, key, function, argument);
            pause(random);
            if (!lost) {
                call.returned(result);
            }
        }
    }

    private static String apply(
            ConcurrentMap<String, String> map, String key, String function, String argument) {
        switch (function) {
            case "get" -> {
                return map.getOrDefault(key, Operation.NIL);
            }
            case "set" -> {
                map.put(key, argument);
                return "ok";
            }
            case "del" -> {
                return map.remove(key) == null ? "0" : "1";
            }
            case "cas" -> {
                String[] values = argument.split(" ", -1);
                boolean swapped =
                        values[0].equals(Operation.NIL)
                                ? map.putIfAbsent(key, values[1]) == null
                                : map.replace(key, values[0], values[1]);
                return swapped ? "ok" : "no";
            }
            default -> throw new IllegalArgumentException(function);
        }
    }

    private static void pause(SplittableRandom random) {
        LockSupport.parkNanos(random.nextLong(MOST_WAIT_NANOS));
    }

    /// Writes the histories of `docs/checker.md` into the directory that is named.
    public static void main(String[] arguments) throws IOException, InterruptedException {
        Path directory = Path.of(arguments[0]);
        int operations = arguments.length > 1 ? Integer.parseInt(arguments[1]) : 100_000;
        for (Shape shape : shapes(operations)) {
            List<Operation> history = record(shape, 1);
            HistoryFile.write(directory.resolve(shape.name() + ".history"), history);
        }
    }

    static List<Shape> shapes(int operations) {
        return List.of(
                new Shape("10-clients-10000-keys", operations, 10, 10_000, 50, 0),
                new Shape("10-clients-10-keys", operations, 10, 10, 50, 0),
                new Shape("10-clients-10-keys-lost", operations, 10, 10, 50, 1_000),
                new Shape("50-clients-10-keys", operations, 50, 10, 50, 0),
                new Shape("50-clients-1-key-reads", operations, 50, 1, 10, 0),
                new Shape("50-clients-1-key", operations, 50, 1, 50, 0),
                new Shape("50-clients-1-key-writes", operations, 50, 1, 90, 0),
                new Shape("50-clients-1-key-lost", operations, 50, 1, 50, 1_000));
    }
}

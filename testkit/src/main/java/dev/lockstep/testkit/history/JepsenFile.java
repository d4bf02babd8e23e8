package dev.lockstep.testkit.history;

import org.jspecify.annotations.Nullable;

import java.io.BufferedReader;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/// Reads the histories that Jepsen writes: `history.edn`, one map an event, on lines of their own
/// or in one vector.
///
/// An event has `:type` (`:invoke`, `:ok`, `:fail` or `:info`), `:process`, `:f` and `:value`. What
/// failed did not happen; what ended with `:info`, or not at all, may have happened at any time
/// since. Events of processes that are no numbers, such as the nemesis, are skipped. Events are in
/// the order of `:time` if all have one, else, and where times are equal, in that of the file; an
/// operation's times are the places of its events in that order. The session of an operation is
/// its process plus one.
///
/// If every invocation has a value of two parts, `[key value]`, the keys are independent objects.
public final class JepsenFile {

    /// One event as it stands in the file.
    ///
    /// @param line the line on which it ends
    record Event(
            long line,
            String type,
            long process,
            String function,
            @Nullable Object value,
            @Nullable Long time) {}

    /// An invocation and what came of it.
    ///
    /// @param end null if it has none
    record Pair(Event invocation, long invokedAt, @Nullable Event end, long endedAt) {

        boolean isOk() {
            return end != null && end.type().equals(":ok");
        }

        boolean isFailed() {
            return end != null && end.type().equals(":fail");
        }
    }

    private JepsenFile() {}

    /// Reads a history of one of Lockstep's models.
    ///
    /// @throws IOException if the file cannot be read, or, naming the line, if it is no history of
    ///     that model
    public static List<Operation> read(Path file, HistoryModel model) throws IOException {
        try (BufferedReader in = Files.newBufferedReader(file)) {
            List<Pair> pairs = pair(events(new Edn(in)));
            return new JepsenWords(model).operations(pairs);
        } catch (Edn.Malformed malformed) {
            throw new IOException(file + " " + malformed.getMessage(), malformed);
        }
    }

    private static List<Event> events(Edn edn) throws IOException {
        List<Event> events = new ArrayList<>();
        boolean isVector = edn.takes('[') || edn.takes('(');
        while (!edn.isAtEnd()) {
            if (isVector && (edn.takes(']') || edn.takes(')'))) {
                if (!edn.isAtEnd()) {
                    throw new Edn.Malformed(edn.line(), "something follows the history");
                }
                return inOrder(events);
            }
            Event event = event(edn.next(), edn.line());
            if (event != null) {
                events.add(event);
            }
        }
        if (isVector) {
            throw new Edn.Malformed(edn.line(), "the file ends in the middle of the history");
        }
        return inOrder(events);
    }

    /// Null if it is none of a client.
    private static @Nullable Event event(@Nullable Object value, long line) throws Edn.Malformed {
        if (!(value instanceof Map<?, ?> map)) {
            throw new Edn.Malformed(line, "an event is a map, this is " + brief(value));
        }
        Object process = map.get(new Edn.Word(":process"));
        if (!(process instanceof Long number)) {
            if (process == null) {
                throw new Edn.Malformed(line, "an event has no :process: " + brief(value));
            }
            if (process instanceof Edn.Word word && word.isNumber()) {
                throw new Edn.Malformed(line, "there is no process " + brief(process));
            }
            return null;
        }
        if (number < 0 || number == Long.MAX_VALUE) {
            throw new Edn.Malformed(line, "there is no process " + number);
        }
        String type = String.valueOf(map.get(new Edn.Word(":type")));
        if (!List.of(":invoke", ":ok", ":fail", ":info").contains(type)) {
            throw new Edn.Malformed(
                    line, "a :type is :invoke, :ok, :fail or :info, this is " + type);
        }
        if (!(map.get(new Edn.Word(":f")) instanceof Edn.Word function)) {
            throw new Edn.Malformed(line, "an event has no :f: " + brief(value));
        }
        Object time = map.get(new Edn.Word(":time"));
        return new Event(
                line,
                type,
                number,
                function.text().substring(function.text().startsWith(":") ? 1 : 0),
                map.get(new Edn.Word(":value")),
                time instanceof Long nanos ? nanos : null);
    }

    private static String brief(@Nullable Object value) {
        String text = Edn.write(value);
        return text.length() <= 80 ? text : text.substring(0, 80) + "…";
    }

    private static List<Event> inOrder(List<Event> events) {
        List<Event> sorted = new ArrayList<>(events);
        if (events.stream().allMatch(event -> event.time() != null)) {
            sorted.sort(Comparator.comparing(event -> event.time() == null ? 0 : event.time()));
        }
        return sorted;
    }

    private static List<Pair> pair(List<Event> events) throws Edn.Malformed {
        List<Pair> pairs = new ArrayList<>();
        Map<Long, Integer> open = new HashMap<>();
        for (int i = 0; i < events.size(); i++) {
            Event event = events.get(i);
            Integer at = open.remove(event.process());
            if (event.type().equals(":invoke")) {
                if (at != null) {
                    throw new Edn.Malformed(
                            event.line(),
                            "process %d invokes while its operation of line %d is open"
                                    .formatted(event.process(), pairs.get(at).invocation().line()));
                }
                open.put(event.process(), pairs.size());
                pairs.add(new Pair(event, i, null, Long.MAX_VALUE));
            } else if (at == null) {
                throw new Edn.Malformed(
                        event.line(),
                        "process %d has %s of what it did not invoke"
                                .formatted(event.process(), event.type()));
            } else {
                Pair pair = pairs.get(at);
                if (!pair.invocation().function().equals(event.function())) {
                    throw new Edn.Malformed(
                            event.line(),
                            "process %d invoked :%s and ends :%s"
                                    .formatted(
                                            event.process(),
                                            pair.invocation().function(),
                                            event.function()));
                }
                pairs.set(at, new Pair(pair.invocation(), pair.invokedAt(), event, i));
            }
        }
        return pairs;
    }
}

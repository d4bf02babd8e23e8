package dev.lockstep.testkit.simulator;

import dev.lockstep.testkit.simulator.Happening.Sign;

import org.jspecify.annotations.Nullable;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.TreeSet;

/// What a [Diagram] shows: the part of a run that is in its window, put together from what the
/// trace kept.
final class DiagramScene {

    /// A message on its way.
    static final class Message {
        final long sentAt;
        final int from;
        final int to;
        String kind = "other";
        String label = "";
        String text = "between hosts";
        final List<Long> arrivals = new ArrayList<>();

        /// When it was lost, or [Chance#NEVER].
        long lostAt = Chance.NEVER;

        Message(long sentAt, int from, int to) {
            this.sentAt = sentAt;
            this.from = from;
            this.to = to;
        }

        boolean isLost() {
            return arrivals.isEmpty() && lostAt < Chance.NEVER;
        }

        boolean says(Message other) {
            return kind.equals(other.kind)
                    && label.equals(other.label)
                    && isLost() == other.isLost();
        }

        private long lastAt() {
            return arrivals.isEmpty() ? isLost() ? lostAt : sentAt : Collections.max(arrivals);
        }
    }

    /// Things of one sign that happen on one line at one moment.
    record Spot(long atNanos, int line, Sign sign, List<String> texts) {}

    /// A stretch of a line's time.
    record Stretch(int line, long fromNanos, long toNanos) {}

    /// A time in which something is cut off.
    record Band(long fromNanos, long toNanos, String text) {}

    final String outcome;
    final boolean isBroken;

    /// Where the promise was broken, or [World#NOBODY].
    final int brokenLine;

    final long brokenAt;
    final List<String> names = new ArrayList<>();

    /// The numbers of the lines that are shown.
    final List<Integer> lines = new ArrayList<>();

    final List<Message> messages = new ArrayList<>();
    final List<Spot> spots = new ArrayList<>();
    final List<Stretch> running = new ArrayList<>();
    final List<Stretch> leading = new ArrayList<>();
    final List<Stretch> standing = new ArrayList<>();
    final List<Band> bands = new ArrayList<>();

    /// Every moment at which something is drawn.
    final TreeSet<Long> moments = new TreeSet<>();

    /// How many messages are left out because they say what the one before them on the same way
    /// said.
    int repetitions;

    long fromNanos;
    long toNanos;

    private final int replicas;

    private DiagramScene(World world, String outcome, boolean isBroken) {
        this.outcome = outcome;
        this.isBroken = isBroken;
        this.brokenLine = isBroken ? world.acting : World.NOBODY;
        this.brokenAt = world.nowNanos();
        this.replicas = world.nodes.size();
        world.nodes.forEach(node -> names.add(node.toString()));
        for (int i = 0; i < world.clients.size(); i++) {
            names.add("client " + i);
        }
    }

    /// @param isBroken true if the run ended because a promise was broken
    static DiagramScene of(World world, String outcome, boolean isBroken, DiagramWindow window) {
        DiagramScene scene = new DiagramScene(world, outcome, isBroken);
        List<Happening> happenings = world.trace.happenings();
        List<Message> all = messages(happenings);
        List<Message> sent = withoutRepetitions(all);
        List<Spot> noted = spots(happenings);
        scene.choose(window, sent, noted);
        scene.keepWhatIsInside(sent, noted);
        scene.repetitions = scene.countInside(all) - scene.countInside(sent);
        scene.stretch(happenings);
        scene.cut(happenings);
        scene.chooseLines();
        scene.collectMoments();
        return scene;
    }

    private static List<Message> messages(List<Happening> happenings) {
        TreeMap<Long, Message> byNumber = new TreeMap<>();
        for (Happening happening : happenings) {
            switch (happening) {
                case Happening.Sent sent ->
                        byNumber.put(
                                sent.number(), new Message(sent.atNanos(), sent.from(), sent.to()));
                case Happening.Named named -> {
                    Message message = byNumber.get(named.number());
                    if (message != null) {
                        message.kind = named.kind();
                        message.label = named.label();
                        message.text = named.text();
                    }
                }
                case Happening.Arrived arrived -> {
                    Message message = byNumber.get(arrived.number());
                    if (message != null) {
                        message.arrivals.add(arrived.atNanos());
                    }
                }
                case Happening.Lost lost -> {
                    Message message = byNumber.get(lost.number());
                    if (message != null) {
                        message.lostAt = lost.atNanos();
                    }
                }
                case Happening.Noted _,
                        Happening.Paused _,
                        Happening.Cut _,
                        Happening.Mended _ -> {}
            }
        }
        return new ArrayList<>(byNumber.values());
    }

    private static List<Message> withoutRepetitions(List<Message> all) {
        TreeMap<Integer, Message> before = new TreeMap<>();
        List<Message> kept = new ArrayList<>();
        for (Message message : all) {
            Message last = before.put(message.from * 1_000 + message.to, message);
            if (last == null || !message.says(last) || message.arrivals.size() > 1) {
                kept.add(message);
            }
        }
        return kept;
    }

    private static List<Spot> spots(List<Happening> happenings) {
        List<Spot> spots = new ArrayList<>();
        for (Happening happening : happenings) {
            if (happening instanceof Happening.Noted(long at, int line, Sign sign, String text)) {
                Spot same = null;
                for (int i = spots.size() - 1; i >= 0 && spots.get(i).atNanos() == at; i--) {
                    Spot other = spots.get(i);
                    same = other.line() == line && other.sign() == sign ? other : same;
                }
                if (same == null) {
                    same = new Spot(at, line, sign, new ArrayList<>());
                    spots.add(same);
                }
                same.texts().add(text);
            }
        }
        return spots;
    }

    private void choose(DiagramWindow window, List<Message> sent, List<Spot> noted) {
        List<Long> times = new ArrayList<>();
        sent.forEach(message -> times.add(message.sentAt));
        noted.forEach(spot -> times.add(spot.atNanos()));
        times.removeIf(at -> at < window.fromNanos() || at > window.toNanos());
        Collections.sort(times);
        int first = Math.max(0, times.size() - window.mostEvents());
        fromNanos = times.isEmpty() ? window.fromNanos() : times.get(first);
        toNanos = times.isEmpty() ? fromNanos : times.getLast();
        if (brokenAt <= window.toNanos() && isBroken) {
            toNanos = Math.max(toNanos, brokenAt);
        }
    }

    private boolean isInside(long at) {
        return at >= fromNanos && at <= toNanos;
    }

    private void keepWhatIsInside(List<Message> sent, List<Spot> noted) {
        for (Message message : sent) {
            if (message.sentAt <= toNanos && message.lastAt() >= fromNanos) {
                messages.add(message);
            }
        }
        noted.stream().filter(spot -> isInside(spot.atNanos())).forEach(spots::add);
    }

    private int countInside(List<Message> some) {
        return (int) some.stream().filter(message -> isInside(message.sentAt)).count();
    }

    /// From when to when processes run, lead and stand still.
    private void stretch(List<Happening> happenings) {
        long[] runs = new long[names.size()];
        long[] leads = new long[names.size()];
        for (int line = 0; line < names.size(); line++) {
            runs[line] = line < replicas ? Chance.NEVER : 0;
            leads[line] = Chance.NEVER;
        }
        for (Happening happening : happenings) {
            if (happening instanceof Happening.Noted(long at, int line, Sign sign, String _)) {
                switch (sign) {
                    case START -> runs[line] = at;
                    case LEADS -> leads[line] = at;
                    case STEPS_DOWN -> end(leading, leads, line, at);
                    case KILLED, POWER_LOST, ENDED -> {
                        end(running, runs, line, at);
                        end(leading, leads, line, at);
                    }
                    case LEAVES, PERSIST, SYNC, DELIVER, FAULT -> {}
                    case DISCONNECT, INVOKE, LEARN, GONE -> {}
                }
            } else if (happening instanceof Happening.Paused(long at, int line, long until)) {
                add(standing, line, at, until);
            }
        }
        for (int line = 0; line < names.size(); line++) {
            end(running, runs, line, toNanos);
            end(leading, leads, line, toNanos);
        }
    }

    private void end(List<Stretch> stretches, long[] since, int line, long at) {
        add(stretches, line, since[line], at);
        since[line] = Chance.NEVER;
    }

    private void add(List<Stretch> stretches, int line, long from, long to) {
        if (from <= toNanos && to >= fromNanos) {
            stretches.add(new Stretch(line, Math.max(from, fromNanos), Math.min(to, toNanos)));
        }
    }

    private void cut(List<Happening> happenings) {
        TreeMap<Long, Set<String>> open = new TreeMap<>();
        for (Happening happening : happenings) {
            if (happening instanceof Happening.Cut cut) {
                Set<String> pairs = open.computeIfAbsent(cut.atNanos(), _ -> new TreeSet<>());
                String back = name(cut.to()) + "→" + name(cut.from());
                if (pairs.remove(back)) {
                    pairs.add(back.replace("→", "↔"));
                } else {
                    pairs.add(name(cut.from()) + "→" + name(cut.to()));
                }
            } else if (happening instanceof Happening.Mended mended) {
                close(open, mended.atNanos());
                open.clear();
            }
        }
        close(open, toNanos);
    }

    private void close(SortedMap<Long, Set<String>> open, long at) {
        open.forEach(
                (since, pairs) -> {
                    if (since <= toNanos && at >= fromNanos) {
                        bands.add(
                                new Band(
                                        Math.max(since, fromNanos),
                                        Math.min(at, toNanos),
                                        "cut off: " + String.join(", ", pairs)));
                    }
                });
    }

    private String name(int line) {
        return line < replicas ? Integer.toString(line + 1) : "c" + (line - replicas);
    }

    private void chooseLines() {
        TreeSet<Integer> seen = new TreeSet<>();
        messages.forEach(message -> Collections.addAll(seen, message.from, message.to));
        spots.forEach(spot -> seen.add(spot.line()));
        for (int line = 0; line < names.size(); line++) {
            if (line < replicas || seen.contains(line)) {
                lines.add(line);
            }
        }
    }

    private void collectMoments() {
        moments.add(fromNanos);
        moments.add(toNanos);
        for (Message message : messages) {
            moments.add(message.sentAt);
            moments.addAll(message.arrivals);
            moments.add(message.lostAt);
        }
        spots.forEach(spot -> moments.add(spot.atNanos()));
        for (List<Stretch> stretches : List.of(running, leading, standing)) {
            for (Stretch stretch : stretches) {
                moments.add(stretch.fromNanos());
                moments.add(stretch.toNanos());
            }
        }
        for (Band band : bands) {
            moments.add(band.fromNanos());
            moments.add(band.toNanos());
        }
        moments.removeIf(at -> !isInside(at));
    }

    /// The kinds of messages that are shown, the commonest first.
    List<String> kinds() {
        TreeMap<String, Integer> counts = new TreeMap<>();
        messages.forEach(message -> counts.merge(message.kind, 1, Integer::sum));
        List<String> kinds = new ArrayList<>(counts.keySet());
        kinds.sort((one, other) -> count(counts, other) - count(counts, one));
        return kinds;
    }

    private static int count(SortedMap<String, Integer> counts, String kind) {
        return Objects.requireNonNullElse(counts.get(kind), 0);
    }

    /// What was left out of the window as a repetition is no event.
    int events() {
        return messages.size() + spots.size();
    }

    /// The broken line's name, if one is known.
    @Nullable String brokenName() {
        return brokenLine == World.NOBODY ? null : names.get(brokenLine);
    }
}

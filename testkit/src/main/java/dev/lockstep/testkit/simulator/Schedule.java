package dev.lockstep.testkit.simulator;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;

/// One run: a seed, and what of it is left out. A seed's faults and its clients' operations are
/// numbered from 1 in the order in which they happen in the whole run; all that is kept is drawn as
/// it was drawn there, or, with another luck, all but the faults and operations is drawn anew.
///
/// As text, for a command line:
/// `faults:3,7-19/operations:none/calm:loss,drift/replicas:3/until:812ms/luck:2`,
/// each part optional, and `whole` if nothing is left out. Immutable.
public final class Schedule {

    private static final long MS = 1_000_000L;
    private static final String WHOLE = "whole";

    private final long seed;
    private final Numbers faults;
    private final Numbers operations;
    private final Set<Calm> calm;
    private final int replicas;
    private final long untilNanos;
    private final int luck;

    private Schedule(
            long seed,
            Numbers faults,
            Numbers operations,
            Set<Calm> calm,
            int replicas,
            long untilNanos,
            int luck) {
        this.seed = seed;
        this.faults = faults;
        this.operations = operations;
        this.calm = calm;
        this.replicas = replicas;
        this.untilNanos = untilNanos;
        this.luck = luck;
    }

    /// All that a seed decides.
    public static Schedule of(long seed) {
        return new Schedule(
                seed,
                Numbers.ALL,
                Numbers.ALL,
                EnumSet.noneOf(Calm.class),
                SimulationSetup.ANY_NUMBER,
                Chance.NEVER,
                0);
    }

    /// Reads what [#toString] writes.
    ///
    /// @throws IllegalArgumentException with a sentence if it is something else
    public static Schedule parse(long seed, String text) {
        Schedule schedule = of(seed);
        if (text.equals(WHOLE)) {
            return schedule;
        }
        for (String part : text.split("/", -1)) {
            String[] sides = part.split(":", 2);
            String value = sides.length == 2 ? sides[1] : "";
            schedule =
                    switch (sides[0]) {
                        case "faults" -> schedule.withFaults(Numbers.parse(value));
                        case "operations" -> schedule.withOperations(Numbers.parse(value));
                        case "calm" -> schedule.withCalm(calm(value));
                        case "replicas" -> schedule.withReplicas(replicas(value));
                        case "luck" -> schedule.withLuck(luck(value));
                        case "until" -> schedule.withUntil(untilNanos(value));
                        default ->
                                throw new IllegalArgumentException(
                                        "'"
                                                + part
                                                + "' is no part of a schedule; choose from faults:,"
                                                + " operations:, calm:, replicas:, until:, luck:");
                    };
        }
        return schedule;
    }

    private static Set<Calm> calm(String words) {
        Set<Calm> calm = EnumSet.noneOf(Calm.class);
        for (String word : words.split(",", -1)) {
            calm.add(
                    Arrays.stream(Calm.values())
                            .filter(known -> known.word().equals(word))
                            .findFirst()
                            .orElseThrow(() -> noCalm(word)));
        }
        return calm;
    }

    private static IllegalArgumentException noCalm(String word) {
        List<String> known = Arrays.stream(Calm.values()).map(Calm::word).toList();
        return new IllegalArgumentException(
                "there is no weather '" + word + "' to leave out; choose from " + known);
    }

    private static int replicas(String digits) {
        if (!digits.matches("[1-9]")) {
            throw new IllegalArgumentException(
                    "a simulated cluster has 1 to 9 replicas, not '" + digits + "'");
        }
        return Integer.parseInt(digits);
    }

    private static int luck(String digits) {
        if (!digits.matches("[1-9][0-9]{0,5}")) {
            throw new IllegalArgumentException("luck is a number from 1, not '" + digits + "'");
        }
        return Integer.parseInt(digits);
    }

    private static long untilNanos(String text) {
        if (!text.matches("[0-9]{1,6}ms")) {
            throw new IllegalArgumentException(
                    "faults end at a time such as 812ms, not at '" + text + "'");
        }
        return Long.parseLong(text.substring(0, text.length() - 2)) * MS;
    }

    /// The seed.
    public long seed() {
        return seed;
    }

    /// True if nothing is left out.
    public boolean isWhole() {
        return toString().equals(WHOLE);
    }

    Numbers faults() {
        return faults;
    }

    Numbers operations() {
        return operations;
    }

    Set<Calm> calm() {
        return calm;
    }

    /// How many replicas instead of those of the whole run; 0 for as many.
    int replicas() {
        return replicas;
    }

    /// The faults end at this time at the latest.
    long untilNanos() {
        return untilNanos;
    }

    /// Anything but 0: whatever is no fault and no operation is drawn anew, in a way of this
    /// number.
    int luck() {
        return luck;
    }

    Schedule withLuck(int number) {
        return new Schedule(seed, faults, operations, calm, replicas, untilNanos, number);
    }

    Schedule withFaults(Numbers kept) {
        return new Schedule(seed, kept, operations, calm, replicas, untilNanos, luck);
    }

    Schedule withOperations(Numbers kept) {
        return new Schedule(seed, faults, kept, calm, replicas, untilNanos, luck);
    }

    Schedule withCalm(Set<Calm> left) {
        return new Schedule(seed, faults, operations, left, replicas, untilNanos, luck);
    }

    Schedule withReplicas(int number) {
        return new Schedule(seed, faults, operations, calm, number, untilNanos, luck);
    }

    /// @param nanos rounded up to milliseconds
    Schedule withUntil(long nanos) {
        long rounded = nanos >= Chance.NEVER ? Chance.NEVER : (nanos + MS - 1) / MS * MS;
        return new Schedule(seed, faults, operations, calm, replicas, rounded, luck);
    }

    /// What is left out, as [#parse] reads it; the seed is not in it.
    @Override
    public String toString() {
        List<String> parts = new ArrayList<>();
        if (!faults.isAll()) {
            parts.add("faults:" + faults);
        }
        if (!operations.isAll()) {
            parts.add("operations:" + operations);
        }
        if (!calm.isEmpty()) {
            parts.add("calm:" + String.join(",", calm.stream().map(Calm::word).toList()));
        }
        if (replicas != SimulationSetup.ANY_NUMBER) {
            parts.add("replicas:" + replicas);
        }
        if (untilNanos < Chance.NEVER) {
            parts.add("until:" + untilNanos / MS + "ms");
        }
        if (luck != 0) {
            parts.add("luck:" + luck);
        }
        return parts.isEmpty() ? WHOLE : String.join("/", parts);
    }
}

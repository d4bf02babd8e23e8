package dev.lockstep.testkit.simulator;

import java.util.SplittableRandom;
import java.util.TreeMap;
import java.util.random.RandomGenerator;

/// Everything is as the seed decides, and is written down: what was drawn, and a number for every
/// fault and for every operation of a client, from 1, in the order in which they happened.
final class RecordingScript implements Script {

    private static final long MOST_OCCASIONS = 1L << 32;

    private final Tape tape = new Tape();
    private final TreeMap<Long, Integer> faults = new TreeMap<>();
    private final TreeMap<Long, Integer> operations = new TreeMap<>();
    private final TreeMap<Integer, Integer> occasions = new TreeMap<>();
    private final TreeMap<Integer, Integer> thoughts = new TreeMap<>();

    Tape tape() {
        return tape;
    }

    /// How many faults there were.
    int faults() {
        return faults.size();
    }

    /// How many operations clients began before the faults were over.
    int operations() {
        return operations.size();
    }

    /// The number of a fault; 0 if none happened there.
    ///
    /// @param occasion how many of that sort there were before
    int fault(int sort, int occasion) {
        return faults.getOrDefault(key(sort, occasion), 0);
    }

    /// The number of an operation; 0 if none was begun there.
    ///
    /// @param occasion how often that client had thought of one before
    int operation(int client, int occasion) {
        return operations.getOrDefault(key(client, occasion), 0);
    }

    /// True if one of a client's operations is among `numbers`.
    boolean hasOperation(int client, Numbers numbers) {
        return operations.subMap(key(client, 0), key(client + 1, 0)).values().stream()
                .anyMatch(numbers::contains);
    }

    private static long key(int one, int occasion) {
        return one * MOST_OCCASIONS + occasion;
    }

    @Override
    public RandomGenerator next(Topic topic, int index, SplittableRandom own) {
        return tape.record(Tape.stream(topic, index), own);
    }

    @Override
    public boolean hasNext(Topic topic, int index) {
        return true;
    }

    @Override
    public RandomGenerator split(Topic topic, int index, SplittableRandom own) {
        return tape.record(Tape.stream(topic, index), own.split());
    }

    @Override
    public boolean strikes(int sort) {
        faults.put(key(sort, occasions.merge(sort, 1, Integer::sum) - 1), faults.size() + 1);
        return true;
    }

    @Override
    public boolean asks(int client, boolean isFree) {
        int occasion = thoughts.merge(client, 1, Integer::sum) - 1;
        if (isFree) {
            operations.put(key(client, occasion), operations.size() + 1);
        }
        return isFree;
    }

    @Override
    public boolean lives(int client) {
        return true;
    }

    @Override
    public long untilNanos() {
        return Chance.NEVER;
    }
}

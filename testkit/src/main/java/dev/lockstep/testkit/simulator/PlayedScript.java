package dev.lockstep.testkit.simulator;

import java.util.SplittableRandom;
import java.util.TreeMap;
import java.util.random.RandomGenerator;

/// What a recorded run drew is drawn again, and some of its faults and operations are left out:
/// used once.
final class PlayedScript implements Script {

    private final RecordingScript recorded;
    private final Schedule schedule;

    /// By stream: what comes next.
    private final TreeMap<Long, Integer> next = new TreeMap<>();

    private final TreeMap<Integer, Integer> occasions = new TreeMap<>();
    private final TreeMap<Integer, Integer> thoughts = new TreeMap<>();

    PlayedScript(RecordingScript recorded, Schedule schedule) {
        this.recorded = recorded;
        this.schedule = schedule;
    }

    @Override
    public RandomGenerator next(Topic topic, int index, SplittableRandom own) {
        long stream = Tape.stream(topic, index);
        int occasion = next.merge(stream, 1, Integer::sum) - 1;
        return schedule.luck() == 0 || isFaultOrOperation(topic)
                ? recorded.tape().play(stream, occasion)
                : Tape.fresh(stream, occasion, schedule.luck());
    }

    private static boolean isFaultOrOperation(Topic topic) {
        return switch (topic) {
            case FAULT, AMBUSH, SIEGE, EXILE, AFTERMATH, SKEW, HEALING -> true;
            case THINKING, ASKING, RUSH, LAST, NAMED, SCENARIO -> true;
            case BEGINNING, FRAME, LINK, LOSS, REQUEST, CYCLE, DISK, LIFE, ENGINE, REPLICA -> false;
        };
    }

    @Override
    public boolean hasNext(Topic topic, int index) {
        long stream = Tape.stream(topic, index);
        return next.getOrDefault(stream, 0) < recorded.tape().count(stream);
    }

    @Override
    public RandomGenerator split(Topic topic, int index, SplittableRandom own) {
        return next(topic, index, own);
    }

    @Override
    public boolean strikes(int sort) {
        int number = recorded.fault(sort, occasions.merge(sort, 1, Integer::sum) - 1);
        return number > 0 && schedule.faults().contains(number);
    }

    @Override
    public boolean asks(int client, boolean isFree) {
        int number = recorded.operation(client, thoughts.merge(client, 1, Integer::sum) - 1);
        return isFree && number > 0 && schedule.operations().contains(number);
    }

    @Override
    public boolean lives(int client) {
        return schedule.operations().isAll()
                || recorded.hasOperation(client, schedule.operations())
                || recorded.hasOperation(RUSHING + client, schedule.operations());
    }

    @Override
    public long untilNanos() {
        return schedule.untilNanos();
    }
}

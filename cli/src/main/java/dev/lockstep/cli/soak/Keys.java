package dev.lockstep.cli.soak;

import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;

/// The keys of one round: so few that clients are in each other's way, and new in each round, so
/// that what a client of a former round never learnt the fate of cannot disturb.
final class Keys {

    private static final int TEXTS = 4;
    private static final int COUNTS = 2;
    private static final int LISTS = 2;

    private Keys() {}

    static List<String> all(int round) {
        List<String> keys = new ArrayList<>();
        for (int i = 0; i < TEXTS; i++) {
            keys.add(key("text", round, i));
        }
        for (int i = 0; i < COUNTS; i++) {
            keys.add(key("count", round, i));
        }
        for (int i = 0; i < LISTS; i++) {
            keys.add(key("list", round, i));
        }
        return keys;
    }

    static String any(int round, SplittableRandom random) {
        List<String> keys = all(round);
        return keys.get(random.nextInt(keys.size()));
    }

    static String text(int round, SplittableRandom random) {
        return key("text", round, random.nextInt(TEXTS));
    }

    static String count(int round, SplittableRandom random) {
        return key("count", round, random.nextInt(COUNTS));
    }

    static String list(int round, SplittableRandom random) {
        return key("list", round, random.nextInt(LISTS));
    }

    private static String key(String kind, int round, int number) {
        return kind + "-" + round + "-" + number;
    }
}

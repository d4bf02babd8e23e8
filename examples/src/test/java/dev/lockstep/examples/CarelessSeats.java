package dev.lockstep.examples;

import java.util.HashSet;
import java.util.Set;

/// The same seats, kept in a set until they are taken.
final class CarelessSeats extends Seats {

    static final class Seat {
        final int number;

        Seat(int number) {
            this.number = number;
        }
    }

    private final Set<Seat> free = new HashSet<>();

    CarelessSeats() {
        for (int number = 1; number <= 20; number++) {
            free.add(new Seat(number));
        }
    }

    @Override
    int choose() {
        if (free.isEmpty()) {
            return 0;
        }
        Seat any = free.iterator().next();
        free.remove(any);
        return any.number;
    }
}

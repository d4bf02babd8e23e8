package dev.lockstep.replica;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lockstep.core.Now;
import dev.lockstep.core.ProtocolMessage;
import dev.lockstep.core.ReplicaId;
import dev.lockstep.core.port.SignatureChecks;

import org.junit.jupiter.api.Test;

import java.util.ArrayList;
import java.util.List;

/// Messages whose signatures are checked elsewhere.
class ArrivalsTest {

    private record Said(int number) implements ProtocolMessage {}

    private final List<String> handedIn = new ArrayList<>();
    private final List<Long> tickets = new ArrayList<>();
    private final PendingChecks checks =
            new PendingChecks(
                    (ticket, _) -> {
                        tickets.add(ticket);
                        return SignatureChecks.Verdict.LATER;
                    });
    private final Arrivals<Said> arrivals =
            new Arrivals<>(
                    (_, _) -> true,
                    checks,
                    new Arrivals.Target<>() {
                        @Override
                        public void onGenuine(Now now, ReplicaId from, Said message) {
                            handedIn.add(from + " says " + message.number);
                        }

                        @Override
                        public void onForged(ReplicaId from) {
                            handedIn.add(from + " forges");
                        }
                    });

    private void say(int from, int number) {
        arrivals.add(SignedNames.at(number), new ReplicaId(from), new Said(number));
    }

    private void answer(int number, boolean isGenuine) {
        checks.onChecked(SignedNames.at(100), tickets.get(number - 1), isGenuine);
    }

    @Test
    void noneOvertakesAnother() {
        say(1, 1);
        say(2, 2);
        say(1, 3);
        answer(3, true);
        answer(2, true);
        assertThat(handedIn).isEmpty();
        assertThat(arrivals.oldestNanos()).isEqualTo(1_000_000);
        answer(1, true);
        assertThat(handedIn).containsExactly("1 says 1", "2 says 2", "1 says 3");
        assertThat(arrivals.oldestNanos()).isEqualTo(Long.MAX_VALUE);
    }

    @Test
    void whatIsForgedIsNotHandedInAndHoldsNothingUp() {
        say(1, 1);
        say(2, 2);
        answer(1, false);
        answer(2, true);
        assertThat(handedIn).containsExactly("1 forges", "2 says 2");
    }

    @Test
    void anAnswerCountsOnce() {
        say(1, 1);
        say(2, 2);
        answer(1, true);
        answer(1, false);
        answer(1, true);
        assertThat(handedIn).containsExactly("1 says 1");
    }

    @Test
    void soManyWaitAndNoMore() {
        for (int i = 1; i <= Arrivals.MOST + 5; i++) {
            say(1, i);
        }
        assertThat(tickets).hasSize(Arrivals.MOST);
        answer(1, true);
        say(1, 1);
        assertThat(tickets).hasSize(Arrivals.MOST + 1);
    }

    @Test
    void whatIsCheckedAtOnceIsHandedInAtOnce() {
        PendingChecks atOnce = new PendingChecks(SignatureChecks.AT_ONCE);
        List<Integer> seen = new ArrayList<>();
        Arrivals<Said> quick =
                new Arrivals<>(
                        (_, message) -> message.number() != 2,
                        atOnce,
                        new Arrivals.Target<>() {
                            @Override
                            public void onGenuine(Now now, ReplicaId from, Said message) {
                                seen.add(message.number());
                            }

                            @Override
                            public void onForged(ReplicaId from) {
                                seen.add(-1);
                            }
                        });
        for (int i = 1; i <= 3; i++) {
            quick.add(SignedNames.at(1), new ReplicaId(1), new Said(i));
        }
        assertThat(seen).containsExactly(1, -1, 3);
    }
}

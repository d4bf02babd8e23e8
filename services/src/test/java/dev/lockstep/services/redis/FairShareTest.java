package dev.lockstep.services.redis;

import static org.assertj.core.api.Assertions.assertThat;

import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;

import org.junit.jupiter.api.Test;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;

/// Nobody takes what others need, and everybody comes by what it asks for.
final class FairShareTest {

    private static final long MOST = 100;
    private static final long LEAST = 4;
    private static final long RESERVED = 20;

    private FairShare share = new FairShare(MOST, LEAST, RESERVED);

    /// A connection that wants one amount after the other.
    private final class Client {
        private final ArrayDeque<Long> wanted = new ArrayDeque<>();
        private final ArrayDeque<FairShare.Part> parts = new ArrayDeque<>();
        private final FairShare.Claim claim =
                new FairShare.Claim(new FairShare.Claimant(this::tryAll));
        private int got;

        Client wants(long amount, int times) {
            for (int i = 0; i < times; i++) {
                wanted.add(amount);
            }
            tryAll();
            return this;
        }

        void tryAll() {
            while (!wanted.isEmpty() && share.grants(claim, wanted.element())) {
                FairShare.Part part = new FairShare.Part();
                share.take(claim, part, wanted.remove());
                parts.add(part);
                got++;
            }
        }

        /// As a connection does when a reply comes.
        void giveBack() {
            share.giveBack(claim, parts.remove());
            tryAll();
            share.serve();
        }
    }

    @Test
    void aloneOneMayHaveAll() {
        Client alone = new Client().wants(10, 20);
        assertThat(alone.claim.held()).isEqualTo(MOST);
        assertThat(alone.got).isEqualTo(10);
    }

    @Test
    void whoWantsLittleDoesNotWaitForWhoWantsMuch() {
        Client greedy = new Client().wants(10, 100);
        Client modest = new Client().wants(1, 10);
        assertThat(modest.got).isEqualTo((int) LEAST);
        assertThat(greedy.got).isEqualTo(10);
        modest.giveBack();
        assertThat(modest.got).isEqualTo((int) LEAST + 1);
    }

    @Test
    void theReserveEndsToo() {
        new Client().wants(MOST, 1);
        int modest = 0;
        for (int i = 0; i < 30; i++) {
            modest += new Client().wants(1, 1).got;
        }
        assertThat(modest).isEqualTo((int) RESERVED);
        assertThat(share.taken()).isEqualTo(MOST + RESERVED);
    }

    @Test
    void whoCameFirstGivesTheOthersTheirPart() {
        Client first = new Client().wants(5, 1_000);
        List<Client> others = new ArrayList<>();
        for (int i = 0; i < 4; i++) {
            others.add(new Client().wants(5, 1_000));
        }
        assertThat(first.claim.held()).isEqualTo(MOST);
        for (int i = 0; i < 20; i++) {
            first.giveBack();
        }
        assertThat(first.claim.held()).isEqualTo(MOST / 5);
        for (Client other : others) {
            assertThat(other.claim.held()).isEqualTo(MOST / 5);
        }
    }

    @Test
    void aDemandLargerThanAllIsMetOnceNothingElseIsTaken() {
        Client small = new Client().wants(5, 1_000);
        Client large = new Client().wants(3 * MOST, 1);
        Client late = new Client().wants(5, 1);
        for (int i = 0; i < 20; i++) {
            assertThat(large.got).isZero();
            assertThat(late.got).isZero();
            small.giveBack();
        }
        assertThat(large.got).isEqualTo(1);
        assertThat(late.got).isZero();
        large.giveBack();
        assertThat(late.got).isEqualTo(1);
    }

    @Test
    void whoLeavesDoesNotStandInTheWay() {
        Client first = new Client().wants(MOST, 1);
        Client gone = new Client().wants(MOST, 1);
        Client next = new Client().wants(10, 1);
        share.leave(gone.claim);
        first.giveBack();
        assertThat(gone.got).isZero();
        assertThat(next.got).isEqualTo(1);
    }

    @Test
    void whoNeedsOfTwoThingsComesByBoth() {
        FairShare other = new FairShare(10, 0, 0);
        FairShare.Claim[] both = new FairShare.Claim[2];
        int[] done = new int[1];
        FairShare.Part[] parts = {new FairShare.Part(), new FairShare.Part()};
        Runnable attempt =
                () -> {
                    if (done[0] == 0 && share.grants(both[0], 50) && other.grants(both[1], 5)) {
                        share.take(both[0], parts[0], 50);
                        other.take(both[1], parts[1], 5);
                        done[0]++;
                    }
                };
        FairShare.Claimant claimant = new FairShare.Claimant(attempt);
        both[0] = new FairShare.Claim(claimant);
        both[1] = new FairShare.Claim(claimant);
        Client first = new Client().wants(10, 10);
        FairShare.Claim holder = new FairShare.Claim(new FairShare.Claimant(() -> {}));
        FairShare.Part held = new FairShare.Part();
        other.take(holder, held, 10);
        attempt.run();
        new Client().wants(10, 1_000);
        for (int i = 0; i < 5; i++) {
            first.giveBack();
        }
        assertThat(done[0]).isZero();
        other.giveBack(holder, held);
        other.serve();
        for (int i = 0; i < 20 && done[0] == 0; i++) {
            first.giveBack();
        }
        assertThat(done[0]).isEqualTo(1);
    }

    /// Wants some of both shares, one request after the other.
    private final class OfTwo {
        private final FairShare other;
        private final long amount;
        private final int wanted;
        private final FairShare.Claimant claimant = new FairShare.Claimant(this::tryAll);
        private final FairShare.Claim claim = new FairShare.Claim(claimant);
        private final FairShare.Claim otherClaim = new FairShare.Claim(claimant);
        private final ArrayDeque<FairShare.Part> parts = new ArrayDeque<>();
        private int got;

        OfTwo(FairShare other, long amount, int times) {
            this.other = other;
            this.amount = amount;
            this.wanted = times;
            tryAll();
        }

        void tryAll() {
            while (got < wanted && other.grants(otherClaim, 1) && share.grants(claim, amount)) {
                FairShare.Part part = new FairShare.Part();
                FairShare.Part otherPart = new FairShare.Part();
                other.take(otherClaim, otherPart, 1);
                share.take(claim, part, amount);
                parts.add(part);
                parts.add(otherPart);
                got++;
            }
        }

        void giveBack() {
            if (!parts.isEmpty()) {
                share.giveBack(claim, parts.remove());
                other.giveBack(otherClaim, parts.remove());
                tryAll();
                other.serve();
                share.serve();
            }
        }
    }

    @Test
    void whoHaveTheirTurnElsewhereDoNotOvertakeForever() {
        FairShare other = new FairShare(4, 0, 0);
        List<OfTwo> ofTwo = new ArrayList<>();
        for (int i = 0; i < 10; i++) {
            ofTwo.add(new OfTwo(other, 10, Integer.MAX_VALUE));
        }
        // Larger than what is left beside all that the others may hold.
        for (int round = 1; round <= 20; round++) {
            Client large = new Client().wants(75, 1);
            for (int i = 0; i < 10; i++) {
                ofTwo.forEach(OfTwo::giveBack);
            }
            assertThat(large.got).as("round %d", round).isEqualTo(1);
            large.giveBack();
        }
        assertThat(ofTwo).allMatch(client -> client.got > 20);
    }

    /// Whatever is asked for is had in the end, within the bound at all times.
    @Property(tries = 200)
    void everybodyComesByEverything(
            @ForAll @Size(min = 1, max = 30) List<@IntRange(min = 1, max = 250) Integer> demands) {
        share = new FairShare(MOST, LEAST, RESERVED);
        List<Client> clients = new ArrayList<>();
        for (int demand : demands) {
            clients.add(new Client().wants(demand, 20));
        }
        int rounds = 0;
        while (clients.stream().anyMatch(client -> client.got < 20)) {
            long largest = demands.stream().mapToInt(Integer::intValue).max().orElse(0);
            assertThat(share.taken()).isLessThanOrEqualTo(Math.max(MOST, largest) + RESERVED);
            for (Client client : clients) {
                if (!client.parts.isEmpty()) {
                    client.giveBack();
                }
            }
            assertThat(++rounds).isLessThan(20 * 30 + 10);
        }
    }

    /// Also those who need of two shares, beside those who need of one.
    @Property(tries = 200)
    void everybodyComesByBoth(
            @ForAll @Size(min = 2, max = 30) List<@IntRange(min = 1, max = 150) Integer> demands,
            @ForAll @IntRange(min = 1, max = 8) int window) {
        share = new FairShare(MOST, LEAST, RESERVED);
        FairShare other = new FairShare(window, 0, 0);
        List<OfTwo> ofTwo = new ArrayList<>();
        List<Client> ofOne = new ArrayList<>();
        for (int demand : demands) {
            if (ofTwo.size() <= ofOne.size()) {
                ofTwo.add(new OfTwo(other, demand, 20));
            } else {
                ofOne.add(new Client().wants(demand, 20));
            }
        }
        int rounds = 0;
        while (ofTwo.stream().anyMatch(client -> client.got < 20)
                || ofOne.stream().anyMatch(client -> client.got < 20)) {
            ofTwo.forEach(OfTwo::giveBack);
            for (Client client : ofOne) {
                if (!client.parts.isEmpty()) {
                    client.giveBack();
                }
            }
            assertThat(++rounds).isLessThan(20 * 30 + 10);
        }
    }
}

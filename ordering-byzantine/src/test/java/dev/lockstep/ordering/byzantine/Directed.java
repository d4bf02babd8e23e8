package dev.lockstep.ordering.byzantine;

/// Schedules for what random runs hardly ever come to: they stand on the edge of a wait. Each runs
/// under the checks of all runs, and ends well under the rules as they are.
final class Directed {

    private static final long DELTA = Network.DELTA;

    private Directed() {}

    private static boolean isVote1(ByzantineMessage message) {
        return message instanceof ByzantineMessage.Vote1;
    }

    private static boolean isVote2(ByzantineMessage message) {
        return message instanceof ByzantineMessage.Vote2;
    }

    /// Member 2 votes for the other block at the last moment before it hears of member 1's vote,
    /// and
    /// its echo is at member 1 at exactly twice the bound. Something else that arrives at the same
    /// moment is taken in first (F3).
    static void tie(Rules rules) {
        Scene scene = new Scene(Profile.syncBound(3, 1), rules);
        ByzantineMessage.Propose left = scene.first(1);
        ByzantineMessage.Propose right = scene.first(2);
        scene.say(1, left);
        scene.until(DELTA);
        scene.say(2, right);
        scene.deliver(1, 2, Directed::isVote1);
        scene.until(2 * DELTA);
        scene.say(1, scene.loot().vote1(0, left.header().ref()));
        scene.deliver(2, 1, Directed::isVote1);
        scene.until(3 * DELTA);
    }

    /// Member 1 votes twice in the last moment before it hears that the view was left, and its
    /// second vote is at member 2 at exactly twice the bound after member 2 has left.
    static void lateLock(Rules rules) {
        Scene scene = new Scene(Profile.syncBound(3, 1), rules);
        ByzantineMessage.Propose left = scene.first(1);
        scene.say(1, left);
        scene.say(1, scene.loot().vote1(0, left.header().ref()));
        scene.until(DELTA);
        scene.deliver(1, 2, Directed::isVote1);
        long leaves = DELTA + DELTA / 2;
        scene.until(leaves);
        Certificate root = scene.loot().root();
        scene.say(2, scene.loot().timeout(0, 0, root));
        scene.suspect(2);
        // The guard opens at 2Δ+1; the timeout certificate is at member 1 at leaves+Δ only.
        scene.until(leaves + DELTA);
        scene.deliver(2, 1, _ -> true);
        scene.until(2 * DELTA + 1 + DELTA);
        scene.deliver(1, 2, Directed::isVote2);
        scene.until(leaves + 3 * DELTA);
    }
}

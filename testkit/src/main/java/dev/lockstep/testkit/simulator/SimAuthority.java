package dev.lockstep.testkit.simulator;

import dev.lockstep.core.Member;
import dev.lockstep.core.authority.Authority;
import dev.lockstep.core.authority.AuthorityQuestion;
import dev.lockstep.core.authority.AuthorityView;
import dev.lockstep.core.port.AuthorityPort;
import dev.lockstep.testkit.simulator.Script.Topic;

import org.jspecify.annotations.Nullable;

import java.util.Arrays;
import java.util.SplittableRandom;

/// The configuration authority of a simulated fail-stop cluster: the product's decisions, on a
/// machine that neither fails nor forgets. At times it is out of reach for all replicas, or for one
/// that the others hear well; its judgement is then wrong.
final class SimAuthority {

    private static final long MS = 1_000_000L;
    private static final long SALT = 0xa0_7b_a0_7bL;

    /// Where the way to the authority is among the ways between replicas.
    private static final int LINE = 900;

    private final World world;
    private final long silenceNanos;
    private final long faultEvery;

    /// By replica: until when it does not reach the authority.
    private final long[] cutUntil;

    /// Null until the first replica has said a word.
    private @Nullable Authority authority;

    SimAuthority(World world, int replicas) {
        SplittableRandom random = new SplittableRandom(world.seed ^ SALT);
        this.world = world;
        this.silenceNanos = random.nextLong(200 * MS, 1_000 * MS);
        this.faultEvery =
                random.nextInt(3) == 0 ? Chance.NEVER : random.nextLong(200 * MS, 3_000 * MS);
        this.cutUntil = new long[replicas];
    }

    /// How often [#breakAway] is to happen; a mean.
    long faultEvery() {
        return faultEvery;
    }

    AuthorityPort portOf(int index) {
        return question -> ask(world.nodes.get(index), question);
    }

    /// All or one do not reach it for a while.
    void breakAway(Chance chance) {
        boolean isAll = chance.oneIn(3);
        int one = chance.below(cutUntil.length);
        long until = world.nowNanos() + chance.around(400 * MS);
        if (isAll) {
            Arrays.fill(cutUntil, until);
        } else {
            cutUntil[one] = until;
        }
        world.trace.note(() -> (isAll ? "nobody" : "not " + one) + " reaches the authority");
    }

    /// True if another replica holds, on the disk of its present life, whatever this one does.
    boolean mayLoseDisk(SimNode node) {
        Authority known = authority;
        if (known == null || known.view().pending() != null) {
            return false;
        }
        for (Member holder : known.holders()) {
            SimNode other = world.nodes.get(NodeParts.indexOf(holder.id()));
            if (other != node && other.member().equals(holder)) {
                return true;
            }
        }
        return false;
    }

    private void ask(SimNode node, AuthorityQuestion question) {
        travel(
                node,
                () -> {
                    Authority asked = authority;
                    if (asked == null) {
                        asked = new Authority(question.first(), silenceNanos, world.nowNanos());
                        authority = asked;
                    }
                    AuthorityView before = asked.view();
                    AuthorityView view =
                            asked.answer(question.by(), question.word(), world.nowNanos());
                    if (!view.equals(before)) {
                        world.trace.note(
                                () -> "the authority hears " + question.word() + ": " + view);
                    }
                    travel(
                            node,
                            () -> node.input((replica, now) -> replica.onAuthority(now, view)));
                });
    }

    private void travel(SimNode node, Runnable arrival) {
        world.chance.about(Topic.FRAME, node.index(), LINE);
        boolean isCut = world.nowNanos() < cutUntil[node.index()];
        boolean isLost = isCut || world.chance.happens(world.weather.net().loss());
        boolean isTwice = world.chance.happens(world.weather.net().duplication());
        if (world.isHealed() || !isLost) {
            world.timeline.after(world.delay(), arrival);
        }
        if (!world.isHealed() && isTwice) {
            world.timeline.after(world.delay(), arrival);
        }
    }
}

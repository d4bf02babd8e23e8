package dev.lockstep.testkit.simulator;

import dev.lockstep.core.Reign;

import org.jspecify.annotations.Nullable;

/// How a cluster stands: who leads it, and whether anything is under way.
final class Standing {

    private final World world;
    private final PeerNetwork peers;

    Standing(World world, PeerNetwork peers) {
        this.world = world;
        this.peers = peers;
    }

    /// The node that a majority of all follows, itself among them; null if there is none.
    @Nullable SimNode leader() {
        for (SimNode candidate : world.nodes) {
            int followers = 0;
            for (SimNode node : world.nodes) {
                followers += follows(node, candidate) ? 1 : 0;
            }
            if (follows(candidate, candidate) && followers > members() / 2) {
                return candidate;
            }
        }
        return null;
    }

    private int members() {
        Reign reign = world.observer.latestReign();
        return reign == null ? world.nodes.size() : reign.members().size();
    }

    private boolean follows(SimNode node, SimNode leader) {
        return node.isUp()
                && node.stillUntil() <= world.nowNanos()
                && leader.id().equals(node.replica().preferredEntry())
                && !peers.isCut(node, leader)
                && !peers.isCut(leader, node);
    }

    /// True if a client waits for something.
    boolean isAnythingPending() {
        for (SimClient client : world.clients) {
            if (client.life().pending() > 0) {
                return true;
            }
        }
        return false;
    }

    /// True if no client waits, and every running replica, of which there are some, has executed
    /// everything.
    boolean isQuiet() {
        boolean isAnyUp = false;
        for (SimNode node : world.nodes) {
            isAnyUp |= node.isUp();
            if (node.isUp() && !node.isQuiet(world.observer.length(), false)) {
                return false;
            }
        }
        return isAnyUp && !isAnythingPending();
    }
}

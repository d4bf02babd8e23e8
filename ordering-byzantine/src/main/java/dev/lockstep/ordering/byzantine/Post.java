package dev.lockstep.ordering.byzantine;

import dev.lockstep.core.ReplicaId;

import java.util.ArrayList;
import java.util.List;

/// Sends to members by rank.
final class Post {

    private final Setup setup;
    private final Turn turn;

    Post(Setup setup, Turn turn) {
        this.setup = setup;
        this.turn = turn;
    }

    void send(int member, ByzantineMessage message) {
        turn.send(setup.members().idAt(member), message);
    }

    void send(ReplicaId to, ByzantineMessage message) {
        turn.send(to, message);
    }

    /// To all others.
    void broadcast(ByzantineMessage message) {
        for (int member = 0; member < setup.size(); member++) {
            if (member != setup.rank()) {
                send(member, message);
            }
        }
    }

    /// To all others, with a report when it has left for each.
    List<Long> broadcastTracked(ByzantineMessage message) {
        List<Long> tokens = new ArrayList<>();
        for (int member = 0; member < setup.size(); member++) {
            if (member != setup.rank()) {
                tokens.add(turn.sendTracked(setup.members().idAt(member), message));
            }
        }
        return tokens;
    }

    /// What this member proposes in its own view, with such reports. It waits for the view alone
    /// to be durable: a leader that starts again gives its view up, and so proposes and votes for
    /// nothing else in it, whether or not it knows what it has proposed.
    List<Long> broadcastProposal(ByzantineMessage message) {
        List<Long> tokens = new ArrayList<>();
        for (int member = 0; member < setup.size(); member++) {
            if (member != setup.rank()) {
                tokens.add(turn.sendFenced(setup.members().idAt(member), message));
            }
        }
        return tokens;
    }
}

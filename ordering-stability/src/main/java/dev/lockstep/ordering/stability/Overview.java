package dev.lockstep.ordering.stability;

import dev.lockstep.core.OrderingStatus;
import dev.lockstep.core.ReplicaId;

import org.jspecify.annotations.Nullable;

import java.util.SortedMap;
import java.util.TreeMap;

/// What people and admission want to know of a member.
final class Overview {

    private final Setup setup;
    private final Commands commands;
    private final Ledger ledger;
    private final Floor floor;
    private final Peers peers;
    private final Proposals proposals;
    private final Stability stability;
    private final Execution execution;
    private final Reads reads;

    /// True once this replica stops in good order.
    private boolean isLeaving;

    Overview(
            Setup setup,
            Commands commands,
            Ledger ledger,
            Floor floor,
            Peers peers,
            Proposals proposals,
            Stability stability,
            Execution execution,
            Reads reads) {
        this.setup = setup;
        this.commands = commands;
        this.ledger = ledger;
        this.floor = floor;
        this.peers = peers;
        this.proposals = proposals;
        this.stability = stability;
        this.execution = execution;
        this.reads = reads;
    }

    void leave() {
        isLeaving = true;
    }

    /// Every member orders what comes to it as soon as any other would, if it hears of enough of
    /// them to order anything.
    OrderingStatus status() {
        boolean isOpen = !isLeaving && !ledger.hasEnded() && peers.live() >= setup.recoveryQuorum();
        @Nullable ReplicaId entry = isOpen ? setup.self() : null;
        return new OrderingStatus(entry, proposals.wantsBatch(), this::details);
    }

    private SortedMap<String, String> details() {
        SortedMap<String, String> details = new TreeMap<>();
        details.put("role", "member");
        details.put("floor", Long.toString(floor.floor()));
        details.put("announced", Long.toString(floor.announced()));
        details.put("stable", Long.toString(stability.through()));
        details.put("delivered", Long.toString(ledger.delivered()));
        details.put("own", Integer.toString(proposals.size()));
        details.put("pending", Integer.toString(commands.pendingCount()));
        details.put("decided", Integer.toString(execution.waiting()));
        details.put("reads", Integer.toString(reads.size()));
        return details;
    }
}

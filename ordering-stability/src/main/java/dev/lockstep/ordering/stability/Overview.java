package dev.lockstep.ordering.stability;

import dev.lockstep.core.Holdings;
import dev.lockstep.core.OrderTable;
import dev.lockstep.core.OrderingStatus;
import dev.lockstep.core.ReplicaId;

import org.jspecify.annotations.Nullable;

import java.util.SortedMap;
import java.util.TreeMap;

/// What people and admission want to know of a member.
final class Overview implements OrderingStatus.Details {

    private final Setup setup;
    private final Commands commands;
    private final Ledger ledger;
    private final Floor floor;
    private final Candidates candidates;
    private final Peers peers;
    private final Proposals proposals;
    private final Stability stability;
    private final Execution execution;
    private final Reads reads;
    private final CommandTable table;

    /// True once this replica stops in good order.
    private boolean isLeaving;

    Overview(
            Setup setup,
            Commands commands,
            Ledger ledger,
            Floor floor,
            Candidates candidates,
            Peers peers,
            Proposals proposals,
            Stability stability,
            Execution execution,
            Reads reads,
            CommandTable table) {
        this.setup = setup;
        this.commands = commands;
        this.ledger = ledger;
        this.floor = floor;
        this.candidates = candidates;
        this.peers = peers;
        this.proposals = proposals;
        this.stability = stability;
        this.execution = execution;
        this.reads = reads;
        this.table = table;
    }

    void leave() {
        isLeaving = true;
    }

    /// Every member orders what comes to it as soon as any other would, if it hears of enough of
    /// them to order anything.
    OrderingStatus status() {
        boolean isOpen = !isLeaving && !ledger.hasEnded() && peers.live() >= setup.recoveryQuorum();
        @Nullable ReplicaId entry = isOpen ? setup.self() : null;
        return new OrderingStatus(entry, true, proposals.wantsBatch(), this);
    }

    @Override
    public SortedMap<String, String> read() {
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

    @Override
    public void tellHoldings(Holdings to) {
        commands.tellHoldings(to);
    }

    @Override
    public OrderTable table() {
        return table.read();
    }

    /// The floor that the journal holds a promise of.
    long promised() {
        return floor.promised();
    }

    /// True if the command has its position here.
    boolean isExecuted(CommandId id) {
        return ledger.done().contains(id);
    }

    /// What this member has said of a command, as far as it is not forgotten.
    Vote vote(CommandId id) {
        CommandState state = commands.find(id);
        return state == null ? Vote.NONE : state.vote;
    }

    /// The candidate of a command by which headers still name it; 0 if they do not.
    long named(CommandId id) {
        for (Mark candidate : candidates.made()) {
            if (candidate.id().equals(id)) {
                return candidate.timestamp();
            }
        }
        return 0;
    }

    /// Everything with a unique id at or below is decided here.
    long stableThrough() {
        return stability.through();
    }
}

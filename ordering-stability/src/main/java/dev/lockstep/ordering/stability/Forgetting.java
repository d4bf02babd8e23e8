package dev.lockstep.ordering.stability;

import dev.lockstep.core.Effect;

import java.util.List;

/// Which records of the journal are needed no more: after a snapshot, those before the first that
/// follows it or is not executed, once what still counts of older ones is written again.
final class Forgetting {

    private final Setup setup;
    private final Turn turn;
    private final Commands commands;
    private final Ledger ledger;
    private final Floor floor;
    private final Candidates candidates;
    private final Waypoints waypoints;

    Forgetting(
            Setup setup,
            Turn turn,
            Commands commands,
            Ledger ledger,
            Floor floor,
            Candidates candidates,
            Waypoints waypoints) {
        this.setup = setup;
        this.turn = turn;
        this.commands = commands;
        this.ledger = ledger;
        this.floor = floor;
        this.candidates = candidates;
        this.waypoints = waypoints;
    }

    /// A snapshot of everything through `position` is durable.
    void onSnapshot(long position) {
        if (position > ledger.delivered()) {
            return;
        }
        long again = floor.write();
        for (CommandState state : commands.pending()) {
            if (state.commandSequence != 0 || state.voteSequence != 0) {
                commands.saveWhole(state);
            }
        }
        // Executed ones of which headers still speak: their candidates must not be forgotten.
        List<Mark> named = setup.rules().keepsNamed() ? candidates.made() : List.of();
        for (Mark candidate : named) {
            CommandState state = commands.find(candidate.id());
            if (state == null || state.isExecuted()) {
                Vote vote = Vote.NONE.withCandidate(candidate.timestamp(), false);
                turn.persist(
                        new StabilityRecord.Voted(
                                candidate.id(), state == null ? vote : state.vote));
            }
        }
        long needed = Math.min(again, waypoints.earliestAfter(position));
        turn.afterSync(() -> turn.emit(new Effect.Release<>(needed - 1)));
    }
}

package dev.lockstep.ordering.stability;

import dev.lockstep.ordering.stability.CommandState.Attempt;
import dev.lockstep.ordering.stability.StabilityMessage.Consensus;
import dev.lockstep.ordering.stability.StabilityMessage.Recover;

import org.jspecify.annotations.Nullable;

import java.util.List;
import java.util.TreeSet;

/// Ballots above 0: the slow path of a command's own coordinator, and the finishing of a command
/// that its coordinator does not finish. One consensus a command; what it decides is what the fast
/// path decided, if that did.
final class Recovery {

    private final Setup setup;
    private final Turn turn;
    private final Commands commands;
    private final Acceptor acceptor;
    private final Execution execution;
    private final Post post;
    private final Turns turns;

    /// Commands whose recoveries could choose, and wait for their predecessors' to do so.
    private final TreeSet<CommandId> beside = new TreeSet<>();

    Recovery(
            Setup setup,
            Turn turn,
            Commands commands,
            Acceptor acceptor,
            Execution execution,
            Post post,
            Turns turns) {
        this.setup = setup;
        this.turn = turn;
        this.commands = commands;
        this.acceptor = acceptor;
        this.execution = execution;
        this.post = post;
        this.turns = turns;
    }

    /// Goes on with the finishing of a command whose payload is here and whose end is not known.
    /// The same ballot is good until somebody has promised a higher one: each is written down, and
    /// a member without a majority that began another every time would fill its disk.
    void goOn(CommandState state, Command command) {
        Attempt attempt = state.attempt;
        boolean isOverHere = attempt != null && state.vote.ballot() != attempt.ballot;
        if (attempt == null || isOverHere || state.isRefused()) {
            // This member's own promise of another ballot is a refusal as well.
            state.refusals += isOverHere && !state.isRefused() ? 1 : 0;
            waitFor(state, state.refusals);
            begin(state, command);
            return;
        }
        state.refusals = 0;
        attempt.repeats++;
        waitFor(state, attempt.repeats);
        if (attempt.timestamp != 0) {
            resend(state, command, attempt);
        } else {
            askAgain(state, command, attempt);
        }
    }

    private void askAgain(CommandState state, Command command, Attempt attempt) {
        for (int rank = 0; rank < setup.size(); rank++) {
            if (attempt.votes[rank] == null) {
                post.send(
                        rank,
                        new Recover(command, attempt.ballot),
                        setup.rules().sayAfter(state.voteSequence));
            }
        }
    }

    private void begin(CommandState state, Command command) {
        long seen = Math.max(state.ballotSeen, Math.max(state.vote.ballot(), setup.size()));
        long ballot = setup.rules().ballot(setup.rank(), setup.size(), seen);
        Attempt attempt = new Attempt(ballot, setup.size());
        state.attempt = attempt;
        state.begun++;
        if (!acceptor.promise(state, ballot)) {
            return;
        }
        // Also at the one who asks: else the same ballot could be used for two values.
        post.broadcast(new Recover(command, ballot), setup.rules().sayAfter(state.voteSequence));
        turn.afterSync(() -> onOwn(state, attempt));
    }

    private void onOwn(CommandState state, Attempt attempt) {
        if (state.attempt == attempt && state.vote.ballot() == attempt.ballot) {
            onAnswer(setup.rank(), state, attempt, state.vote);
        }
    }

    void onAnswer(int rank, StabilityMessage.RecoverAck ack) {
        CommandState state = commands.find(ack.id());
        Attempt attempt = state == null ? null : state.attempt;
        if (state == null || attempt == null) {
            return;
        }
        if (!setup.rules().isAnswerTo(attempt.ballot, ack.vote().ballot())) {
            // To a former question: meanwhile its sender may have accepted another's value.
            return;
        }
        state.holders |= 1L << rank;
        onAnswer(rank, state, attempt, ack.vote());
    }

    private void onAnswer(int rank, CommandState state, Attempt attempt, Vote vote) {
        Command command = state.command;
        if (attempt.timestamp != 0 || command == null || state.isDecided()) {
            return;
        }
        attempt.votes[rank] = vote;
        int answers = 0;
        for (Vote each : attempt.votes) {
            answers += each == null ? 0 : 1;
        }
        if (answers < setup.rules().recoveryQuorum(setup.recoveryQuorum())) {
            return;
        }
        if (turns.isBesides(command)) {
            beside.add(state.id);
            return;
        }
        long value = choose(command, attempt.votes);
        if (value > 0) {
            accept(state, command, attempt, value);
        }
    }

    /// Goes on with those that waited for their predecessor's id.
    void resume() {
        for (CommandId id : List.copyOf(beside)) {
            CommandState state = commands.find(id);
            Command command = state == null ? null : state.command;
            Attempt attempt = state == null ? null : state.attempt;
            Vote own = attempt == null ? null : attempt.votes[setup.rank()];
            if (state == null || command == null || attempt == null || own == null) {
                beside.remove(id);
            } else if (!turns.isBesides(command)) {
                beside.remove(id);
                onAnswer(setup.rank(), state, attempt, own);
            }
        }
    }

    /// What may have been decided, or the largest candidate if nothing can have been.
    private long choose(Command command, @Nullable Vote[] votes) {
        long acceptedBallot = 0;
        long accepted = 0;
        long largest = 0;
        long largestFast = 0;
        boolean isFree = false;
        boolean isAnyLate = false;
        for (int rank = 0; rank < votes.length; rank++) {
            Vote vote = votes[rank];
            if (vote == null) {
                continue;
            }
            if (vote.acceptedBallot() > acceptedBallot) {
                acceptedBallot = vote.acceptedBallot();
                accepted = vote.accepted();
            }
            largest = Math.max(largest, vote.candidate());
            isAnyLate |= vote.isLate();
            if (command.isFast(rank)) {
                largestFast = Math.max(largestFast, vote.candidate());
                // Who made its candidate for a recovery never acknowledged the proposal.
                isFree |= vote.isLate();
            }
            // The coordinator answers only if it has not decided, and will not any more.
            isFree |= rank == setup.rankOf(command.id());
        }
        if (acceptedBallot > 0) {
            return accepted;
        }
        // Nobody is left who could say what else it was, if this member is alone.
        if (!setup.isAlone() && !setup.rules().isFree(isFree)) {
            return largestFast;
        }
        // An evident decision is the largest candidate and nothing else; its coordinator may have
        // forgotten it. It takes acknowledgements of all: who made a late candidate never gave one.
        boolean mayRaise = setup.isAlone() || setup.rules().mayRaise(isAnyLate);
        return mayRaise ? Math.max(largest, turns.leastAfter(command)) : largest;
    }

    /// The slow path: the coordinator proposes a value at its own first ballot, which nobody
    /// else uses.
    void propose(CommandState state, long ballot, long timestamp) {
        Command command = state.command;
        if (command == null) {
            return;
        }
        Attempt attempt = new Attempt(ballot, setup.size());
        state.attempt = attempt;
        accept(state, command, attempt, timestamp);
    }

    private void accept(CommandState state, Command command, Attempt attempt, long timestamp) {
        attempt.timestamp = timestamp;
        if (!acceptor.accept(state, attempt.ballot, timestamp)) {
            state.attempt = null;
            return;
        }
        post.broadcast(new Consensus(command, attempt.ballot, timestamp), 0);
        turn.afterSync(() -> onAccepted(setup.rank(), state, attempt.ballot));
    }

    /// Sends a value again to those who have not accepted it.
    void resend(CommandState state, Command command, Attempt attempt) {
        for (int rank = 0; rank < setup.size(); rank++) {
            if ((attempt.accepted & 1L << rank) == 0) {
                post.send(rank, new Consensus(command, attempt.ballot, attempt.timestamp));
            }
        }
        state.since = turn.monotonicNanos();
    }

    void onAccepted(int rank, StabilityMessage.ConsensusAck ack) {
        CommandState state = commands.find(ack.id());
        if (state != null) {
            state.holders |= 1L << rank;
            onAccepted(rank, state, ack.ballot());
        }
    }

    private void onAccepted(int rank, CommandState state, long ballot) {
        Attempt attempt = state.attempt;
        if (attempt == null || attempt.ballot != ballot || attempt.timestamp == 0) {
            return;
        }
        if (state.isDecided() || state.isDeciding) {
            return;
        }
        attempt.accepted |= 1L << rank;
        int quorum = setup.rules().acceptQuorum(setup.acceptQuorum());
        if (Long.bitCount(attempt.accepted) >= quorum) {
            long timestamp = attempt.timestamp;
            execution.decide(state, timestamp);
            FastPath.tell(setup, post, state, timestamp, 0);
        }
    }

    /// Somebody has promised more. The others may be enough: what this ballot asks for stays good.
    /// If they are not, leaves the command to whoever that is for a while, and then begins a
    /// higher ballot.
    void onNack(StabilityMessage.Nack nack) {
        CommandState state = commands.find(nack.id());
        if (state == null || state.isDecided() || state.isDeciding) {
            return;
        }
        boolean wasRefused = state.isRefused();
        state.ballotSeen = Math.max(state.ballotSeen, nack.ballot());
        if (state.isRefused() && !wasRefused) {
            state.refusals++;
            waitFor(state, state.refusals);
            if (!setup.rules().goesOnWithTheOthers()) {
                state.attempt = null;
            }
        }
    }

    /// Lets some time pass before the next attempt: longer each time, and at random, so that two do
    /// not keep each other from it. After a refusal that is counted by refusals alone: how long
    /// nobody answered before is no reason to let others wait now that somebody does.
    private void waitFor(CommandState state, int times) {
        long timeout = setup.options().timing().recoveryNanos();
        long most = timeout << Math.min(times, 4);
        state.patientUntil = turn.monotonicNanos() + timeout / 2 + setup.random().nextLong(most);
    }
}

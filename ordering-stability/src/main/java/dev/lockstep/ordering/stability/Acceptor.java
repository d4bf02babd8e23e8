package dev.lockstep.ordering.stability;

import dev.lockstep.ordering.stability.StabilityMessage.Body;
import dev.lockstep.ordering.stability.StabilityMessage.Commit;
import dev.lockstep.ordering.stability.StabilityMessage.Consensus;
import dev.lockstep.ordering.stability.StabilityMessage.ConsensusAck;
import dev.lockstep.ordering.stability.StabilityMessage.Fetch;
import dev.lockstep.ordering.stability.StabilityMessage.Nack;
import dev.lockstep.ordering.stability.StabilityMessage.Past;
import dev.lockstep.ordering.stability.StabilityMessage.ProposeAck;
import dev.lockstep.ordering.stability.StabilityMessage.Recover;
import dev.lockstep.ordering.stability.StabilityMessage.RecoverAck;

import org.jspecify.annotations.Nullable;

import java.util.List;

/// What a member says to the proposals, values and recoveries of others. Everything that it says is
/// durable first.
final class Acceptor {

    private final Setup setup;
    private final Turn turn;
    private final Commands commands;
    private final Ledger ledger;
    private final Floor floor;
    private final Candidates candidates;
    private final Execution execution;
    private final Post post;
    private final Turns turns;

    Acceptor(
            Setup setup,
            Turn turn,
            Commands commands,
            Ledger ledger,
            Floor floor,
            Candidates candidates,
            Execution execution,
            Post post,
            Turns turns) {
        this.setup = setup;
        this.turn = turn;
        this.commands = commands;
        this.ledger = ledger;
        this.floor = floor;
        this.candidates = candidates;
        this.execution = execution;
        this.post = post;
        this.turns = turns;
    }

    /// What there is to say of a command whose end is known; null if it is open.
    @Nullable Body ending(CommandId id, boolean withCommand) {
        CommandState state = commands.find(id);
        if (state != null && state.isDecided()) {
            return new Commit(id, state.vote.decided(), withCommand ? state.command : null);
        }
        if (setup.rules().knowsPast() && ledger.done().contains(id)) {
            return new Past(id, execution.durablePosition());
        }
        return null;
    }

    private boolean hasEnded(int from, CommandId id) {
        Body answer = ending(id, false);
        if (answer != null) {
            post.send(from, answer);
            return true;
        }
        return false;
    }

    /// The state of an open command that may be spoken of; null if nothing is to be said.
    private @Nullable CommandState open(int from, Command command) {
        if (setup.rankOf(command.id()) < 0 || hasEnded(from, command.id())) {
            return null;
        }
        CommandState state = commands.obtain(command.id());
        state.holders |= 1L << from;
        commands.learn(state, command);
        return setup.rules().maySpeak(state.isDeciding) ? state : null;
    }

    void onPropose(int from, Command command) {
        CommandState state = open(from, command);
        if (state == null) {
            return;
        }
        if (!setup.rules().mayAcknowledge(state.vote)) {
            // Somebody recovers it: ballot 0 is over here.
            return;
        }
        if (state.vote.candidate() == 0) {
            long after = turns.leastAfter(command);
            if (after < 0) {
                turns.hold(state.id);
                return;
            }
            long least = setup.rules().leastFor(command.least());
            makeCandidate(state, Math.max(least, after), false);
        }
        acknowledge(from, state);
        if (setup.rules().decidesAlone(setup.size()) && command.isFast(setup.rank())) {
            execution.decide(state, state.vote.candidate());
        }
    }

    /// Answers the proposals whose turn has come.
    void release() {
        List<CommandState> released = turns.release();
        while (!released.isEmpty()) {
            for (CommandState state : released) {
                Command command = state.command;
                if (command != null) {
                    onPropose(setup.rankOf(state.id), command);
                }
            }
            released = turns.release();
        }
    }

    /// Acknowledges a proposal when the candidate is durable, and no sooner makes the message: only
    /// then may its header say that the floor has passed the candidate. Else the coordinator, which
    /// decides when it has the acknowledgement, would have to wait for the next header to know that
    /// what it has decided is stable.
    private void acknowledge(int coordinator, CommandState state) {
        if (setup.rules().sayAfter(state.voteSequence) <= turn.durable()) {
            sendAck(coordinator, state);
        } else {
            turn.afterSync(
                    () -> {
                        if (setup.rules().mayAcknowledge(state.vote) && !state.isExecuted()) {
                            sendAck(coordinator, state);
                        }
                    });
        }
    }

    private void sendAck(int coordinator, CommandState state) {
        // Where the clock alone moves the floor, it is told when it gets there.
        floor.follow();
        floor.want(state.vote.candidate());
        post.send(coordinator, new ProposeAck(state.id, state.vote.candidate()));
    }

    /// Makes this member's candidate and writes it down, with the rest of the vote.
    long makeCandidate(CommandState state, long least, boolean isLate) {
        long candidate = floor.next(least);
        state.vote = state.vote.withCandidate(candidate, isLate);
        commands.note(candidate);
        long sequence = commands.save(state);
        floor.onWritten(candidate, sequence);
        candidates.add(new Mark(candidate, state.id));
        return sequence;
    }

    void onRecover(int from, Recover recover) {
        CommandState state = open(from, recover.command());
        if (state == null) {
            return;
        }
        boolean isAskedAgain = state.vote.ballot() == recover.ballot();
        if (!isAskedAgain && !promise(state, recover.ballot())) {
            post.send(from, new Nack(state.id, state.vote.ballot()));
            return;
        }
        state.since = turn.monotonicNanos();
        post.send(
                from,
                new RecoverAck(state.id, state.vote),
                setup.rules().sayAfter(state.voteSequence));
    }

    /// Promises a ballot, with a late candidate if there is none; false if a higher one is
    /// promised.
    boolean promise(CommandState state, long ballot) {
        if (state.vote.ballot() >= ballot) {
            return false;
        }
        state.vote = setup.rules().promised(state.vote, ballot);
        // A proposal of this member's own is over: it never decides after this.
        state.proposal = null;
        if (state.vote.candidate() == 0 && setup.rules().makesLateCandidates()) {
            makeCandidate(state, 0, true);
        } else {
            commands.save(state);
        }
        return true;
    }

    void onConsensus(int from, Consensus ask) {
        CommandState state = open(from, ask.command());
        if (state == null) {
            return;
        }
        if (!accept(state, ask.ballot(), ask.timestamp())) {
            post.send(from, new Nack(state.id, state.vote.ballot()));
            return;
        }
        state.since = turn.monotonicNanos();
        post.send(
                from,
                new ConsensusAck(state.id, ask.ballot()),
                setup.rules().sayAfter(state.voteSequence));
    }

    /// Accepts a value; false if a higher ballot is promised.
    boolean accept(CommandState state, long ballot, long timestamp) {
        if (state.vote.ballot() > ballot) {
            return false;
        }
        boolean isNew = state.vote.acceptedBallot() != ballot || state.vote.ballot() != ballot;
        if (isNew) {
            state.vote = state.vote.withAccepted(ballot, timestamp);
            state.proposal = null;
            commands.note(timestamp);
            floor.want(timestamp);
            commands.save(state);
        }
        return true;
    }

    void onCommit(int from, Commit commit) {
        if (setup.rankOf(commit.id()) < 0) {
            return;
        }
        CommandState known = commands.find(commit.id());
        if (known == null && ledger.done().contains(commit.id())) {
            return;
        }
        CommandState state = commands.obtain(commit.id());
        Command command = commit.command();
        state.holders |= command == null ? 0 : 1L << from;
        if (command != null && !state.isExecuted()) {
            commands.learn(state, command);
        }
        if (state.isDeciding) {
            return;
        }
        // Once: a member that lacks the command as well answers with the decision again. [Watch]
        // asks
        // everybody, with patience.
        boolean isNews = !state.isDecided();
        if (isNews && state.command == null && setup.rules().asksForCommands()) {
            post.send(from, new Fetch(List.of(state.id), true));
        }
        execution.decide(state, commit.timestamp());
    }

    void onPayload(int from, Command command) {
        CommandState state = commands.find(command.id());
        if (state == null || state.isExecuted()) {
            return;
        }
        state.holders |= 1L << from;
        commands.learn(state, command);
    }
}

package dev.lockstep.ordering.stability;

import dev.lockstep.core.Input;
import dev.lockstep.core.Now;
import dev.lockstep.core.Ordering;
import dev.lockstep.core.OrderingStatus;
import dev.lockstep.core.Outbox;
import dev.lockstep.core.ReplicaId;

import java.util.List;

/// One member's part in stability ordering: takes inputs and lets the parts of the protocol act on
/// them.
///
/// The package's description is the protocol's specification.
final class StabilityOrdering implements Ordering<StabilityMessage, StabilityRecord> {

    /// A clock that stands still is not looked at more often.
    private static final long LEAST_WAIT_NANOS = 100_000;

    private final Setup setup;
    private final Turn turn;
    private final Commands commands;
    private final Ledger ledger;
    private final Floor floor;
    private final Candidates candidates;
    private final Peers peers;
    private final Post post;
    private final Proposals proposals;
    private final Execution execution;
    private final Acceptor acceptor;
    private final Recovery recovery;
    private final FastPath fastPath;
    private final Reads reads;
    private final Watch watch;
    private final Forgetting forgetting;
    private final Overview overview;

    StabilityOrdering(Setup setup) {
        this.setup = setup;
        turn = new Turn();
        commands = new Commands(setup, turn);
        ledger = new Ledger(setup, turn);
        floor = new Floor(setup, turn);
        candidates = new Candidates(floor);
        AgreedClock clock = new AgreedClock(setup, turn);
        peers = new Peers(setup, turn, clock);
        post = new Post(setup, turn, floor, candidates, peers, ledger);
        proposals =
                new Proposals(setup, turn, commands, ledger, floor, candidates, peers, post, clock);
        Stability stability = new Stability(setup, floor, candidates, peers);
        Waypoints waypoints = new Waypoints();
        execution =
                new Execution(
                        setup,
                        turn,
                        commands,
                        ledger,
                        floor,
                        candidates,
                        peers,
                        stability,
                        waypoints,
                        proposals);
        Turns turns = new Turns(commands, ledger);
        acceptor =
                new Acceptor(
                        setup, turn, commands, ledger, floor, candidates, execution, post, turns);
        recovery = new Recovery(setup, turn, commands, acceptor, execution, post, turns);
        fastPath = new FastPath(setup, turn, commands, execution, recovery, peers, post);
        reads = new Reads(setup, turn, commands, ledger, floor, stability, execution, post);
        watch =
                new Watch(
                        setup, turn, commands, ledger, peers, proposals, recovery, acceptor, post,
                        turns);
        forgetting = new Forgetting(setup, turn, commands, ledger, floor, candidates, waypoints);
        overview =
                new Overview(
                        setup,
                        commands,
                        ledger,
                        floor,
                        candidates,
                        peers,
                        proposals,
                        stability,
                        execution,
                        reads,
                        new CommandTable(
                                setup, commands, floor, candidates, peers, stability, turns));
    }

    @Override
    public OrderingStatus status() {
        return overview.status();
    }

    @Override
    public void step(
            Now now,
            Input<StabilityMessage, StabilityRecord> input,
            Outbox<StabilityMessage, StabilityRecord> out) {
        if (ledger.hasEnded()) {
            return;
        }
        turn.begin(now, out);
        switch (input) {
            case Input.Restored<StabilityMessage, StabilityRecord> restored ->
                    ledger.restore(
                            restored.position(),
                            restored.timeNanos(),
                            restored.anchor(),
                            restored.delivered());
            case Input.Replayed<StabilityMessage, StabilityRecord> replayed ->
                    onReplayed(replayed.sequence(), replayed.record());
            case Input.Recovered<StabilityMessage, StabilityRecord> _ -> onRecovered();
            case Input.Submitted<StabilityMessage, StabilityRecord> submitted -> {
                proposals.submit(submitted.batch());
                finish();
            }
            case Input.Received<StabilityMessage, StabilityRecord> received ->
                    onReceived(received.from(), received.message());
            case Input.Durable<StabilityMessage, StabilityRecord> durable ->
                    onDurable(durable.sequence());
            case Input.TimerFired<StabilityMessage, StabilityRecord> fired ->
                    onTimer((StabilityTimer) fired.timer());
            case Input.ReadRequested<StabilityMessage, StabilityRecord> read -> {
                reads.onRequested(read.barrier());
                finish();
            }
            case Input.StopRequested<StabilityMessage, StabilityRecord> stop -> {
                proposals.want(stop.sign());
                finish();
            }
            case Input.PeerLost<StabilityMessage, StabilityRecord> lost -> onLost(lost.peer());
            case Input.PeerBack<StabilityMessage, StabilityRecord> back -> onBack(back.peer());
            case Input.History<StabilityMessage, StabilityRecord> history -> {
                execution.onHistory(history.entries());
                finish();
            }
            case Input.Leaving<StabilityMessage, StabilityRecord> _ -> overview.leave();
            case Input.SnapshotDurable<StabilityMessage, StabilityRecord> snapshot ->
                    forgetting.onSnapshot(snapshot.position());
            // There is nothing to hand over: the others coordinate their own.
            case Input.HandOver<StabilityMessage, StabilityRecord> _ -> {}
            // Of other fault models and orders: nothing here asks for them.
            case Input.Wedged<StabilityMessage, StabilityRecord> _ -> {}
            case Input.Installed<StabilityMessage, StabilityRecord> _ -> {}
            case Input.Validated<StabilityMessage, StabilityRecord> _ -> {}
            case Input.Suspected<StabilityMessage, StabilityRecord> _ -> {}
            case Input.Flushed<StabilityMessage, StabilityRecord> _ -> {}
        }
        turn.end();
    }

    private void onReplayed(long sequence, StabilityRecord record) {
        turn.onReplayed(sequence);
        switch (record) {
            case StabilityRecord.Known known -> {
                commands.onReplayed(sequence, known);
                execution.onReplayed(known.command().id(), known.vote());
            }
            case StabilityRecord.Voted voted -> {
                commands.onReplayed(sequence, voted);
                execution.onReplayed(voted.id(), voted.vote());
            }
            case StabilityRecord.Reserved reserved -> floor.onReplayed(reserved);
            case StabilityRecord.Executed executed -> execution.onReplayed(executed);
            case StabilityRecord.Learnt learnt -> execution.onReplayed(sequence, learnt);
        }
    }

    /// What was replayed is durable. A command of this member's own that it had proposed before is
    /// not proposed any further but recovered, as if somebody else had died.
    private void onRecovered() {
        commands.note(ledger.lastTimestamp());
        floor.recover(commands.highest());
        execution.recover();
        proposals.recover();
        turn.setTimer(StabilityTimer.TICK, turn.monotonicNanos() + tickNanos());
        finish();
    }

    private long tickNanos() {
        return setup.options().timing().heartbeatNanos();
    }

    private void onReceived(ReplicaId from, StabilityMessage message) {
        int rank = setup.members().indexOf(from);
        if (rank < 0 || rank == setup.rank()) {
            return;
        }
        Header header = message.header();
        List<CommandId> heard = peers.onHeader(rank, header, commands, ledger);
        heard.forEach(commands::obtain);
        if (setup.clock().followsOthers()) {
            floor.raise(header.through());
        }
        if (header.bump() > 0) {
            floor.want(header.bump());
        }
        switch (message.body()) {
            case StabilityMessage.Propose propose -> acceptor.onPropose(rank, propose.command());
            case StabilityMessage.ProposeAck ack -> fastPath.onAck(rank, ack);
            case StabilityMessage.Consensus ask -> acceptor.onConsensus(rank, ask);
            case StabilityMessage.ConsensusAck ack -> recovery.onAccepted(rank, ack);
            case StabilityMessage.Nack nack -> recovery.onNack(nack);
            case StabilityMessage.Recover recover -> acceptor.onRecover(rank, recover);
            case StabilityMessage.RecoverAck ack -> recovery.onAnswer(rank, ack);
            case StabilityMessage.Commit commit -> acceptor.onCommit(rank, commit);
            case StabilityMessage.Past past -> {
                if (setup.rankOf(past.id()) >= 0 && !ledger.done().contains(past.id())) {
                    peers.need(past.position());
                }
            }
            case StabilityMessage.Fetch fetch -> watch.onFetch(rank, fetch);
            case StabilityMessage.Payload payload -> acceptor.onPayload(rank, payload.command());
            case StabilityMessage.Heartbeat _ -> {}
            case StabilityMessage.ReadBound ask -> reads.onAsked(rank, ask);
            case StabilityMessage.ReadBoundAck ack -> reads.onAnswer(rank, ack);
        }
        finish();
    }

    private void onDurable(long sequence) {
        floor.onDurable(sequence);
        turn.onDurable(sequence);
        fastPath.onDurable();
        finish();
    }

    private void onTimer(StabilityTimer timer) {
        switch (timer) {
            case TICK -> {
                watch.tick();
                reads.retry();
                turn.setTimer(StabilityTimer.TICK, turn.monotonicNanos() + tickNanos());
            }
            case CLOCK -> {}
        }
        finish();
    }

    private void onLost(ReplicaId peer) {
        int rank = setup.members().indexOf(peer);
        if (rank >= 0 && rank != setup.rank()) {
            peers.onLost(rank);
            watch.onLost(rank);
        }
    }

    private void onBack(ReplicaId peer) {
        int rank = setup.members().indexOf(peer);
        if (rank >= 0 && rank != setup.rank()) {
            peers.onBack(rank);
            post.send(rank, new StabilityMessage.Heartbeat());
        }
    }

    /// Does and says what the step has made possible.
    private void finish() {
        if (commands.hasPending() || reads.isWaiting() || floor.wanted() > floor.floor()) {
            floor.follow();
        }
        execution.advance();
        if (ledger.hasEnded()) {
            return;
        }
        acceptor.release();
        recovery.resume();
        proposals.flush();
        reads.flush();
        long announced = floor.announced();
        long due = execution.dueAt(announced);
        long read = Math.max(floor.bumped(), floor.wanted());
        post.announce(read <= announced ? Math.max(due, read) : due);
        awaitClock();
    }

    /// The clock alone moves the floor where candidates do not count: looks again when it has
    /// passed the next timestamp that somebody waits for.
    private void awaitClock() {
        if (setup.clock().counts()) {
            return;
        }
        long next = execution.nextAbove(floor.floor());
        long wanted = floor.wanted() > floor.floor() ? floor.wanted() : 0;
        long target = next == 0 ? wanted : wanted == 0 ? next : Math.min(next, wanted);
        if (target > 0) {
            long lead = target - setup.clock().reading(turn.now());
            long most = setup.options().timing().maxLeadNanos();
            long wait = Math.max(LEAST_WAIT_NANOS, Math.min(lead, most));
            turn.setTimer(StabilityTimer.CLOCK, turn.monotonicNanos() + wait);
        }
    }
}

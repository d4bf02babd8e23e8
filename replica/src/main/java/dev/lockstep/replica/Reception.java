package dev.lockstep.replica;

import dev.lockstep.core.Member;
import dev.lockstep.core.Now;
import dev.lockstep.core.ReplicaId;
import dev.lockstep.core.port.PeerPort;
import dev.lockstep.core.wire.Bytes;
import dev.lockstep.core.wire.BytesReader;

/// Takes in what other replicas say, and decides who is heard.
///
/// A protocol's frames are taken only from members of the present epoch, each in the life that the
/// epoch names; what is said of history and snapshots, from every replica of the cluster.
final class Reception {

    /// What the rest of the replica does about frames.
    interface Target {
        void onChain(Now now, Member from, PeerFrames.Chain chain);

        void onState(Now now, Member from, StateFrames.State state);

        void onRepliesNeeded(Member from, ReplyFrames.Span span);

        /// A member said something about a turn.
        ///
        /// @param epoch the sender's
        void onTurn(Now now, Member from, long epoch, PauseFrames.Turn turn);

        void onReplies(Member from, ReplyFrames.Replies replies);

        /// A member asks or answers how long messages take.
        void onDelayFrame(Now now, Member from, int kind, Bytes content);

        /// A member passes on requests, as in a batch's payload.
        void onRequests(Now now, ReplicaId from, Bytes payload);
    }

    private final CurrentReign current;
    private final CurrentEngine engine;
    private final PeerTable table;
    private final PeerPort peers;
    private final HistoryServer server;
    private final HistoryFetch fetch;
    private final SnapshotDuties duties;
    private final Pursuit pursuit;
    private final Target target;
    private final RecordServer records;
    private final ReplicaRules rules;
    private final EarlyFrames early = new EarlyFrames();

    Reception(
            CurrentReign current,
            CurrentEngine engine,
            PeerTable table,
            PeerPort peers,
            HistoryServer server,
            HistoryFetch fetch,
            SnapshotDuties duties,
            Pursuit pursuit,
            Target target,
            RecordServer records,
            ReplicaRules rules) {
        this.current = current;
        this.engine = engine;
        this.table = table;
        this.peers = peers;
        this.server = server;
        this.fetch = fetch;
        this.duties = duties;
        this.pursuit = pursuit;
        this.target = target;
        this.records = records;
        this.rules = rules;
    }

    /// A frame of another replica of the cluster.
    ///
    /// @throws dev.lockstep.core.wire.MalformedException if it is none
    void onFrame(Now now, Member from, Bytes frame) {
        int kind = PeerFrames.kind(frame);
        long epoch = PeerFrames.epoch(frame);
        if (from.id().equals(current.self())) {
            return;
        }
        if (kind == RepairFrames.NEED_RECORDS) {
            // Who is being mended is in no epoch yet.
            records.ask(from.id(), PeerFrames.content(frame));
            return;
        }
        boolean wasInThePast = pursuit.isInThePast();
        table.onFrame(from, epoch);
        if (!wasInThePast && pursuit.isInThePast()) {
            pursuit.hurry();
        }
        Bytes content = PeerFrames.content(frame);
        switch (kind) {
            case PeerFrames.PROTOCOL -> onProtocol(now, from, epoch, frame);
            case PeerFrames.NEED_HISTORY ->
                    server.serve(from.id(), PeerFrames.decodeNeedHistory(content));
            case PeerFrames.HISTORY ->
                    fetch.onHistory(now, from.id(), PeerFrames.decodeHistory(content));
            case PeerFrames.CHAIN -> {
                PeerFrames.Chain chain = PeerFrames.decodeChain(content);
                if (current.get().isMember(from)) {
                    target.onChain(now, from, chain);
                }
            }
            case StateFrames.STATE -> {
                StateFrames.State state = StateFrames.decode(content);
                if (current.get().isMember(from)) {
                    target.onState(now, from, state);
                }
            }
            case ReplyFrames.NEED_REPLIES ->
                    target.onRepliesNeeded(from, ReplyFrames.decodeNeedReplies(content));
            case ReplyFrames.REPLIES -> target.onReplies(from, ReplyFrames.decodeReplies(content));
            case PauseFrames.PAUSE_TURN -> {
                PauseFrames.Turn turn = PauseFrames.decode(content);
                if (current.get().isMember(from)) {
                    target.onTurn(now, from, epoch, turn);
                }
            }
            case DelayMonitor.PING, DelayMonitor.PONG ->
                    target.onDelayFrame(now, from, kind, content);
            case RequestFrames.REQUESTS -> {
                if (current.get().isMember(from)) {
                    target.onRequests(now, from.id(), content);
                }
            }
            case EpochFrames.MOVED -> new BytesReader(content).requireEnd();
            case EpochFrames.BEGUN -> {
                new BytesReader(content).requireEnd();
                if (epoch == current.epoch() && current.get().isMember(from)) {
                    // What was said to it before was of another epoch to it.
                    duties.onConnected(from.id());
                }
            }
            case RepairFrames.RECORDS -> {
                // It has all that it asked for: it takes part again.
                var _ = RepairFrames.decodeRecords(epoch, content);
            }
            case EpochFrames.PROGRESS ->
                    table.onProgress(now, from, EpochFrames.decodeProgress(content));
            default -> duties.onFrame(now, from, kind, epoch, content);
        }
    }

    private void onProtocol(Now now, Member from, long epoch, Bytes frame) {
        long present = current.epoch();
        if (epoch > present) {
            early.add(from, frame, epoch, present);
        } else if (!rules.hearsEpoch(epoch, present)) {
            peers.send(from.id(), EpochFrames.moved(present), Bytes.EMPTY, 0);
        } else if (current.isMember() && current.get().isMember(from)) {
            engine.receive(now, from.id(), PeerFrames.content(frame));
        }
    }

    /// An epoch has begun: hands in what came too early, and tells the other members.
    void onBegun(Now now) {
        for (Member member : current.members().members()) {
            if (!member.id().equals(current.self())) {
                tellEpoch(member);
            }
        }
        duties.onBegun(now);
        for (EarlyFrames.Early frame : early.take(current.epoch())) {
            onProtocol(now, frame.from(), current.epoch(), frame.frame());
        }
        pursuit.hurry();
    }

    /// There is a new connection to another replica.
    void onConnected(Now now, Member peer) {
        table.onConnected(peer);
        if (current.get().isMember(peer)) {
            engine.peerBack(now, peer.id());
            duties.onConnected(peer.id());
        }
        tellEpoch(peer);
    }

    private void tellEpoch(Member peer) {
        peers.send(peer.id(), EpochFrames.begun(current.epoch()), Bytes.EMPTY, 0);
    }

    /// The connection to another replica ended, or could not be made.
    void onLost(Now now, Member peer) {
        table.onLost(peer);
        records.forget(peer.id());
        if (current.get().isMember(peer)) {
            engine.peerLost(now, peer.id());
        }
    }
}

package dev.lockstep.replica;

import dev.lockstep.core.HostPolicy;
import dev.lockstep.core.Invariant;
import dev.lockstep.core.Member;
import dev.lockstep.core.Now;
import dev.lockstep.core.ReplicaId;
import dev.lockstep.core.port.Journal;
import dev.lockstep.core.port.JournalRecord;
import dev.lockstep.core.port.SnapshotDescription;
import dev.lockstep.core.port.SnapshotEvent;
import dev.lockstep.core.port.Snapshots;
import dev.lockstep.core.wire.Bytes;
import dev.lockstep.core.wire.MalformedException;

import org.jspecify.annotations.Nullable;

/// What a replica does about snapshots, its own and others', and about the part of the journal that
/// they stand for.
final class SnapshotDuties {

    /// While no member has a snapshot that heals this replica, one is asked so often.
    private static final long HEAL_RETRY_NANOS = 1_000_000_000L;

    private final ReplicaPorts ports;
    private final CurrentReign current;
    private final PeerTable table;
    private final CurrentEngine engine;
    private final HistoryIndex index;
    private final Journal journal;
    private final ReplicaListener listener;
    private final SnapshotTaking snapshotting;
    private final JournalPrefix prefix;
    private final SnapshotServer server;
    private final ReplicaRules rules;
    private final SnapshotFetching fetch;
    private final Vouching vouching;

    /// A snapshot that the protocol is told of when what is kept here is believed; null without
    /// one.
    private @Nullable SnapshotDescription replaced;

    /// The position of the snapshot that the protocol was told of last.
    private long releasedPosition;

    /// The position of a snapshot that was fetched, and the record that must be durable before it
    /// is begun with; 0 if none was.
    private long installedPosition;

    private long installedRecord;

    private boolean wantsReboot;

    /// The least position of a snapshot that heals this replica; 0 while its state is believed.
    private long healsFrom;

    /// When the next member is asked for one, monotonic.
    private long healAgainNanos;

    /// Who was asked last.
    private ReplicaId healer;

    /// True once a member was asked in vain.
    private boolean waitsForMore;

    SnapshotDuties(
            ReplicaOptions options,
            ReplicaPorts ports,
            HostPolicy.Snapshots policy,
            Jury jury,
            CurrentReign current,
            PeerTable table,
            CurrentEngine engine,
            HistoryIndex index,
            Snapshotting.Source source,
            Snapshotting.Gate gate,
            OrderedWish wished,
            Target target,
            ReplicaRules rules) {
        this.ports = ports;
        this.current = current;
        this.table = table;
        this.healer = current.self();
        this.engine = engine;
        this.index = index;
        this.journal = ports.journal();
        this.listener = ports.listener();
        switch (policy) {
            case ANY_MEMBER -> {
                snapshotting = new Snapshotting(options, ports, source, gate);
                fetch = new SnapshotFetch(options, ports, current, table);
                vouching = new Vouching.Nobody();
            }
            case VOUCHED -> {
                snapshotting = new SnapshottingTogether(options, ports, current, source, gate);
                fetch = new VouchedFetch(options, ports, jury, current, table, rules);
                vouching =
                        new Checkpoints(options, ports, jury, current, wished, new Vouched(target));
            }
            default -> throw Invariant.broken("there is a way to take snapshots for " + policy);
        }
        this.prefix = new JournalPrefix(journal, current, rules);
        this.server = new SnapshotServer(current, ports.snapshots(), ports.peers());
        this.rules = rules;
    }

    /// What follows for the replica from what others say of its snapshots.
    interface Target {
        /// Its state is wrong.
        void onOutvoted(Now now, String reason);
    }

    /// What others sign for lets the journal go.
    private final class Vouched implements Checkpoints.Target {
        private final Target target;

        Vouched(Target target) {
            this.target = target;
        }

        @Override
        public void onOutvoted(Now now, String reason) {
            target.onOutvoted(now, reason);
        }

        @Override
        public void onProven(Now now) {
            replace(now);
        }
    }

    /// The replica begins with the state of a snapshot.
    void restored(long position) {
        snapshotting.restored(position);
    }

    /// There are no more records, and the journal takes new ones.
    ///
    /// @param isFresh true if there was none at all
    void recovered(boolean isFresh) {
        if (isFresh && snapshotting.lastPosition() > 0) {
            // The replica begins beside a snapshot that it was given: without it, what this
            // journal will hold would pass for everything from the first position on.
            var _ = prefix.continueFrom(snapshotting.lastPosition());
        }
    }

    /// Somebody wants a snapshot, and there is none yet.
    ///
    /// @param executed how far the replica has come; at least 1
    void want(long executed) {
        if (snapshotting.lastPosition() == 0 && healsFrom == 0) {
            snapshotting.want(executed);
        }
    }

    /// A record survived the last boot.
    ///
    /// @param executed how far the replica has come with the records before it
    void onReplayed(JournalRecord record, long executed) {
        if (executed > snapshotting.lastPosition()) {
            snapshotting.onReplayed(record.content().size());
        }
    }

    /// A record of the journal's prefix survived the last boot.
    ///
    /// @throws MalformedException if the snapshot that the record needs is not there
    void replayBase(JournalRecord record) {
        prefix.replay(record, snapshotting.lastPosition());
    }

    /// A record of a snapshot that was taken survived the last boot.
    ///
    /// @throws MalformedException if it is none
    void replayTaken(JournalRecord record) {
        prefix.replayTaken(record);
    }

    /// The journal takes records, before anybody has appended one.
    void recovered(Now now) {
        prefix.recovered(snapshotting.lastPosition());
        vouching.onKept(now);
    }

    /// A batch was executed, and the state is that after it.
    void onExecuted(Now now, SnapshotTaking.Executed executed) {
        snapshotting.onExecuted(now, executed, takesSnapshots());
    }

    /// There is a new connection to another replica.
    void onConnected(ReplicaId peer) {
        vouching.onConnected(peer);
    }

    /// An epoch has begun.
    void onBegun(Now now) {
        vouching.onBegun(now);
    }

    /// A frame of one of the kinds of [SnapshotFrames] and [CheckpointFrames].
    ///
    /// @param epoch the sender's
    /// @throws MalformedException if it is none
    void onFrame(Now now, Member sender, int kind, long epoch, Bytes content) {
        ReplicaId from = sender.id();
        switch (kind) {
            case SnapshotFrames.NEED_SNAPSHOT -> {
                if (healsFrom == 0) {
                    snapshotting.want(SnapshotFrames.decodeNeedSnapshot(content));
                    server.offer(from);
                }
            }
            case SnapshotFrames.NEED_CHUNK -> {
                SnapshotFrames.Wanted wanted = SnapshotFrames.decodeNeedChunk(content);
                if (healsFrom == 0) {
                    snapshotting.onFetched(now);
                    server.serve(from, wanted);
                } else {
                    // Who goes on with what was begun would diverge as well.
                    server.refuse(from);
                }
            }
            case CheckpointFrames.NEED_PROOF -> {
                long atLeast = SnapshotFrames.decodeNeedSnapshot(content);
                if (healsFrom != 0 || !vouching.prove(now, from, atLeast)) {
                    server.refuse(from);
                }
            }
            case CheckpointFrames.CHECKPOINT -> vouching.onCheckpoint(now, sender, epoch, content);
            default -> fetch.onFrame(now, from, kind, content, index.deliveredThrough());
        }
    }

    /// A member has what this replica needs only in a snapshot.
    void fetch(Now now, ReplicaId from) {
        if (installedPosition == 0) {
            fetch.begin(now, from, 0);
        }
    }

    /// The state here is not to be believed: another's, of a later position than any that this
    /// replica may have a snapshot of, is to take its place, if there is one for it.
    void heal(Now now, long executed) {
        if (ports.snapshots() != Snapshots.NONE) {
            healsFrom = executed + 1;
            healAgainNanos = now.monotonicNanos();
        }
    }

    private void healOn(Now now) {
        if (healsFrom == 0 || isFetching() || now.monotonicNanos() < healAgainNanos) {
            return;
        }
        waitsForMore = true;
        healAgainNanos = now.monotonicNanos() + HEAL_RETRY_NANOS;
        ReplicaId next = table.sourceAfter(healer);
        if (next != null) {
            healer = next;
            fetch.begin(now, healer, healsFrom);
        }
    }

    /// True once after each time at which a member was asked for what heals this replica: an idle
    /// cluster comes no further than this replica's last snapshot unless something is ordered.
    boolean wantsMore() {
        boolean wants = waitsForMore;
        waitsForMore = false;
        return wants;
    }

    /// True while there is no sense in fetching history.
    boolean isFetching() {
        return fetch.isUnderWay() || installedPosition != 0;
    }

    void onEvent(Now now, SnapshotEvent event) {
        switch (event) {
            case SnapshotEvent.Written written -> {
                prefix.taken(written.snapshot().position());
                replaced = snapshotting.onWritten(now, written.snapshot());
                vouching.onKept(now);
                replace(now);
            }
            case SnapshotEvent.Failed failed -> snapshotting.onFailed(now, failed.reason());
            case SnapshotEvent.Read read -> {
                if (read.token() < 0) {
                    vouching.onRead(now, read.token(), read.chunk());
                } else {
                    server.onRead(read.token(), read.chunk());
                }
            }
            case SnapshotEvent.Damaged damaged -> {
                listener.onSnapshotDamaged(damaged.position(), damaged.reason());
                snapshotting.onDamaged();
                vouching.onKept(now);
            }
            case SnapshotEvent.Progress progress -> fetch.onProgress(now, progress.next());
            case SnapshotEvent.Refused refused -> fetch.onRefused(now, refused.reason());
            case SnapshotEvent.Installed installed -> {
                fetch.onComplete();
                installedPosition = installed.snapshot().position();
                installedRecord = prefix.continueFrom(installedPosition);
                if (!rules.keepsJournalBesideSnapshot()) {
                    prefix.release(installedRecord - 1, installedPosition);
                }
                onDurable();
            }
        }
    }

    /// A later snapshot than the one that was replaced is kept, and whoever needs it believes it:
    /// the protocol is told.
    private void replace(Now now) {
        SnapshotDescription snapshot = replaced;
        if (snapshot == null || !vouching.isProven(snapshot.position())) {
            return;
        }
        replaced = null;
        // The engine knows nothing of epochs before its own: their records go with the first
        // snapshot after them.
        if (snapshot.position() >= current.get().after()) {
            releasedPosition = snapshot.position();
            engine.snapshotDurable(now, snapshot);
        }
    }

    /// The protocol needs no record through `sequence` any more.
    void release(long sequence) {
        Invariant.check(releasedPosition > 0, "records are released after a snapshot", sequence);
        prefix.release(sequence, releasedPosition);
    }

    /// The journal is durable further than before.
    void onDurable() {
        prefix.onDurable();
        if (installedPosition > 0 && !wantsReboot && journal.durableThrough() >= installedRecord) {
            wantsReboot = true;
            listener.onSnapshotInstalled(installedPosition);
        }
    }

    boolean wantsReboot() {
        return wantsReboot;
    }

    /// The newest snapshot's position; 0 without one.
    long lastPosition() {
        return snapshotting.lastPosition();
    }

    /// The end of a duty cycle.
    void advance(Now now) {
        healOn(now);
        fetch.advance(now);
        if (takesSnapshots()) {
            snapshotting.advance(now);
        }
    }

    private boolean takesSnapshots() {
        return ports.snapshots() != Snapshots.NONE && healsFrom == 0 && installedPosition == 0;
    }

    long nextDeadlineNanos() {
        long next = fetch.nextDeadlineNanos();
        if (takesSnapshots()) {
            next = Math.min(next, snapshotting.nextDeadlineNanos());
        }
        return healsFrom == 0 || isFetching() ? next : Math.min(next, healAgainNanos);
    }
}

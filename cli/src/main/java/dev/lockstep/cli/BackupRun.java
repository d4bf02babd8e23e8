package dev.lockstep.cli;

import dev.lockstep.core.port.DiskFullException;
import dev.lockstep.core.port.SnapshotDescription;
import dev.lockstep.core.wire.Bytes;
import dev.lockstep.core.wire.MalformedException;
import dev.lockstep.node.BackupDirectory;
import dev.lockstep.node.BackupManifest;
import dev.lockstep.node.BackupOrigin;
import dev.lockstep.replica.HistoryBlock;

import org.jspecify.annotations.Nullable;

import java.io.IOException;
import java.io.PrintWriter;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;

/// Makes one backup: takes a snapshot and the history after it from whichever member gives them,
/// and goes on with another when one does not.
///
/// History is copied along with the snapshot, because a member lets go of it when it has newer
/// snapshots.
final class BackupRun {

    /// A member gives no more for so long: another is asked.
    private static final long PATIENCE_NANOS = 10_000_000_000L;

    /// A member has no snapshot for so long after it was asked to take one.
    private static final long SNAPSHOT_PATIENCE_NANOS = 600_000_000_000L;

    private static final long POLL_MILLIS = 20;

    /// Between two looks at history while a snapshot is copied.
    private static final int CHUNKS_AT_ONCE = 16;

    /// How often a snapshot is begun anew because the one before was deleted meanwhile.
    private static final int MOST_SNAPSHOTS = 5;

    /// One member does not give what is needed; another may.
    private static final class MemberFailed extends Exception {
        private static final long serialVersionUID = 1L;

        MemberFailed(String why, @Nullable Throwable cause) {
            super(why, cause);
        }
    }

    private interface Question<T> {
        T ask() throws IOException;
    }

    /// A member and what it said last.
    private record Candidate(BackupMember member, BackupMember.Description said) {}

    private final BackupDirectory backup;
    private final Pace pace;
    private final ProgressBar bar;
    private final PrintWriter err;

    /// Snapshots before this are of no use: the history after them is gone everywhere.
    private long leastSnapshot;

    /// Everything that was executed anywhere before the command began.
    private long target;

    BackupRun(BackupDirectory backup, Pace pace, ProgressBar bar, PrintWriter err) {
        this.backup = backup;
        this.pace = pace;
        this.bar = bar;
        this.err = err;
    }

    /// @param only the member to copy from; null for any
    /// @throws IOException if this side fails
    /// @throws OperatorException if no member gives what is needed
    BackupManifest copy(List<AdminClient> replicas, @Nullable Integer only)
            throws IOException, InterruptedException {
        List<Candidate> candidates = candidates(replicas, only);
        BackupOrigin origin = candidates.getFirst().said().origin();
        if (backup.cluster() != null) {
            say("Going on with the backup that was begun here.");
        }
        backup.begin(origin.cluster());
        String why = "";
        for (Candidate each : candidates) {
            try {
                copyFrom(each);
                bar.end();
                return backup.complete(origin, Instant.now());
            } catch (MemberFailed failed) {
                why = String.valueOf(failed.getMessage());
                say("Replica %d: %s.".formatted(each.said().id(), why));
            }
        }
        throw new OperatorException(
                "no member could be copied from to the end (replica %d: %s): see 'lockstep status', then run the same command again, which goes on where it stopped"
                        .formatted(candidates.getLast().said().id(), why));
    }

    private List<Candidate> candidates(List<AdminClient> replicas, @Nullable Integer only)
            throws IOException {
        List<Candidate> able = new ArrayList<>();
        List<String> unable = new ArrayList<>();
        for (AdminClient replica : replicas) {
            BackupMember member = new BackupMember(replica);
            try {
                BackupMember.Description said = member.describe();
                target = Math.max(target, said.executed());
                if (said.obstacle() != null) {
                    unable.add("replica %d: %s".formatted(said.id(), said.obstacle()));
                } else if (only == null || only == said.id()) {
                    able.add(new Candidate(member, said));
                }
            } catch (IOException e) {
                unable.add(member.address() + ": " + Reason.of(e));
            }
        }
        if (able.isEmpty()) {
            throw new OperatorException(
                    (only == null ? "no member" : "no healthy replica " + only)
                            + " answers from which a backup could be made"
                            + (unable.isEmpty() ? "" : " (" + String.join("; ", unable) + ")")
                            + ": see 'lockstep status'");
        }
        for (Candidate each : able) {
            if (!each.said().origin().cluster().equals(able.getFirst().said().origin().cluster())) {
                throw new OperatorException(
                        "%s and %s are of different clusters: name the admin ports of one"
                                .formatted(
                                        able.getFirst().member().address(),
                                        each.member().address()));
            }
        }
        return inOrder(able);
    }

    /// Whoever has the snapshot that was begun comes first, who orders requests comes last.
    private List<Candidate> inOrder(List<Candidate> able) throws IOException {
        List<Candidate> begun = new ArrayList<>();
        if (backup.cluster() != null) {
            for (Candidate each : able) {
                if (partOf(each.said()).isPresent()) {
                    begun.add(each);
                }
            }
        }
        return able.stream()
                .sorted(
                        Comparator.<Candidate, Boolean>comparing(each -> !begun.contains(each))
                                .thenComparing(each -> each.said().isEntry()))
                .toList();
    }

    private Optional<SnapshotDescription> partOf(BackupMember.Description said) throws IOException {
        for (SnapshotDescription each : said.snapshots()) {
            if (backup.hasPartOf(each)) {
                return Optional.of(each);
            }
        }
        return Optional.empty();
    }

    private void copyFrom(Candidate from) throws IOException, InterruptedException, MemberFailed {
        for (int attempt = 1; attempt <= MOST_SNAPSHOTS; attempt++) {
            SnapshotDescription snapshot = backup.snapshot();
            if (snapshot == null || snapshot.position() < leastSnapshot) {
                snapshot = copySnapshot(from);
            }
            if (snapshot != null && copyHistory(from, snapshot)) {
                return;
            }
            say(
                    "Replica %d has let go of what the backup needs next: beginning with a newer snapshot."
                            .formatted(from.said().id()));
        }
        throw new MemberFailed(
                "it takes snapshots more quickly than they can be copied (raise journal-bytes of its snapshots, or --rate)",
                null);
    }

    /// Returns null if the snapshot was deleted meanwhile.
    private @Nullable SnapshotDescription copySnapshot(Candidate from)
            throws IOException, InterruptedException, MemberFailed {
        SnapshotDescription wanted = snapshotOf(from);
        int next = backup.receive(wanted);
        while (next < wanted.chunks()) {
            if (next % CHUNKS_AT_ONCE == 0) {
                catchUp(from, wanted.position());
            }
            int index = next;
            Optional<Bytes> chunk = ask(() -> from.member().chunk(wanted, index));
            if (chunk.isEmpty()) {
                return null;
            }
            add(chunk.get());
            next++;
            bar.show("snapshot", next, wanted.chunks());
            pace.took(chunk.get().size());
        }
        return wanted;
    }

    private void add(Bytes chunk) throws IOException, MemberFailed {
        try {
            backup.add(chunk);
        } catch (DiskFullException full) {
            throw full;
        } catch (IOException damaged) {
            throw new MemberFailed(Reason.of(damaged), damaged);
        }
    }

    /// The one of which a part is here, or the newest; waits for one if there is none.
    private SnapshotDescription snapshotOf(Candidate from)
            throws IOException, InterruptedException, MemberFailed {
        BackupMember.Description said = ask(from.member()::begin);
        long end = System.nanoTime() + SNAPSHOT_PATIENCE_NANOS;
        while (said.snapshots().isEmpty()) {
            if (System.nanoTime() > end) {
                throw new MemberFailed("it took no snapshot in ten minutes: see its log", null);
            }
            Thread.sleep(POLL_MILLIS);
            said = ask(from.member()::describe);
        }
        SnapshotDescription newest = said.snapshots().getFirst();
        if (newest.position() < leastSnapshot) {
            throw new MemberFailed("it has no newer snapshot", null);
        }
        return partOf(said).filter(part -> part.position() >= leastSnapshot).orElse(newest);
    }

    /// Copies what history there is.
    private void catchUp(Candidate from, long snapshot)
            throws IOException, InterruptedException, MemberFailed {
        HistoryBlock block = takeHistory(from, backup.historyNeeded(snapshot));
        long enough = block.deliveredThrough();
        while (!block.entries().isEmpty() && block.last() < enough) {
            block = takeHistory(from, block.last() + 1);
        }
    }

    private HistoryBlock takeHistory(Candidate from, long next)
            throws IOException, InterruptedException, MemberFailed {
        Bytes bytes = ask(() -> from.member().history(next));
        HistoryBlock block;
        try {
            block = HistoryBlock.decode(bytes);
        } catch (MalformedException e) {
            throw new MemberFailed("what it sent is damaged: " + e.getMessage(), e);
        }
        int _ = backup.append(bytes);
        pace.took(bytes.size());
        return block;
    }

    /// Copies history through the target; returns false if the member has let go of some.
    private boolean copyHistory(Candidate from, SnapshotDescription snapshot)
            throws IOException, InterruptedException, MemberFailed {
        long begun = backup.historyNeeded(snapshot.position());
        long next = begun;
        long movedAt = System.nanoTime();
        while (next <= target) {
            HistoryBlock block = takeHistory(from, next);
            if (block.entries().isEmpty()) {
                if (System.nanoTime() - movedAt > PATIENCE_NANOS) {
                    return stuck(from, snapshot, block);
                }
                Thread.sleep(POLL_MILLIS);
            } else {
                movedAt = System.nanoTime();
            }
            next = block.last() + 1;
            bar.show("history", next - begun, target + 1 - begun);
        }
        return true;
    }

    /// Nothing comes any more: returns false if it would with a newer snapshot.
    private boolean stuck(Candidate from, SnapshotDescription snapshot, HistoryBlock last)
            throws MemberFailed {
        if (last.deliveredThrough() < last.first()) {
            throw new MemberFailed(
                    "it has come to position %d only, and does not move"
                            .formatted(last.deliveredThrough()),
                    null);
        }
        List<SnapshotDescription> there = ask(from.member()::describe).snapshots();
        if (there.isEmpty() || there.getFirst().position() <= snapshot.position()) {
            throw new MemberFailed(
                    "it does not have what position " + last.first() + " holds", null);
        }
        leastSnapshot = there.getFirst().position();
        return false;
    }

    private static <T> T ask(Question<T> question) throws MemberFailed {
        try {
            return question.ask();
        } catch (IOException e) {
            throw new MemberFailed("it does not answer (" + Reason.of(e) + ")", e);
        }
    }

    private void say(String sentence) {
        bar.end();
        err.println(sentence);
        err.flush();
    }
}

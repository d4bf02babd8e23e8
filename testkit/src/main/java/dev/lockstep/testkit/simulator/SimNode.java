package dev.lockstep.testkit.simulator;

import dev.lockstep.core.Member;
import dev.lockstep.core.Now;
import dev.lockstep.core.Reign;
import dev.lockstep.core.ReplicaId;
import dev.lockstep.core.port.DiskFullException;
import dev.lockstep.core.port.PeerPort;
import dev.lockstep.core.port.SnapshotDescription;
import dev.lockstep.core.port.SnapshotEvent;
import dev.lockstep.core.wire.Bytes;
import dev.lockstep.core.wire.MalformedException;
import dev.lockstep.journal.Group;
import dev.lockstep.journal.JournalDamagedException;
import dev.lockstep.journal.SegmentJournal;
import dev.lockstep.journal.SnapshotDamagedException;
import dev.lockstep.journal.SnapshotFiles;
import dev.lockstep.replica.FrozenDigest;
import dev.lockstep.replica.Replica;
import dev.lockstep.replica.ReplicaStatus;
import dev.lockstep.replica.StateDigest;
import dev.lockstep.testkit.simulator.Exercised.Deed;
import dev.lockstep.testkit.simulator.Happening.Sign;
import dev.lockstep.testkit.simulator.Script.Topic;

import org.jspecify.annotations.Nullable;

import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayDeque;
import java.util.function.Supplier;

/// One process with a replica on one machine: does with the product's replica and journal what the
/// node's loop does, in duty cycles that take simulated time.
///
/// A cycle hands in everything that has arrived, lets the replica act, and writes what it appended.
/// While one takes its time, or the process stands still, what arrives waits.
final class SimNode implements PeerPort {

    /// Something for the replica, handed in within a cycle.
    interface Input {
        void accept(Replica replica, Now now);
    }

    private static final long MS = 1_000_000L;

    /// The kind of a frame in which a protocol says something; the epoch follows.
    private static final byte PROTOCOL = 1;

    /// How long it takes to digest a state.
    private static final long DIGEST_NANOS = 2 * MS;

    /// How long an operator takes to bring a disk back as it was.
    private static final long RESTORE_NANOS = 50 * MS;

    private final World world;
    private final NodeParts parts;
    private final SimClock clock;
    private SimDisk disk = new SimDisk();
    private final ArrayDeque<Input> inbox = new ArrayDeque<>();

    /// What there is while the process runs.
    private @Nullable Process process;

    /// What there is while its journal is mended, before the process can run.
    private @Nullable SimMending mending;

    private int boot;

    /// How many disks it has lost.
    private int disksLost;

    private boolean isKeptDown;

    /// The last pause ends.
    private long stillUntil;

    /// No cycle begins before.
    private long busyUntil;

    /// When a cycle is due although nothing arrives; [Chance#NEVER] if never.
    private long wakeAt = Chance.NEVER;

    /// How many times as long as usual a sync takes.
    private int slowness = 1;

    /// True while an event will begin the next cycle.
    private boolean isCycleDue;

    private static final class Process {
        private final Replica replica;
        private final SimJournalDriver driver;
        private final WitnessedMachine service;
        private final SimSnapshots snapshots;
        private boolean isLeaving;
        private @Nullable ReplicaId entry;

        Process(
                Replica replica,
                SimJournalDriver driver,
                WitnessedMachine service,
                SimSnapshots snapshots) {
            this.replica = replica;
            this.driver = driver;
            this.service = service;
            this.snapshots = snapshots;
        }
    }

    SimNode(World world, NodeParts parts, SimClock clock) {
        this.world = world;
        this.parts = parts;
        this.clock = clock;
    }

    ReplicaId id() {
        return parts.id();
    }

    int index() {
        return parts.index();
    }

    int boot() {
        return boot;
    }

    /// Who it is, in its present life.
    Member member() {
        return parts.life(disksLost);
    }

    /// The machine breaks, and another takes its place that knows nothing but the replica's number.
    void loseDisk() {
        crash(false);
        world.exercised.note(Deed.DISKS_LOST);
        world.trace.note(() -> this + " loses its disk");
        sign(Sign.POWER_LOST, () -> "disk lost");
        beginAnotherLife();
    }

    private void beginAnotherLife() {
        disksLost++;
        disk = new SimDisk();
    }

    SimClock clock() {
        return clock;
    }

    SimDisk disk() {
        return disk;
    }

    /// Snapshots that the present process has written in the present epoch, since the last that it
    /// could not write.
    int snapshotsInTurn() {
        return running().snapshots.inTurn();
    }

    int segmentBytes() {
        return parts.segmentBytes();
    }

    boolean isUp() {
        return process != null;
    }

    /// True while others can connect to it: it runs, or its journal is being mended.
    boolean isReachable() {
        return process != null || mending != null;
    }

    boolean isMending() {
        return mending != null;
    }

    boolean isLeaving() {
        Process running = process;
        return running != null && running.isLeaving;
    }

    /// Whom it holds for the best entry; null if it does not run or knows none.
    @Nullable ReplicaId entry() {
        Process running = process;
        return running == null ? null : running.entry;
    }

    /// The replica of a running process.
    Replica replica() {
        return running().replica;
    }

    /// True if it runs with a state that has changed of its own accord.
    boolean isFlawed() {
        Process running = process;
        return running != null && running.service.isFlawed();
    }

    WitnessedMachine service() {
        return running().service;
    }

    SegmentJournal journal() {
        return running().driver.journal();
    }

    private Process running() {
        Process running = process;
        if (running == null) {
            throw new IllegalStateException(this + " is down");
        }
        return running;
    }

    /// While true, nobody starts the process.
    void keepDown(boolean stays) {
        isKeptDown = stays;
    }

    boolean isKeptDown() {
        return isKeptDown;
    }

    /// True if the running replica has executed `length` positions and waits for nothing.
    ///
    /// @param mayWait true if requests may wait for one that their client never sends
    boolean isQuiet(long length, boolean mayWait) {
        ReplicaStatus status = replica().status();
        return status.executedPosition() == length
                && status.heldSends() == 0
                && status.inFlightBytes() == 0
                && status.inFlightBatches() == 0
                && status.waitingQueries() == 0
                && (mayWait || status.waitingRequests() == 0)
                && journal().pendingBytes() == 0;
    }

    /// From now on its monotonic clock runs faster than true time by so many millionths.
    void drift(long ppm) {
        clock.drift(ppm);
        wakeAt = Chance.NEVER;
        if (process != null) {
            wakeWhenDue(process);
        }
    }

    /// From now on its disk takes so many times as long as usual.
    void slowDisk(int times) {
        slowness = times;
    }

    /// Starts the process, unless it runs or is kept down.
    void start() {
        if (isReachable() || isKeptDown) {
            return;
        }
        boot++;
        clock.boot();
        SegmentJournal journal;
        SnapshotFiles snapshots;
        try {
            journal = parts.openJournal(disk);
            snapshots = parts.openSnapshots(disk);
        } catch (DiskFullException full) {
            world.timeline.after(SimJournalDriver.FULL_PAUSE_NANOS, this::start);
            return;
        } catch (JournalDamagedException damaged) {
            onDamage(damaged);
            return;
        } catch (IOException failed) {
            onDiskError();
            return;
        }
        if (journal.recovery().cut() != null) {
            world.exercised.note(Deed.TORN_TAILS);
        }
        Process starting = newProcess(journal, snapshots);
        Replica replica = starting.replica;
        world.acting = index();
        try {
            restore(replica, snapshots);
            journal.replay(replica::replay);
        } catch (MalformedException lost) {
            onSnapshotLost(lost);
            return;
        } catch (IOException failed) {
            throw new Violation(this + " cannot read its disk: " + failed.getMessage());
        }
        world.trace.note(() -> this + " starts for the " + boot + ". time");
        sign(Sign.START, () -> "start " + boot);
        disk.forgetSnapshots();
        process = starting;
        if (isFlawed()) {
            Violation.check(
                    world.isLiar(id()) || world.exercised.count(Deed.MEMORY_FLIPS) > 0,
                    this + " believes no snapshot that liars alone have signed for");
            world.flips.noteFlawed(id());
        }
        stillUntil = world.nowNanos();
        replica.recovered(clock.now());
        world.acting = World.NOBODY;
        busyUntil = world.nowNanos() + MS / 10;
        cycleLater();
        parts.network().onUp(this);
    }

    private Process newProcess(SegmentJournal journal, SnapshotFiles files) {
        WitnessedMachine service = parts.createService();
        int atBoot = boot;
        SimSnapshots.Owner owner =
                new SimSnapshots.Owner() {
                    @Override
                    public boolean isAlive() {
                        return process != null && boot == atBoot;
                    }

                    @Override
                    public Reign reign() {
                        return replica().reign();
                    }

                    @Override
                    public void onSnapshot(SnapshotEvent event) {
                        input((replica, now) -> replica.onSnapshot(now, event));
                    }

                    @Override
                    public void onStandstill() {
                        standStill();
                    }

                    @Override
                    public void onDiskError() {
                        SimNode.this.onDiskError();
                    }
                };
        SimSnapshots snapshots = new SimSnapshots(world, index(), files, owner);
        Replica replica =
                parts.createReplica(
                        member(), boot, journal, snapshots, service, this, this::digest);
        return new Process(replica, driver(journal), service, snapshots);
    }

    /// Digests a state, which takes a while.
    void digest(FrozenDigest frozen) {
        int atBoot = boot;
        world.timeline.after(
                DIGEST_NANOS,
                () -> {
                    try (frozen) {
                        if (boot == atBoot && process != null) {
                            StateDigest digest = frozen.digest(() -> {});
                            world.exercised.note(Deed.STATES_DIGESTED);
                            input((replica, now) -> replica.onStateDigest(now, digest));
                        }
                    }
                });
    }

    private SimJournalDriver driver(SegmentJournal journal) {
        int atBoot = boot;
        return new SimJournalDriver(
                world,
                index(),
                journal,
                new SimJournalDriver.Owner() {
                    @Override
                    public boolean isRunning() {
                        return process != null && boot == atBoot;
                    }

                    @Override
                    public int slowness() {
                        return slowness;
                    }

                    @Override
                    public void standStillUntil(long nanos) {
                        busyUntil = Math.max(busyUntil, nanos);
                    }

                    @Override
                    public void input(Input what) {
                        SimNode.this.input(what);
                    }

                    @Override
                    public void onSynced(Group group) {
                        disk.prove();
                        long through = group.lastSequence();
                        world.trace.note(() -> SimNode.this + " has synced through " + through);
                        sign(Sign.SYNC, () -> "sync " + through);
                    }

                    @Override
                    public void onDiskFull() {
                        sign(Sign.FAULT, () -> "disk full");
                    }

                    @Override
                    public void onDiskError() {
                        SimNode.this.onDiskError();
                    }
                });
    }

    /// A snapshot is taken, or was received.
    private void standStill() {
        long until = world.nowNanos() + parts.product().standstillNanos();
        busyUntil = Math.max(busyUntil, until);
    }

    /// Begins with the newest snapshot that is intact.
    private void restore(Replica replica, SnapshotFiles snapshots) throws IOException {
        for (SnapshotDescription kept : snapshots.complete()) {
            if (isIntact(snapshots, kept.position())) {
                try (InputStream in = snapshots.read(kept.position())) {
                    replica.restore(in);
                }
                world.exercised.note(Deed.STARTS_FROM_SNAPSHOTS);
                return;
            }
        }
    }

    private boolean isIntact(SnapshotFiles snapshots, long position) throws IOException {
        try {
            snapshots.verify(position);
            return true;
        } catch (SnapshotDamagedException damaged) {
            Violation.check(
                    disk.isRotten(), this + " finds a snapshot damaged: " + damaged.getMessage());
            world.exercised.note(Deed.SNAPSHOTS_PASSED_OVER);
            snapshots.markDamaged(position);
            return false;
        }
    }

    /// Ends the process and starts it again at once: there is a better state on its disk.
    private void reboot() {
        world.trace.note(() -> this + " begins anew");
        sign(Sign.ENDED, () -> "begins anew");
        end();
        world.timeline.after(MS, this::start);
    }

    /// Ends the process at once.
    ///
    /// @param takesPower true if the machine's memory is lost too
    void crash(boolean takesPower) {
        if (!isReachable()) {
            return;
        }
        Process dying = process;
        world.exercised.note(Deed.CRASHES);
        if (dying != null && dying.driver.isWriting()) {
            world.exercised.note(Deed.CRASHES_IN_SYNC);
        }
        world.trace.note(() -> this + (takesPower ? " loses power" : " is killed"));
        sign(
                takesPower ? Sign.POWER_LOST : Sign.KILLED,
                () -> takesPower ? "power lost" : "killed");
        end();
        if (takesPower) {
            world.exercised.note(Deed.POWER_FAILURES);
            world.chance.about(Topic.DISK, index());
            disk.losePower(world.chance);
        }
    }

    private void end() {
        process = null;
        world.observer.ended(id());
        SimMending ended = mending;
        if (ended != null) {
            ended.end();
        }
        mending = null;
        inbox.clear();
        wakeAt = Chance.NEVER;
        isCycleDue = false;
        parts.network().onDown(this);
        parts.clientNetwork().onDown(this);
    }

    /// Begins to stop the process in good order; it ends when the replica says so.
    void leave() {
        Process running = process;
        if (running != null && !running.isLeaving) {
            running.isLeaving = true;
            world.exercised.note(Deed.ORDERLY_STOPS);
            world.trace.note(() -> this + " leaves");
            sign(Sign.LEAVES, () -> "leaves");
            input((replica, now) -> replica.leave(now));
        }
    }

    /// The process stands still.
    void pause(long nanos) {
        if (process != null) {
            world.trace.note(() -> this + " stands still for " + nanos / MS + " ms");
            stillUntil = Math.max(stillUntil, world.nowNanos() + nanos);
            busyUntil = Math.max(busyUntil, stillUntil);
            world.trace.paused(index(), busyUntil);
        }
    }

    private void sign(Sign sign, Supplier<String> text) {
        world.trace.sign(index(), sign, text);
    }

    /// When the process, if it lives, does not stand still any more.
    long stillUntil() {
        return stillUntil;
    }

    /// Something arrived: handed in by a cycle now, or when the process is ready for one.
    void input(Input what) {
        if (process == null) {
            return;
        }
        inbox.add(what);
        if (world.nowNanos() >= busyUntil) {
            cycle();
        } else {
            cycleLater();
        }
    }

    private void cycleLater() {
        if (isCycleDue) {
            return;
        }
        isCycleDue = true;
        int atBoot = boot;
        world.timeline.wakeAt(busyUntil, () -> onCycleDue(atBoot));
    }

    private void onCycleDue(int atBoot) {
        if (boot != atBoot || process == null) {
            return;
        }
        isCycleDue = false;
        if (world.nowNanos() >= busyUntil) {
            cycle();
        } else {
            cycleLater();
        }
    }

    private void cycle() {
        if (!world.isLiar(id())) {
            dutyCycle();
            return;
        }
        try {
            dutyCycle();
        } catch (RuntimeException | AssertionError | Violation thrown) {
            // Who lies may come upon what it has done itself, and nobody promised it anything.
            world.trace.note(() -> this + " comes to grief: " + thrown);
            world.acting = World.NOBODY;
            crash(false);
            world.timeline.after(RESTORE_NANOS, this::start);
        }
    }

    private void dutyCycle() {
        Process running = running();
        Replica replica = running.replica;
        if (!running.service.isFlawed() && world.liars.corrupts(index())) {
            running.service.flip();
        }
        Now now = clock.now();
        world.acting = index();
        world.chance.about(Topic.CYCLE, index());
        busyUntil = world.nowNanos() + 1_000 + world.chance.below(30_000);
        while (!inbox.isEmpty()) {
            inbox.remove().accept(replica, now);
        }
        running.driver.journal().lookAtRoom(0);
        replica.advance(now);
        running.driver.advance();
        world.observer.throwReported();
        world.acting = World.NOBODY;
        if (process != running) {
            return;
        }
        noteEntry(running);
        if (!world.isLiar(id())) {
            Bounds.check(this);
            world.states.look(this);
        }
        if (replica.wantsReboot()) {
            reboot();
            return;
        }
        if (running.isLeaving && replica.hasLeft()) {
            sign(Sign.ENDED, () -> "has left");
            end();
            return;
        }
        wakeWhenDue(running);
    }

    private void noteEntry(Process running) {
        ReplicaId entry = running.replica.preferredEntry();
        if (entry == null ? running.entry != null : !entry.equals(running.entry)) {
            world.exercised.note(Deed.ENTRY_CHANGES);
            ReplicaId before = running.entry;
            world.trace.note(() -> this + "'s best entry was " + before + ", is " + entry);
            if (id().equals(entry)) {
                world.exercised.note(Deed.LEADERSHIPS);
                ReplicaStatus status = running.replica.status();
                world.observer.onLeads(id(), status.epoch(), status.order());
                sign(Sign.LEADS, () -> "leads");
            } else if (id().equals(before)) {
                world.exercised.note(Deed.STEP_DOWNS);
                sign(Sign.STEPS_DOWN, () -> "steps down");
            }
            running.entry = entry;
            if (id().equals(entry)) {
                world.lookout().onNewEntry(this);
            }
        }
    }

    /// The process ends, and what the operating system held for the disk may be lost.
    private void onDiskError() {
        world.exercised.note(Deed.DISK_ERRORS);
        world.trace.note(() -> this + "'s disk fails; the process ends");
        sign(Sign.POWER_LOST, () -> "disk fails");
        if (isReachable()) {
            end();
        }
        world.chance.about(Topic.DISK, index());
        disk.losePower(world.chance);
        world.timeline.after(world.chance.around(50 * MS), this::start);
    }

    /// What another replica says.
    void onPeerFrame(Member from, Bytes frame) {
        if (world.liars.censors(index(), frame)) {
            return;
        }
        SimMending mended = mending;
        if (mended != null) {
            mended.onPeerFrame(from, frame);
        } else {
            input((replica, now) -> takeFrame(replica, now, from, frame));
        }
    }

    /// A malformed frame ends its connection, as at a node. Who does not lie sends none.
    private void takeFrame(Replica replica, Now now, Member from, Bytes frame) {
        try {
            replica.onPeerFrame(now, from, frame);
        } catch (MalformedException malformed) {
            if (!world.isLiar(from.id())) {
                throw malformed;
            }
            world.exercised.noteMalice("held:malformed");
            SimNode liar = world.nodes.get(NodeParts.indexOf(from.id()));
            world.timeline.after(1_000, () -> parts.network().reset(this, liar));
        }
    }

    void onPeerConnected(Member peer) {
        SimMending mended = mending;
        if (mended != null) {
            mended.onPeerConnected(peer);
        } else {
            input((replica, now) -> replica.onPeerConnected(now, peer));
        }
    }

    void onPeerLost(Member peer) {
        SimMending mended = mending;
        if (mended != null) {
            mended.onPeerLost(peer);
        } else {
            input((replica, now) -> replica.onPeerLost(now, peer));
        }
    }

    /// Before it starts, the replica gets back what its journal has lost.
    ///
    /// @return false if it cannot be told what that is
    private boolean mend() throws IOException {
        SimMending begun =
                SimMending.begin(
                        world,
                        clock,
                        parts.mendJournal(disk),
                        this,
                        parts.openSnapshots(disk).complete(),
                        new SimMending.Outcome() {
                            @Override
                            public void onMended() {
                                world.trace.note(() -> SimNode.this + " has mended its journal");
                                sign(Sign.FAULT, () -> "journal mended");
                                end();
                                world.timeline.after(MS, SimNode.this::start);
                            }

                            @Override
                            public void onGivenUp(String why) {
                                end();
                                refuseDisk(why);
                            }

                            @Override
                            public void onDiskError() {
                                SimNode.this.onDiskError();
                            }
                        });
        if (begun == null) {
            return false;
        }
        mending = begun;
        world.trace.note(() -> this + " mends its journal");
        sign(Sign.FAULT, () -> "mends its journal");
        long damaged = world.nodes.stream().filter(SimNode::isMending).count();
        world.exercised.note(Deed.MAJORITIES_DAMAGED, damaged > world.founders() / 2 ? 1 : 0);
        parts.network().onUp(this);
        begun.look();
        return true;
    }

    /// The replica does not start: its journal is mended. What cannot be mended ends its life if
    /// the cluster promises to survive that now; otherwise its operator brings the disk back as it
    /// was.
    private void onDamage(JournalDamagedException damaged) {
        if (!disk.isRotten()) {
            throw new Violation(this + " finds its journal damaged: " + damaged.getMessage());
        }
        world.trace.note(() -> this + ": " + damaged.getMessage());
        try {
            if (!mend()) {
                refuseDisk(damaged.getMessage());
            }
        } catch (IOException failed) {
            onDiskError();
        }
    }

    private void refuseDisk(@Nullable String why) {
        world.exercised.note(Deed.DAMAGE_REFUSED);
        world.trace.note(() -> this + " refuses its disk: " + why);
        sign(Sign.FAULT, () -> "refuses its disk");
        if (world.mayLoseDisk(this)) {
            world.exercised.note(Deed.DAMAGED_DISKS_GIVEN_UP);
            world.trace.note(() -> this + " begins another life");
            beginAnotherLife();
        } else {
            disk.restore();
            disk.restoreNames();
        }
        world.timeline.after(RESTORE_NANOS, this::start);
    }

    /// The only snapshot that the journal leads on from is damaged: as [#onDamage].
    private void onSnapshotLost(MalformedException lost) {
        world.acting = World.NOBODY;
        if (!disk.isRotten() && !disk.hasLostSnapshots()) {
            throw new Violation(this + " has lost its snapshots: " + lost.getMessage());
        }
        refuseDisk(lost.getMessage());
    }

    private void wakeWhenDue(Process running) {
        long due = dueAt(running);
        if (due < wakeAt) {
            wakeAt = due;
            int atBoot = boot;
            world.timeline.wakeAt(due, () -> onWake(atBoot, due));
        }
    }

    private long dueAt(Process running) {
        long due = clock.trueNanosOf(running.replica.nextDeadlineNanos());
        return Math.max(Math.min(due, running.driver.dueAt()), busyUntil);
    }

    private void onWake(int atBoot, long at) {
        Process running = process;
        if (boot != atBoot || running == null || wakeAt != at) {
            return;
        }
        wakeAt = Chance.NEVER;
        if (world.nowNanos() < busyUntil) {
            cycleLater();
        } else if (dueAt(running) <= world.nowNanos()) {
            cycle();
        } else {
            wakeWhenDue(running);
        }
    }

    @Override
    public boolean send(ReplicaId to, Bytes head, Bytes body, long flushToken) {
        if (head.getByte(0) == PROTOCOL && !world.isLiar(id())) {
            world.observer.onSaid(member(), head.getLong(1));
        }
        boolean isOnItsWay =
                parts.network().send(this, world.nodes.get(NodeParts.indexOf(to)), head, body);
        if (isOnItsWay && flushToken != 0) {
            int atBoot = boot;
            world.timeline.after(
                    1_000,
                    () -> {
                        if (boot == atBoot) {
                            input((replica, now) -> replica.onFlushed(now, flushToken));
                        }
                    });
        }
        return isOnItsWay;
    }

    @Override
    public String toString() {
        return "replica " + id();
    }
}

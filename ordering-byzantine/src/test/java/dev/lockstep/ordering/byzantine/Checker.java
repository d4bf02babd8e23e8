package dev.lockstep.ordering.byzantine;

import dev.lockstep.core.Batch;
import dev.lockstep.core.BatchId;
import dev.lockstep.core.ReplicaId;
import dev.lockstep.core.wire.Bytes;

import org.jspecify.annotations.Nullable;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.TreeSet;

/// Sees all honest members and checks what must hold (§10), after every step and every message.
final class Checker {

    private static final int MAX_HELD = 2000;

    /// One honest member, across its boots.
    private static final class Watched {
        final TreeMap<Rank, Hash> firstVotes = new TreeMap<>();
        final TreeMap<Rank, Hash> secondVotes = new TreeMap<>();
        long timeoutSent = -1;
        int boot;
        long view;
        long timeoutSeen = -1;
        Rank lock = Rank.ROOT;
        @Nullable Long stoppedAt;
    }

    private final Surroundings world;
    private final Profile profile;
    private final List<Setup> setups;
    private final boolean[] isByzantine;
    private final int liars;
    private final int quorum;

    /// False in runs with more faults than the protocol tolerates: then only agreement is looked
    /// at, so that a run shows whether it breaks.
    private final boolean isWithinModel;
    private final TreeMap<Integer, Watched> watched = new TreeMap<>();
    private final Map<Hash, Header> headers = new LinkedHashMap<>();
    private final Map<Hash, ByzantineMessage.Propose> first = new LinkedHashMap<>();
    private final Map<BlockRef, TreeSet<Integer>> votes1 = new LinkedHashMap<>();
    private final Map<BlockRef, TreeSet<Integer>> votes2 = new LinkedHashMap<>();
    private final List<BlockRef> committable = new ArrayList<>();

    /// By view, what honest members claim who gave it up.
    private final TreeMap<Long, TreeMap<Integer, Rank>> claims = new TreeMap<>();

    private final TreeMap<Long, Hash> committed = new TreeMap<>();
    private final TreeSet<BatchId> names = new TreeSet<>();
    private final TreeSet<Long> lostViews = new TreeSet<>();

    Checker(Surroundings world, Profile profile, List<Setup> setups, boolean[] isByzantine) {
        this.world = world;
        this.profile = profile;
        this.setups = setups;
        this.isByzantine = isByzantine;
        int lying = 0;
        for (int rank = 0; rank < isByzantine.length; rank++) {
            if (isByzantine[rank]) {
                lying++;
            } else {
                watched.put(rank, new Watched());
            }
        }
        liars = lying;
        Setup any = setups.getFirst();
        quorum = any.size() - any.tolerated();
        isWithinModel = liars <= any.tolerated();
    }

    private Watched of(SimHost host) {
        return Objects.requireNonNull(watched.get(host.rank()));
    }

    private static void check(boolean holds, String rule, String what) {
        if (!holds) {
            throw new Violation(rule, what);
        }
    }

    /// Learns of a header, whoever made it.
    void learn(ByzantineMessage.Propose propose) {
        Hash hash = propose.header().hash();
        headers.putIfAbsent(hash, propose.header());
        if (propose.justify() != null) {
            first.putIfAbsent(hash, propose);
        }
    }

    // --- messages ---

    void onSend(SimHost host, ByzantineMessage message) {
        switch (message) {
            case ByzantineMessage.Propose it -> {
                learn(it);
                onVote1(host, it.header().ref());
            }
            case ByzantineMessage.Vote1 it -> onVote1(host, it.block());
            case ByzantineMessage.Vote2 it -> onVote2(host, it.block());
            case ByzantineMessage.Timeout it -> onTimeout(host, it);
            default -> {}
        }
    }

    private void onVote1(SimHost host, BlockRef block) {
        Watched it = of(host);
        Hash before = it.firstVotes.putIfAbsent(block.rank(), block.hash());
        if (before != null) {
            check(before.equals(block.hash()), "I2", host.rank() + " votes twice at " + block);
            return;
        }
        check(block.view() > it.timeoutSent, "I3", host.rank() + " votes after giving up " + block);
        Header header = headers.get(block.hash());
        if (header != null && block.seq() > 1) {
            Hash parent = it.firstVotes.get(new Rank(block.view(), block.seq() - 1));
            check(header.parent().equals(parent), "I2", "first votes form no chain at " + block);
        }
        check(
                isCovered(host, block),
                "I4",
                host.rank() + " votes before the disk holds it: " + block);
        checkJustified(host, block);
        votes1.computeIfAbsent(block, _ -> new TreeSet<>()).add(host.rank());
        checkUnique(block);
    }

    /// The disk holds a first vote and its block; where n = 3t+1 and the voter leads the view, that
    /// it is in it.
    private boolean isCovered(SimHost host, BlockRef block) {
        ByzantineRecord.Safety disk = host.durableSafety();
        if (disk == null) {
            return false;
        }
        boolean isOwn =
                !profile.isSynchronous() && setups.getFirst().leaderOf(block.view()) == host.rank();
        return isOwn
                ? disk.view() >= block.view()
                : disk.vote1() != null
                        && !disk.vote1().rank().isBelow(block.rank())
                        && host.isDurable(block.hash());
    }

    private void checkJustified(SimHost host, BlockRef block) {
        ByzantineMessage.Propose propose = first.get(block.hash());
        if (block.seq() == 1 && propose != null && propose.timeoutCertificate() != null) {
            check(
                    propose.justify() != null
                            && !propose.justify()
                                    .rank()
                                    .isBelow(propose.timeoutCertificate().highest()),
                    "I8",
                    "a first vote for an unjustified block " + block);
        }
        boolean isFresh = host.isUp() && host.engine().safety().view == block.view();
        if (block.seq() == 1 && propose != null && profile.isSynchronous() && isFresh) {
            Certificate lock = host.engine().view().entryLock();
            check(
                    propose.justify() != null && !propose.justify().rank().isBelow(lock.rank()),
                    "I8",
                    "a first vote for a block below the voter's lock " + block);
        }
    }

    /// Two locks of a view that contradict each other, where one was voted for.
    private void checkUnique(BlockRef block) {
        if (!canLock(block) || !isWithinModel) {
            return;
        }
        if (!profile.isSynchronous() || liars == 0) {
            for (BlockRef other : votes1.keySet()) {
                boolean isSamePlace =
                        other.rank().equals(block.rank()) && !other.hash().equals(block.hash());
                check(!isSamePlace || !canLock(other), "I6", "two QC1 at " + block);
            }
        } else if (profile.isPrompt()) {
            for (BlockRef voted : votes2.keySet()) {
                checkAgree(voted, block);
            }
        }
    }

    private void checkAgree(BlockRef voted, BlockRef locked) {
        boolean isSameView = voted.view() == locked.view();
        check(
                !isSameView
                        || isAncestor(voted.hash(), locked.hash())
                        || isAncestor(locked.hash(), voted.hash()),
                "I6",
                "a second vote for " + voted + " and a QC1 for " + locked);
    }

    private boolean canLock(BlockRef block) {
        return votes1.getOrDefault(block, new TreeSet<>()).size() + liars >= quorum;
    }

    private void onVote2(SimHost host, BlockRef block) {
        Watched it = of(host);
        Hash before = it.secondVotes.putIfAbsent(block.rank(), block.hash());
        if (before != null) {
            check(before.equals(block.hash()), "I2", host.rank() + " votes twice at " + block);
            return;
        }
        check(block.view() > it.timeoutSent, "I3", host.rank() + " votes after giving up " + block);
        ByzantineRecord.Safety disk = host.durableSafety();
        boolean isOnDisk =
                disk != null
                        && disk.vote2() != null
                        && !disk.vote2().rank().isBelow(block.rank())
                        && host.isDurable(block.hash());
        check(isOnDisk, "I4", host.rank() + " votes before the disk holds it: " + block);
        Rank lock = disk == null ? Rank.ROOT : disk.highQc1().rank();
        check(!lock.isBelow(block.rank()), "I5", "a second vote without a lock: " + block);
        votes2.computeIfAbsent(block, _ -> new TreeSet<>()).add(host.rank());
        if (profile.isPrompt() && liars > 0) {
            for (BlockRef other : votes1.keySet()) {
                if (canLock(other)) {
                    checkAgree(block, other);
                }
            }
        }
        if (votes2.getOrDefault(block, new TreeSet<>()).size() + liars >= quorum
                && !committable.contains(block)) {
            committable.add(block);
            claims.keySet().forEach(this::checkCarried);
        }
    }

    /// Nothing is promised in an epoch any more once its end is written.
    void onPersist(SimHost host, ByzantineRecord record) {
        boolean isPromise = record instanceof ByzantineRecord.Safety;
        check(!isPromise || !host.hasStopped(), "I15", "a promise after the end of the epoch");
    }

    private void onTimeout(SimHost host, ByzantineMessage.Timeout timeout) {
        ByzantineRecord.Safety disk = host.durableSafety();
        check(
                disk != null && disk.timeoutSent() >= timeout.view(),
                "I4",
                host.rank() + " gives up " + timeout.view() + " before the disk holds it");
        of(host).timeoutSent = Math.max(of(host).timeoutSent, timeout.view());
        TreeMap<Integer, Rank> of = claims.computeIfAbsent(timeout.view(), _ -> new TreeMap<>());
        of.merge(host.rank(), timeout.highQc1().rank(), (a, b) -> a.isBelow(b) ? a : b);
        checkCarried(timeout.view());
    }

    /// Whatever certificate can be made of a view's timeouts shows what can be committed below.
    private void checkCarried(long view) {
        if ((profile.isSynchronous() && liars > 0) || !isWithinModel) {
            return;
        }
        List<Rank> ranks = new ArrayList<>(claims.getOrDefault(view, new TreeMap<>()).values());
        ranks.sort(Rank::compareTo);
        int honest = quorum - liars;
        if (honest > ranks.size()) {
            return;
        }
        Rank highest = honest <= 0 ? Rank.ROOT : ranks.get(honest - 1);
        for (BlockRef block : committable) {
            check(
                    block.view() > view || !highest.isBelow(block.rank()),
                    "I7",
                    "a timeout certificate of view " + view + " can hide " + block);
        }
    }

    // --- steps ---

    void afterStep(SimHost host) {
        if (host.isTwin()) {
            return;
        }
        Watched it = of(host);
        ByzantineOrdering engine = host.engine();
        Safety safety = engine.safety();
        if (it.boot != host.boot()) {
            it.boot = host.boot();
            it.lock = Rank.ROOT;
            it.view = 0;
            it.timeoutSeen = -1;
        }
        check(safety.view >= it.view, "I9", "the view goes back");
        check(safety.timeoutSent >= it.timeoutSeen, "I9", "a view comes back that was given up");
        check(!safety.highQc1().rank().isBelow(it.lock), "I9", "the lock goes back");
        if (safety.view > it.view) {
            onViewChange(host.rank(), safety, it.view);
        }
        it.view = safety.view;
        it.timeoutSeen = safety.timeoutSent;
        it.lock = safety.highQc1().rank();
        check(engine.held() <= MAX_HELD, "I16", "so much is held: " + engine.held());
        if (profile.isPrompt()
                && liars > 0
                && engine.view().isActive()
                && safety.timeoutSent < safety.view) {
            checkLockCarries(safety.view, engine.view().entryLock());
        }
    }

    private void checkLockCarries(long view, Certificate entryLock) {
        for (BlockRef block : committable) {
            check(
                    block.view() >= view || isAncestor(block.hash(), entryLock.block().hash()),
                    "I7",
                    "view " + view + " is entered without a lock on " + block);
        }
    }

    private void onViewChange(int rank, Safety safety, long before) {
        world.coverage().count("view changes");
        TimeoutCertificate timeouts = safety.timeoutCertificate;
        if (timeouts == null || timeouts.view() < before) {
            return;
        }
        int leader = setups.get(rank).leaderOf(timeouts.view());
        boolean isHonest = !isByzantine[leader] && !world.hasCrashed(leader);
        if (isHonest && lostViews.add(timeouts.view())) {
            world.coverage().count("honest-led views lost");
            // Members that have ended the epoch do not help the others to: their hosts do.
            check(
                    !profile.isPrompt() || profile.stops(),
                    "L2",
                    "the honest view " + timeouts.view() + " is lost");
        }
    }

    void onDelivered(SimHost host, long position, Batch batch, Bytes bytes) {
        if (host.isTwin()) {
            return;
        }
        Anchor anchor = Anchor.decode(bytes);
        if (anchor == null || !anchor.isLinked()) {
            throw new Violation("I1", "an anchor proves nothing");
        }
        check(position == host.height(), "I9", "positions have a gap before " + position);
        Hash hash = anchor.header().hash();
        Hash other = committed.putIfAbsent(position, hash);
        check(
                other == null || other.equals(hash),
                "I1",
                "two blocks at position " + position + ": " + other + " and " + hash);
        boolean isOwn = batch.id().boot() == BatchId.PROTOCOL_BOOT && batch.payload().isEmpty();
        check(isOwn || world.isValid(batch), "I11", "nobody has sent " + batch);
        if (other == null) {
            world.coverage().count("commits");
            if (isOwn) {
                check(names.add(batch.id()), "I10", "an empty batch has the name of another");
            }
        }
    }

    void onStopped(SimHost host, long position) {
        if (!host.isTwin()) {
            of(host).stoppedAt = position;
            for (Watched other : watched.values()) {
                Long there = other.stoppedAt;
                check(there == null || there == position, "I15", "the epoch ends twice");
            }
            world.coverage().count("epochs ended");
        }
    }

    void onEvidence(SimHost host, ReplicaId about) {
        if (!host.isTwin()) {
            world.coverage().count("evidence");
            check(isByzantine[about.value() - 1], "E1", "evidence against the honest " + about);
        }
    }

    void onHalt(SimHost host, String reason) {
        if (!host.isTwin()) {
            world.coverage().count("halts");
            throw new Violation("I1", "replica " + host.rank() + " halts: " + reason);
        }
    }

    void atEnd(boolean isDone) {
        int conflicts = 0;
        for (BlockRef block : votes1.keySet()) {
            for (BlockRef other : votes1.keySet()) {
                if (block.rank().equals(other.rank())
                        && block.hash().compareTo(other.hash()) < 0
                        && canLock(block)
                        && canLock(other)) {
                    conflicts++;
                }
            }
        }
        if (conflicts > 0) {
            world.coverage().count("runs with conflicting QC1");
        }
        if (!isDone) {
            StringBuilder state = new StringBuilder("it stands still:");
            for (SimHost host : world.hosts()) {
                state.append(' ').append(host.rank()).append(" at ").append(host.height());
                state.append(host.isUp() ? host.engine().status().details().read() : "down");
            }
            throw new Violation("L1", state.toString());
        }
    }

    /// True if `above` is the block or comes after it.
    private boolean isAncestor(Hash below, Hash above) {
        Hash at = above;
        while (!at.equals(below)) {
            Header header = headers.get(at);
            if (header == null) {
                return false;
            }
            at = header.parent();
        }
        return true;
    }
}

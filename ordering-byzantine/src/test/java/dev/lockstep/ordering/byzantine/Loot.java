package dev.lockstep.ordering.byzantine;

import dev.lockstep.core.Credentials;
import dev.lockstep.core.wire.Bytes;

import org.jspecify.annotations.Nullable;

import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.SortedMap;
import java.util.SplittableRandom;
import java.util.TreeMap;

/// Everything that the adversary has seen signed, and what can be made of it with the keys of the
/// members that it controls.
final class Loot {

    private static final int KEPT = 10;

    private final List<Setup> setups;
    private final List<Integer> own = new ArrayList<>();
    private final SignedBytes signed;
    private final SplittableRandom random;
    private final int quorum;

    private final Map<Phase, Map<BlockRef, SortedMap<Integer, Bytes>>> votes = new TreeMap<>();
    private final Map<Hash, ByzantineMessage.Propose> proposals = new LinkedHashMap<>();
    private final Map<Long, TreeMap<Integer, ByzantineMessage.Timeout>> timeouts = new TreeMap<>();
    private final Map<Long, TimeoutCertificate> timeoutCertificates = new TreeMap<>();

    Loot(List<Setup> setups, boolean[] isByzantine, SplittableRandom random) {
        this.setups = setups;
        this.random = random;
        for (int rank = 0; rank < isByzantine.length; rank++) {
            if (isByzantine[rank]) {
                own.add(rank);
            }
        }
        Setup any = setups.getFirst();
        signed = any.signedBytes();
        quorum = any.size() - any.tolerated();
        votes.put(Phase.FIRST, new LinkedHashMap<>());
        votes.put(Phase.SECOND, new LinkedHashMap<>());
    }

    List<Integer> own() {
        return own;
    }

    Setup any() {
        return setups.getFirst();
    }

    boolean leads(long view) {
        return own.contains(any().leaderOf(view));
    }

    void note(int from, ByzantineMessage message) {
        switch (message) {
            case ByzantineMessage.Propose it -> {
                propose(it);
                vote(from, Phase.FIRST, it.header().ref(), it.leaderVote1());
                note(it.timeoutCertificate());
            }
            case ByzantineMessage.Vote1 it -> vote(from, Phase.FIRST, it.block(), it.signature());
            case ByzantineMessage.Vote2 it -> vote(from, Phase.SECOND, it.block(), it.signature());
            case ByzantineMessage.Timeout it ->
                    timeouts.computeIfAbsent(it.view(), _ -> new TreeMap<>()).putIfAbsent(from, it);
            case ByzantineMessage.SyncInfo it -> note(it.timeoutCertificate());
            default -> {}
        }
    }

    private void note(@Nullable TimeoutCertificate certificate) {
        if (certificate != null) {
            timeoutCertificates.putIfAbsent(certificate.view(), certificate);
        }
    }

    private Map<BlockRef, SortedMap<Integer, Bytes>> of(Phase phase) {
        return Objects.requireNonNull(votes.get(phase));
    }

    void propose(ByzantineMessage.Propose propose) {
        proposals.putIfAbsent(propose.header().hash(), propose);
    }

    private void vote(int from, Phase phase, BlockRef block, Bytes signature) {
        of(phase).computeIfAbsent(block, _ -> new TreeMap<>()).put(from, signature);
    }

    // --- what can be made ---

    Credentials.Signer signer(int rank) {
        return setups.get(rank).credentials().signer();
    }

    Bytes sign(int rank, Phase phase, BlockRef block) {
        return signer(rank).sign(signed.vote(phase, block));
    }

    ByzantineMessage.Vote1 vote1(int rank, BlockRef block) {
        ByzantineMessage.Propose propose = proposals.get(block.hash());
        boolean hasEcho = any().commitRule().echoesHeaders() && random.nextInt(4) > 0;
        Echo echo =
                propose != null && hasEcho
                        ? new Echo(propose.header(), propose.leaderVote1())
                        : null;
        return new ByzantineMessage.Vote1(block, sign(rank, Phase.FIRST, block), echo);
    }

    ByzantineMessage.Vote2 vote2(int rank, BlockRef block, boolean withLock) {
        Certificate lock = withLock ? certificate(Phase.FIRST, block) : null;
        return new ByzantineMessage.Vote2(block, sign(rank, Phase.SECOND, block), lock);
    }

    ByzantineMessage.Timeout timeout(int rank, long view, Certificate lock) {
        Bytes content = signed.timeout(view, lock.rank(), lock.block().hash());
        return new ByzantineMessage.Timeout(view, lock, signer(rank).sign(content));
    }

    /// The certificate for a block, with own votes where honest ones do not suffice; null if they
    /// do not suffice either.
    @Nullable Certificate certificate(Phase phase, BlockRef block) {
        TreeMap<Integer, Bytes> signatures =
                new TreeMap<>(of(phase).getOrDefault(block, new TreeMap<>()));
        for (int rank : own) {
            signatures.put(rank, sign(rank, phase, block));
        }
        if (signatures.size() < quorum) {
            return null;
        }
        List<Endorsement> chosen = new ArrayList<>();
        signatures.forEach(
                (rank, signature) -> {
                    if (chosen.size() < quorum) {
                        chosen.add(new Endorsement(rank, signature));
                    }
                });
        return new Certificate(phase, block, chosen);
    }

    Certificate root() {
        return root;
    }

    private Certificate root = Certificate.root(0, Header.NO_HASH);

    void begin(Certificate at) {
        root = at;
    }

    /// All locks that can be made, the lowest first.
    List<Certificate> locks() {
        List<Certificate> locks = new ArrayList<>();
        locks.add(root());
        for (BlockRef block : latest(Phase.FIRST)) {
            Certificate certificate = certificate(Phase.FIRST, block);
            if (certificate != null) {
                locks.add(certificate);
            }
        }
        locks.sort((a, b) -> a.rank().compareTo(b.rank()));
        return locks;
    }

    /// The last blocks that anybody voted for, and some before.
    private List<BlockRef> latest(Phase phase) {
        List<BlockRef> all = new ArrayList<>(of(phase).keySet());
        int from = Math.max(0, all.size() - KEPT);
        List<BlockRef> latest = new ArrayList<>(all.subList(from, all.size()));
        if (from > 0) {
            latest.add(all.get(random.nextInt(from)));
        }
        return latest;
    }

    List<Certificate> commits() {
        List<Certificate> commits = new ArrayList<>();
        for (BlockRef block : latest(Phase.SECOND)) {
            Certificate certificate = certificate(Phase.SECOND, block);
            if (certificate != null) {
                commits.add(certificate);
            }
        }
        return commits;
    }

    List<BlockRef> blocks() {
        return List.copyOf(of(Phase.FIRST).keySet());
    }

    ByzantineMessage.@Nullable Propose proposal(Hash hash) {
        return proposals.get(hash);
    }

    List<Long> viewsGivenUp() {
        return List.copyOf(timeouts.keySet());
    }

    /// A timeout certificate, if one can be made or was seen.
    ///
    /// @param hides true if it is to show as low a lock as possible
    @Nullable TimeoutCertificate timeoutCertificate(long view, boolean hides) {
        TimeoutCertificate seen = timeoutCertificates.get(view);
        TreeMap<Integer, ByzantineMessage.Timeout> all =
                new TreeMap<>(timeouts.getOrDefault(view, new TreeMap<>()));
        for (int rank : own) {
            all.put(rank, timeout(rank, view, root()));
        }
        if (all.size() < quorum) {
            return seen;
        }
        List<Map.Entry<Integer, ByzantineMessage.Timeout>> claims = new ArrayList<>(all.entrySet());
        if (hides) {
            claims.sort(
                    (a, b) ->
                            a.getValue().highQc1().rank().compareTo(b.getValue().highQc1().rank()));
        } else {
            Collections.shuffle(claims, new Random(random.nextLong()));
        }
        List<Map.Entry<Integer, ByzantineMessage.Timeout>> chosen =
                new ArrayList<>(claims.subList(0, quorum));
        chosen.sort(Map.Entry.comparingByKey());
        Certificate highest = root();
        List<TimeoutClaim> made = new ArrayList<>();
        for (Map.Entry<Integer, ByzantineMessage.Timeout> each : chosen) {
            Certificate lock = each.getValue().highQc1();
            highest = highest.rank().isBelow(lock.rank()) ? lock : highest;
            made.add(
                    new TimeoutClaim(
                            each.getKey(),
                            lock.rank(),
                            lock.block().hash(),
                            each.getValue().signature()));
        }
        return new TimeoutCertificate(view, made, highest);
    }
}

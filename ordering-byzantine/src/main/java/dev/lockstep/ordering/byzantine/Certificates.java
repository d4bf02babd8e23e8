package dev.lockstep.ordering.byzantine;

import dev.lockstep.core.wire.BytesWriter;

import java.util.ArrayDeque;
import java.util.TreeSet;

/// Checks certificates, each once (§3: identical bytes, n-t distinct members of this epoch).
final class Certificates {

    /// So many are remembered to be good.
    private static final int MAX_REMEMBERED = 1024;

    private final Setup setup;
    private final Authentication authentication;
    private final TreeSet<Hash> good = new TreeSet<>();
    private final ArrayDeque<Hash> byAge = new ArrayDeque<>();

    /// Where the epoch begins. Set once, before anything is checked.
    private BlockRef root = new BlockRef(Rank.ROOT.view(), 0, 0, Header.NO_HASH);

    Certificates(Setup setup, Authentication authentication) {
        this.setup = setup;
        this.authentication = authentication;
    }

    void begin(BlockRef at) {
        root = at;
    }

    BlockRef root() {
        return root;
    }

    /// True if it proves what it says, in this phase.
    boolean proves(Phase phase, Certificate certificate) {
        if (certificate.phase() != phase) {
            return false;
        }
        if (certificate.block().view() < 0) {
            return phase == Phase.FIRST
                    && certificate.block().equals(root)
                    && certificate.votes().isEmpty();
        }
        if (!setup.rules().verifiesCertificates()) {
            return true;
        }
        Hash hash = hashOf(certificate);
        if (good.contains(hash)) {
            return true;
        }
        boolean isGood = hasQuorum(certificate);
        if (isGood) {
            remember(hash);
        }
        return isGood;
    }

    private boolean hasQuorum(Certificate certificate) {
        if (certificate.votes().size() != setup.quorum()) {
            return false;
        }
        int before = -1;
        for (Endorsement vote : certificate.votes()) {
            if (vote.rank() <= before
                    || vote.rank() >= setup.size()
                    || !authentication.isVote(
                            vote.rank(),
                            certificate.phase(),
                            certificate.block(),
                            vote.signature())) {
                return false;
            }
            before = vote.rank();
        }
        return true;
    }

    /// Remembers one that was made here, of votes that were checked when they came.
    void vouchFor(Certificate certificate) {
        remember(hashOf(certificate));
    }

    private static Hash hashOf(Certificate certificate) {
        BytesWriter out = new BytesWriter(512);
        ByzantineCodec.encodeCertificate(certificate, out);
        return Hash.of(Hash.Domain.CERTIFICATE, out);
    }

    /// True if n-t members gave the view up and none of them claims a higher lock than the one that
    /// comes with it.
    boolean proves(TimeoutCertificate certificate) {
        Hash hash = certificate.hash();
        if (good.contains(hash)) {
            return true;
        }
        boolean isGood =
                hasQuorum(certificate)
                        && certificate.highQc1().rank().equals(certificate.highest())
                        && proves(Phase.FIRST, certificate.highQc1());
        if (isGood) {
            remember(hash);
        }
        return isGood;
    }

    private boolean hasQuorum(TimeoutCertificate certificate) {
        if (certificate.claims().size() != setup.quorum()) {
            return false;
        }
        int before = -1;
        for (TimeoutClaim claim : certificate.claims()) {
            if (claim.member() <= before
                    || claim.member() >= setup.size()
                    || !authentication.isClaim(certificate.view(), claim)) {
                return false;
            }
            before = claim.member();
        }
        return true;
    }

    private void remember(Hash hash) {
        if (good.add(hash)) {
            byAge.addLast(hash);
        }
        if (byAge.size() > MAX_REMEMBERED) {
            good.remove(byAge.removeFirst());
        }
    }
}

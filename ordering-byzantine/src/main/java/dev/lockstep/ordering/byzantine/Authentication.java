package dev.lockstep.ordering.byzantine;

import dev.lockstep.core.Credentials;
import dev.lockstep.core.ReplicaId;
import dev.lockstep.core.wire.Bytes;

/// Tells whether a message is signed by whom it claims. A host asks before it hands the message in,
/// on whatever thread it likes: it is pure.
final class Authentication {

    private final Setup setup;
    private final SignedBytes signed;

    Authentication(Setup setup) {
        this.setup = setup;
        this.signed = setup.signedBytes();
    }

    /// True if everything that the message itself is signed with is genuine; certificates in it are
    /// the protocol's to check, since it needs few of them.
    boolean isGenuine(ReplicaId from, ByzantineMessage message) {
        int sender = setup.members().indexOf(from);
        if (sender < 0) {
            return false;
        }
        return switch (message) {
            case ByzantineMessage.Propose it ->
                    setup.leaderOf(it.header().view()) == sender
                            && isVote(sender, Phase.FIRST, it.header().ref(), it.leaderVote1());
            case ByzantineMessage.Vote1 it ->
                    isVote(sender, Phase.FIRST, it.block(), it.signature())
                            && (it.echo() == null || isEchoOf(it.block(), it.echo()));
            case ByzantineMessage.Vote2 it ->
                    isVote(sender, Phase.SECOND, it.block(), it.signature());
            case ByzantineMessage.Timeout it -> isTimeout(sender, it);
            case ByzantineMessage.Equivocation it ->
                    isFromLeader(it.first()) && isFromLeader(it.second());
            case ByzantineMessage.Status _,
                    ByzantineMessage.Fetch _,
                    ByzantineMessage.Blocks _,
                    ByzantineMessage.SyncInfo _ ->
                    true;
        };
    }

    private boolean isEchoOf(BlockRef block, Echo echo) {
        return block.equals(echo.header().ref()) && isFromLeader(echo);
    }

    private boolean isFromLeader(Echo echo) {
        return isVote(
                setup.leaderOf(echo.header().view()),
                Phase.FIRST,
                echo.header().ref(),
                echo.leaderVote1());
    }

    private boolean isTimeout(int sender, ByzantineMessage.Timeout it) {
        BlockRef high = it.highQc1().block();
        Bytes content = signed.timeout(it.view(), high.rank(), high.hash());
        return isBy(sender, content, it.signature());
    }

    boolean isVote(int member, Phase phase, BlockRef block, Bytes signature) {
        return block.view() >= 0 && isBy(member, signed.vote(phase, block), signature);
    }

    boolean isClaim(long view, TimeoutClaim claim) {
        Bytes content = signed.timeout(view, claim.highRank(), claim.highHash());
        return isBy(claim.member(), content, claim.signature());
    }

    private boolean isBy(int member, Bytes content, Bytes signature) {
        Credentials.Verifier verifier = setup.credentials().verifier();
        return verifier.isGenuine(setup.members().idAt(member), content, signature);
    }
}

package dev.lockstep.testkit.simulator;

import dev.lockstep.core.HostPolicy;
import dev.lockstep.core.Member;
import dev.lockstep.core.Membership;
import dev.lockstep.core.Now;
import dev.lockstep.core.Reign;
import dev.lockstep.core.ReplicaId;
import dev.lockstep.core.StopSign;
import dev.lockstep.core.wire.Bytes;
import dev.lockstep.replica.ChangeAnswer;
import dev.lockstep.replica.LearnerStatus;
import dev.lockstep.replica.MemberChange;
import dev.lockstep.replica.Replica;

import org.jspecify.annotations.Nullable;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.IntUnaryOperator;

/// How an operator has members changed: by asking for it, or where members may lie by signing what
/// the next epoch is to be, as the product's command does.
///
/// What was signed is remembered: no epoch may begin otherwise.
final class OperatorsWay {

    /// As the product has it: a newcomer that lacks no more is up to date.
    private static final long MOST_BEHIND = 256;

    /// Every so many epochs all members get other keys.
    private static final int KEYS_LAST = 3;

    private final World world;
    private final Set<StopSign> signed = new HashSet<>();
    private boolean isSigning;

    OperatorsWay(World world) {
        this.world = world;
    }

    /// What the protocol asks of operators, from the beginning on.
    void follow(HostPolicy policy) {
        isSigning = policy.members() == HostPolicy.Members.SIGNED;
    }

    boolean isSigning() {
        return isSigning;
    }

    /// True if an epoch may begin like this.
    boolean isWished(StopSign sign) {
        return !isSigning || signed.contains(sign);
    }

    /// Asks one replica.
    ChangeAnswer ask(Replica replica, Now now, MemberChange change) {
        if (!isSigning) {
            return replica.change(now, change);
        }
        Reign reign = replica.reign();
        return switch (change) {
            case MemberChange.Add add ->
                    reign.isMember(add.fresh())
                            ? new ChangeAnswer.Done()
                            : wish(replica, now, reign, with(reign, null, add.fresh()));
            case MemberChange.Remove remove ->
                    reign.members().contains(remove.member())
                            ? wish(replica, now, reign, with(reign, remove.member(), null))
                            : new ChangeAnswer.Done();
            case MemberChange.Replace replace ->
                    reign.isMember(replace.fresh())
                            ? new ChangeAnswer.Done()
                            : wish(
                                    replica,
                                    now,
                                    reign,
                                    with(reign, replace.member(), replace.fresh()));
            case MemberChange.Switch _ ->
                    new ChangeAnswer.Refused("the order of a cluster of liars stays", false);
        };
    }

    private static List<Member> with(
            Reign reign, @Nullable ReplicaId gone, @Nullable Member fresh) {
        List<Member> members = new ArrayList<>(reign.members().members());
        members.removeIf(
                member ->
                        member.id().equals(gone)
                                || (fresh != null && member.id().equals(fresh.id())));
        if (fresh != null) {
            members.add(fresh);
        }
        return members;
    }

    private ChangeAnswer wish(Replica replica, Now now, Reign reign, List<Member> list) {
        String why = whyNot(reign, list);
        if (why != null) {
            return new ChangeAnswer.Refused(why, true);
        }
        Membership members = new Membership(list);
        long next = reign.epoch().value() + 1;
        List<Bytes> keys = new ArrayList<>();
        for (Member member : members.members()) {
            Bytes before = SimKeys.keyIn(reign.sign(), member.id());
            boolean isKept = before != null && next % KEYS_LAST != 0;
            keys.add(isKept ? before : SimKeys.keyOf(member.id(), next));
        }
        ReplicaId entry = replica.preferredEntry();
        StopSign sign =
                new StopSign(
                        reign.epoch().next(),
                        members,
                        reign.sign().faults(),
                        reign.sign().order(),
                        entry != null && members.contains(entry) ? entry : members.idAt(0),
                        keys);
        signed.add(sign);
        return replica.wish(now, SimKeys.wish(NodeParts.CLUSTER, sign));
    }

    /// What an operator looks at before it signs: who is to come is there as far as so many members
    /// say that one of them is honest, and no more of the members may lie than the order survives.
    private @Nullable String whyNot(Reign reign, List<Member> members) {
        IntUnaryOperator enough = world.enoughVotes();
        int tolerated = enough == null ? 0 : enough.applyAsInt(members.size()) - 1;
        if (tolerated < Math.max(1, world.faulty())) {
            return "more members may lie than the order would survive";
        }
        int needed = enough == null ? 1 : enough.applyAsInt(reign.members().size());
        for (Member member : members) {
            if (!reign.isMember(member) && voices(reign, member) < needed) {
                return "replica " + member.id() + " does not follow, or is far behind";
            }
        }
        return null;
    }

    private int voices(Reign reign, Member fresh) {
        int voices = 0;
        for (SimNode node : world.nodes) {
            if (node.isUp() && reign.isMember(node.member())) {
                long position = node.replica().executedPosition();
                for (LearnerStatus learner : node.replica().learners()) {
                    boolean isIt = learner.member().equals(fresh);
                    voices += isIt && position - learner.position() <= MOST_BEHIND ? 1 : 0;
                }
            }
        }
        return voices;
    }
}

package dev.lockstep.ordering.byzantine;

import dev.lockstep.core.Batch;
import dev.lockstep.core.BatchId;
import dev.lockstep.core.Epoch;
import dev.lockstep.core.Incarnation;
import dev.lockstep.core.Input;
import dev.lockstep.core.Member;
import dev.lockstep.core.Membership;
import dev.lockstep.core.OrderingContext;
import dev.lockstep.core.ReplicaId;
import dev.lockstep.core.Suspicion;
import dev.lockstep.core.wire.Bytes;

import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.TreeMap;
import java.util.function.Predicate;

/// A schedule that a test writes message by message, under the same checks as random runs. Member 0
/// is Byzantine and leads view 0; disks are immediate; timers fire when the test says that time has
/// passed, after what it delivers at that time.
final class Scene implements Surroundings {

    private record Waiting(int from, int to, ByzantineMessage message) {}

    private record Alarm(SimHost host, ByzantineTimer timer, long at, int boot) {}

    private final List<Setup> setups = new ArrayList<>();
    private final List<SimHost> hosts = new ArrayList<>();
    private final Coverage coverage = new Coverage();
    private final Checker checker;
    private final Loot loot;
    private final List<Waiting> waiting = new ArrayList<>();
    private final List<Alarm> alarms = new ArrayList<>();
    private long now;

    Scene(Profile profile, Rules rules) {
        List<Member> members = new ArrayList<>();
        for (int rank = 0; rank < profile.members(); rank++) {
            members.add(new Member(new ReplicaId(rank + 1), new Incarnation(1, rank + 1)));
        }
        Membership membership = new Membership(members);
        TreeMap<String, String> options = new TreeMap<>();
        if (profile.isSynchronous()) {
            options.put("resilience", "2t+1");
            options.put("delta", Network.DELTA + "ns");
            options.put("clock.drift-ppm", "0");
        }
        for (Member member : members) {
            OrderingContext context =
                    new OrderingContext(
                            member.id(),
                            Epoch.FIRST,
                            membership,
                            membership.idAt(0),
                            new SplittableRandom(1),
                            options,
                            true,
                            Keys.of(member.id()));
            setups.add(Setup.of(context, rules));
        }
        boolean[] isByzantine = new boolean[profile.members()];
        isByzantine[0] = true;
        checker = new Checker(this, profile, setups, isByzantine);
        loot = new Loot(setups, isByzantine, new SplittableRandom(1));
        for (int rank = 1; rank < profile.members(); rank++) {
            hosts.add(new SimHost(this, rank, setups.get(rank), false));
        }
        hosts.forEach(SimHost::start);
        loot.begin(hosts.getFirst().engine().root());
        waiting.clear();
    }

    Loot loot() {
        return loot;
    }

    SimHost host(int rank) {
        return hosts.get(rank - 1);
    }

    /// Lets time pass, firing the timers that are due before `time`; those of that moment fire when
    /// more passes.
    void until(long time) {
        while (true) {
            Alarm next = null;
            for (Alarm alarm : alarms) {
                if (alarm.at() < time && (next == null || alarm.at() < next.at())) {
                    next = alarm;
                }
            }
            if (next == null) {
                now = time;
                return;
            }
            alarms.remove(next);
            now = Math.max(now, next.at());
            next.host().onTimer(next.timer(), next.at(), next.boot());
        }
    }

    /// Delivers what an honest member has said to another and was not delivered yet.
    void deliver(int from, int to, Predicate<ByzantineMessage> which) {
        List<Waiting> ready = new ArrayList<>();
        for (Waiting each : waiting) {
            if (each.from() == from && each.to() == to && which.test(each.message())) {
                ready.add(each);
            }
        }
        waiting.removeAll(ready);
        ready.forEach(each -> host(to).receive(World.idOf(from), each.message()));
    }

    /// Member 0 says something.
    void say(int to, ByzantineMessage message) {
        host(to).receive(World.idOf(0), message);
    }

    void suspect(int rank) {
        host(rank).input(new Input.Suspected<>(Suspicion.CENSORSHIP));
    }

    /// A first block of member 0's for view 0.
    ByzantineMessage.Propose first(int variant) {
        Certificate root = loot.root();
        Batch batch =
                variant == 0
                        ? Batch.of(
                                new BatchId(
                                        World.idOf(0),
                                        new Incarnation(1, 1),
                                        BatchId.PROTOCOL_BOOT,
                                        1),
                                0,
                                Bytes.EMPTY)
                        : SimHost.batch(World.idOf(0), 1, 1, variant);
        Payload payload = new Payload(batch, null);
        Header header =
                new Header(
                        0,
                        1,
                        1,
                        root.block().hash(),
                        root.rank(),
                        Header.NO_HASH,
                        payload.hash(),
                        0,
                        false);
        ByzantineMessage.Propose propose =
                new ByzantineMessage.Propose(
                        header, payload, loot.sign(0, Phase.FIRST, header.ref()), root, null);
        loot.propose(propose);
        checker.learn(propose);
        return propose;
    }

    @Override
    public long now() {
        return now;
    }

    @Override
    public Checker checker() {
        return checker;
    }

    @Override
    public Coverage coverage() {
        return coverage;
    }

    @Override
    public List<SimHost> hosts() {
        return hosts;
    }

    @Override
    public boolean hasCrashed(int rank) {
        return false;
    }

    @Override
    public boolean encodes() {
        return true;
    }

    @Override
    public boolean wantsWork() {
        return false;
    }

    @Override
    public Batch nextBatch(ReplicaId origin, int boot, long sequence) {
        return SimHost.batch(origin, boot, sequence, sequence);
    }

    @Override
    public boolean isValid(Batch batch) {
        return true;
    }

    @Override
    public void sync(SimHost host, long sequence, int boot) {
        host.onSynced(sequence, boot);
    }

    @Override
    public void timer(SimHost host, ByzantineTimer timer, long at, int boot) {
        alarms.add(new Alarm(host, timer, at, boot));
    }

    @Override
    public void send(SimHost from, ReplicaId to, ByzantineMessage message) {
        checker.onSend(from, message);
        loot.note(from.rank(), message);
        waiting.add(new Waiting(from.rank(), to.value() - 1, message));
    }

    @Override
    public void history(SimHost host, long from) {}
}

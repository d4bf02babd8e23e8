package dev.lockstep.ordering.leader;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lockstep.core.Effect;
import dev.lockstep.core.Epoch;
import dev.lockstep.core.FaultModel;
import dev.lockstep.core.Incarnation;
import dev.lockstep.core.Input;
import dev.lockstep.core.Member;
import dev.lockstep.core.Membership;
import dev.lockstep.core.ReplicaId;
import dev.lockstep.core.StopSign;
import dev.lockstep.core.wire.Bytes;

import java.util.ArrayList;
import java.util.List;
import java.util.PriorityQueue;
import java.util.SplittableRandom;

/// A cluster of protocol instances in simulated time, without replicas around them: one seed
/// decides everything.
///
/// Faults never exceed what the protocol promises to survive with safety; at the end they heal, and
/// everything that was asked for must come about.
///
/// Whole clusters are simulated by `testkit`, which covers the faults of this one and more. It
/// stays for what only somebody next to the protocol can do or see:
/// - stop signs, among all other inputs, until replicas have epochs: one stop, nothing after it;
/// - hosts that never tell that a peer was lost or is back;
/// - that what is delivered is durable in the logs of a majority at that moment, and in the log of
///   every later leader when it begins to lead ([SimChecker]): a mistake there shows whether or not
///   the run goes on to lose something by it.
final class SimCluster {

    private static final long FAULTY_NANOS = 3_000_000_000L;
    private static final long HEALED_NANOS = 20_000_000_000L;

    private record Event(long at, long order, Runnable action) implements Comparable<Event> {
        @Override
        public int compareTo(Event other) {
            return at != other.at ? Long.compare(at, other.at) : Long.compare(order, other.order);
        }
    }

    final long seed;
    final SplittableRandom random;
    final SimProfile profile;
    final LeaderOrderingProvider provider;
    final Membership membership;
    final List<SimMember> members = new ArrayList<>();
    final SimChecker checker = new SimChecker(this);
    private final PriorityQueue<Event> events = new PriorityQueue<>();
    private final boolean[][] cut;
    private final long[][] lastArrival;
    long nowNanos;
    long steps;
    long histories;
    private long order;
    private boolean healed;
    private long digest;

    SimCluster(long seed, Rules rules) {
        this.seed = seed;
        this.random = new SplittableRandom(seed);
        this.profile = SimProfile.draw(random);
        this.provider = new LeaderOrderingProvider(rules);
        List<Member> list = new ArrayList<>();
        for (int i = 1; i <= profile.members(); i++) {
            list.add(new Member(new ReplicaId(i), new Incarnation(7, i)));
        }
        this.membership = new Membership(list);
        for (Member member : membership.members()) {
            members.add(new SimMember(this, member.id()));
        }
        this.cut = new boolean[members.size()][members.size()];
        this.lastArrival = new long[members.size()][members.size()];
    }

    SimMember member(ReplicaId id) {
        return members.get(membership.indexOf(id));
    }

    long digest() {
        return digest;
    }

    void after(long nanos, Runnable action) {
        events.add(new Event(nowNanos + nanos, order++, action));
    }

    void trace(ReplicaId who, Effect<LeaderMessage, LeaderRecord> effect) {
        digest = digest * 31 + nowNanos;
        digest = digest * 31 + who.value();
        digest =
                digest * 31
                        + switch (effect) {
                            case Effect.Send<LeaderMessage, LeaderRecord> send ->
                                    send.message().term() * 7 + send.to().value();
                            case Effect.Deliver<LeaderMessage, LeaderRecord> deliver ->
                                    deliver.position() * 11 + deliver.batch().checksum();
                            default -> 3;
                        };
    }

    long delay() {
        boolean isSlow = !healed && random.nextDouble() < profile.slowDelay();
        long mean = isSlow ? 200_000_000 : profile.delayNanos();
        return 10_000 + (long) (-Math.log(1 - random.nextDouble()) * mean);
    }

    long syncDelay() {
        boolean isSlow = !healed && random.nextDouble() < profile.slowSync();
        return 10_000 + random.nextLong(isSlow ? 300_000_000 : profile.syncNanos());
    }

    void transmit(SimMember from, ReplicaId to, Bytes frame) {
        int source = membership.indexOf(from.id);
        int target = membership.indexOf(to);
        if (cut[source][target] || (!healed && random.nextDouble() < profile.loss())) {
            return;
        }
        int copies = !healed && random.nextDouble() < profile.duplication() ? 2 : 1;
        for (int i = 0; i < copies; i++) {
            long at = nowNanos + delay();
            if (profile.fifo()) {
                at = Math.max(at, lastArrival[source][target] + 1);
                lastArrival[source][target] = at;
            }
            int boot = members.get(target).boot;
            SimMember receiver = members.get(target);
            after(
                    at - nowNanos,
                    () -> {
                        // A frame may outlive a boot only where frames may do anything.
                        if (!cut[source][target] && (receiver.boot == boot || !profile.fifo())) {
                            receiver.onFrame(from.id, frame);
                        }
                    });
        }
    }

    /// Runs until everything asked for has come about; throws what is wrong.
    void run() {
        for (SimMember member : members) {
            after(random.nextLong(20_000_000), member::start);
        }
        repeat(profile.submitEveryNanos(), this::submit);
        repeat(profile.readEveryNanos(), this::read);
        repeat(profile.crashEveryNanos(), this::crashOrRestart);
        repeat(profile.partitionEveryNanos(), this::partition);
        repeat(profile.resetEveryNanos(), this::resetConnection);
        repeat(profile.stallEveryNanos(), this::stall);
        repeat(400_000_000, this::leave);
        if (profile.stops()) {
            after(random.nextLong(FAULTY_NANOS), this::requestStop);
        }
        runUntil(FAULTY_NANOS);
        heal();
        long deadline = nowNanos + HEALED_NANOS;
        while (!isDone() && nowNanos < deadline) {
            runUntil(nowNanos + 50_000_000);
        }
        assertThat(isDone()).as("everything asked for has come about: " + members).isTrue();
    }

    private void repeat(long everyNanos, Runnable action) {
        long pause = 1 + (long) (-Math.log(1 - random.nextDouble()) * everyNanos);
        after(
                pause,
                () -> {
                    if (!healed) {
                        action.run();
                        repeat(everyNanos, action);
                    }
                });
    }

    private void runUntil(long untilNanos) {
        while (!events.isEmpty() && events.peek().at() <= untilNanos) {
            Event event = events.remove();
            nowNanos = event.at();
            event.action().run();
        }
        nowNanos = untilNanos;
    }

    private SimMember anyone() {
        return members.get(random.nextInt(members.size()));
    }

    private void submit() {
        SimMember member = anyone();
        int burst = random.nextInt(8) == 0 ? 10 : 1;
        for (int i = 0; i < burst && member.isUp() && !member.stopped && !member.isStalled(); i++) {
            member.submit(random.nextInt(4) == 0 ? 0 : random.nextInt(400));
        }
    }

    private void read() {
        SimMember member = anyone();
        if (member.isUp() && !member.stopped && !member.isStalled()) {
            member.read();
        }
    }

    /// A process stands still, sometimes all of them.
    private void stall() {
        long nanos = random.nextLong(500_000_000);
        if (random.nextInt(4) == 0) {
            members.forEach(member -> member.stall(nanos));
        } else {
            anyone().stall(nanos);
        }
    }

    private void requestStop() {
        SimMember member = anyone();
        member.step(
                new Input.StopRequested<>(
                        new StopSign(
                                new Epoch(2), membership, FaultModel.CRASH, "leader", member.id)));
    }

    private void leave() {
        SimMember member = anyone();
        if (member.isUp() && random.nextInt(3) == 0) {
            member.step(new Input.Leaving<>());
            int boot = member.boot;
            after(
                    random.nextLong(300_000_000),
                    () -> {
                        if (member.isUp() && member.boot == boot) {
                            crashAndRestart(member);
                        }
                    });
        }
    }

    private void crashOrRestart() {
        if (random.nextInt(20) == 0) {
            members.forEach(this::crash);
        } else {
            crash(anyone());
        }
    }

    private void crash(SimMember member) {
        if (member.isUp() && !healed) {
            crashAndRestart(member);
        }
    }

    private void crashAndRestart(SimMember member) {
        member.crash(random.nextInt(member.unsynced() + 1));
        notice(member, false);
        long down = random.nextBoolean() ? 5_000_000 : 500_000_000;
        after(
                random.nextLong(down),
                () -> {
                    if (!member.isUp()) {
                        member.start();
                        notice(member, true);
                    }
                });
    }

    private void notice(SimMember member, boolean isBack) {
        if (!profile.noticesLoss()) {
            return;
        }
        for (SimMember other : members) {
            if (other != member) {
                after(
                        50_000 + random.nextLong(1_000_000),
                        () -> {
                            tell(other, member.id, isBack);
                            if (isBack) {
                                tell(member, other.id, true);
                            }
                        });
            }
        }
    }

    private void tell(SimMember member, ReplicaId about, boolean isBack) {
        member.whenAwake(
                () ->
                        member.step(
                                isBack
                                        ? new Input.PeerBack<>(about)
                                        : new Input.PeerLost<>(about)));
    }

    private void resetConnection() {
        SimMember one = anyone();
        SimMember other = anyone();
        if (one != other) {
            tell(one, other.id, false);
            tell(other, one.id, false);
            after(
                    random.nextLong(20_000_000),
                    () -> {
                        tell(one, other.id, true);
                        tell(other, one.id, true);
                    });
        }
    }

    private void partition() {
        boolean mends = random.nextBoolean();
        for (boolean[] row : cut) {
            for (int i = 0; i < row.length; i++) {
                row[i] = !mends && random.nextInt(3) == 0;
            }
        }
        if (!mends && random.nextBoolean()) {
            int alone = random.nextInt(members.size());
            for (int i = 0; i < members.size(); i++) {
                for (int j = 0; j < members.size(); j++) {
                    cut[i][j] = i == alone || j == alone;
                }
            }
        }
    }

    private void heal() {
        healed = true;
        for (boolean[] row : cut) {
            java.util.Arrays.fill(row, false);
        }
        for (SimMember member : members) {
            member.stall(0);
            if (!member.isUp()) {
                member.start();
            }
        }
        for (SimMember one : members) {
            for (SimMember other : members) {
                if (one != other) {
                    tell(one, other.id, true);
                }
            }
        }
    }

    private boolean isDone() {
        for (SimMember member : members) {
            boolean isBehind = member.delivered < checker.length();
            if (isBehind || !member.pending.isEmpty() || member.hasOpenReads()) {
                return false;
            }
            if (checker.hasStopped() != member.stopped) {
                return false;
            }
        }
        return true;
    }
}

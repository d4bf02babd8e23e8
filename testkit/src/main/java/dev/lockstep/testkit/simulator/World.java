package dev.lockstep.testkit.simulator;

import dev.lockstep.core.ReplicaId;

import org.jspecify.annotations.Nullable;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import java.util.function.IntUnaryOperator;
import java.util.function.Predicate;

/// What everything in one run shares.
final class World {

    /// Nobody's step.
    static final int NOBODY = -1;

    final long seed;
    final Weather weather;
    final Script script;
    final Timeline timeline;
    final Exercised exercised = new Exercised();
    final Observer observer;
    final MemoryFlips flips = new MemoryFlips(this);
    final Liars liars = new Liars(this);
    final StateDigests states = new StateDigests();
    final Reference reference;
    final Trace trace;

    /// For delays, losses and what becomes of unsynced writes.
    final Chance chance;

    final List<SimNode> nodes = new ArrayList<>();
    final List<SimClient> clients = new ArrayList<>();

    final Habits habits;

    /// How operators have members changed.
    final OperatorsWay operators = new OperatorsWay(this);

    /// The orders that operators may want, by name.
    final List<String> orders;

    /// So many members lie, or have a state that changes of its own accord.
    private int faulty;

    /// Who lies in wait for moments at which much hangs by a thread.
    private Lookout lookout = Lookout.NONE;

    private Predicate<SimNode> mayLoseDisk = _ -> false;

    /// Who says which replicas are members; null if they do themselves.
    private @Nullable SimAuthority authority;

    /// Of so many replicas, how many must answer a client alike; null if one's word is enough.
    private @Nullable IntUnaryOperator enoughVotes;

    /// Whose step it is: a line of the diagram, or [#NOBODY].
    int acting = NOBODY;

    /// True once the faults have ended for good.
    private boolean healed;

    /// @param words says what a command is
    World(
            long seed,
            Weather weather,
            Habits habits,
            List<String> orders,
            Script script,
            Chance chance,
            Function<byte[], String> words) {
        this.seed = seed;
        this.script = script;
        this.weather = weather;
        this.chance = chance;
        this.timeline = new Timeline(chance.split(), weather.net().quantumNanos());
        this.trace = new Trace(timeline);
        this.reference = new Reference(exercised, words);
        this.observer =
                new Observer(exercised, trace, flips::mayDiffer, this::isLiar, operators::isWished);
        this.habits = habits;
        this.orders = orders;
        if (habits.switches().every() < Chance.NEVER) {
            exercised.expectSwitches(orders);
        }
    }

    /// Who says whether the cluster promises now to survive that a replica loses its disk.
    void lendDisks(Predicate<SimNode> promises) {
        mayLoseDisk = promises;
    }

    /// There is a configuration authority, before any replica starts.
    void appoint(SimAuthority appointed) {
        authority = appointed;
        mayLoseDisk = appointed::mayLoseDisk;
    }

    /// Clients count votes, from the beginning on.
    ///
    /// @param wrong so many members lie, or have a state that changes of its own accord
    void letVote(IntUnaryOperator enough, int wrong) {
        enoughVotes = enough;
        faulty = wrong;
        observer.letPauseTogether();
    }

    /// So many members at most lie, or have a state that changes of its own accord.
    int faulty() {
        return faulty;
    }

    @Nullable IntUnaryOperator enoughVotes() {
        return enoughVotes;
    }

    /// The configuration authority; null if there is none.
    @Nullable SimAuthority authority() {
        return authority;
    }

    /// True if the cluster promises now to survive that this replica loses its disk.
    boolean mayLoseDisk(SimNode node) {
        return mayLoseDisk.test(node);
    }

    /// True if a replica lies.
    boolean isLiar(ReplicaId id) {
        return liars.isLiar(NodeParts.indexOf(id));
    }

    /// Those that do not lie.
    List<SimNode> honest() {
        return nodes.stream().filter(node -> !liars.isLiar(node.index())).toList();
    }

    /// How many replicas the cluster began with.
    int founders() {
        return nodes.size() - habits.reforms().spares();
    }

    boolean isHealed() {
        return healed;
    }

    void heal() {
        healed = true;
    }

    Lookout lookout() {
        return lookout;
    }

    /// One more hears of such moments, after all others.
    void addLookout(Lookout other) {
        lookout = lookout == Lookout.NONE ? other : Lookout.all(List.of(lookout, other));
    }

    /// Where a diagram shows a client.
    int lineOf(SimClient.Life client) {
        return nodes.size() + client.index();
    }

    long nowNanos() {
        return timeline.nowNanos();
    }

    /// How far everybody is, for messages.
    String describe() {
        StringBuilder text = new StringBuilder("positions ").append(observer.length());
        for (SimNode node : nodes) {
            text.append("; ").append(node).append(' ');
            text.append(node.isUp() ? node.replica().status().toString() : "is down");
        }
        return text.toString();
    }

    /// How long a frame travels.
    long delay() {
        Weather.Net net = weather.net();
        if (healed) {
            return 20_000 + chance.below(200_000L);
        }
        long slow = chance.happens(net.slow()) ? chance.around(100_000_000) : 0;
        return 10_000 + chance.around(net.delayNanos()) + slow;
    }

    /// How long a sync takes.
    ///
    /// @param slowness how many times as long as usual
    long syncDelay(int slowness) {
        Weather.Disk disk = weather.disk();
        if (healed) {
            return 20_000 + chance.below(200_000L);
        }
        long slow = chance.happens(disk.slow()) ? chance.around(150_000_000) : 0;
        return 10_000 + slowness * chance.around(disk.syncNanos()) + slow;
    }
}

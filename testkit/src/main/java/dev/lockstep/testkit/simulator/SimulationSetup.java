package dev.lockstep.testkit.simulator;

import dev.lockstep.core.FaultModel;
import dev.lockstep.core.HostPolicy;
import dev.lockstep.core.OrderingProvider;
import dev.lockstep.core.OrderingProviders;
import dev.lockstep.core.ReplicaId;
import dev.lockstep.replica.ReplicaListener;

import org.jspecify.annotations.Nullable;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.ServiceLoader;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.random.RandomGenerator;

/// What is simulated; the seed decides the rest.
///
/// Immutable, and used by several threads at once if several run seeds.
public final class SimulationSetup {

    /// Every run draws its own number of replicas.
    public static final int ANY_NUMBER = 0;

    /// As many replicas lie as the protocol tolerates.
    public static final int AS_MANY_AS_MAY = -1;

    private final OrderingProvider<?, ?> provider;
    private final List<OrderingProvider<?, ?>> others;
    private final int replicas;
    private final Function<RandomGenerator, SortedMap<String, String>> protocolOptions;
    private final Supplier<Function<ReplicaId, ReplicaListener>> listeners;
    private final SimulatedService service;
    private final Product product;
    private final boolean isTraced;
    private final boolean isFixed;
    private final int spares;
    private final @Nullable Play play;

    /// How many replicas lie in each run, or [#AS_MANY_AS_MAY], and how they may.
    private final int liars;

    private final Set<Lie> lies;

    private SimulationSetup(
            OrderingProvider<?, ?> provider,
            List<OrderingProvider<?, ?>> others,
            int replicas,
            Function<RandomGenerator, SortedMap<String, String>> protocolOptions,
            Supplier<Function<ReplicaId, ReplicaListener>> listeners,
            SimulatedService service,
            Product product,
            boolean isTraced,
            boolean isFixed,
            int spares,
            @Nullable Play play,
            int liars,
            Set<Lie> lies) {
        this.provider = provider;
        this.others = List.copyOf(others);
        this.replicas = replicas;
        this.protocolOptions = protocolOptions;
        this.listeners = listeners;
        this.service = service;
        this.product = product;
        this.isTraced = isTraced;
        this.isFixed = isFixed;
        this.spares = spares;
        this.play = play;
        this.liars = liars;
        this.lies = lies;
    }

    /// Clusters of any size under a protocol with its default options.
    ///
    /// @param provider must be stateless
    public static SimulationSetup of(OrderingProvider<?, ?> provider) {
        return new SimulationSetup(
                provider,
                List.of(),
                ANY_NUMBER,
                _ -> new TreeMap<>(),
                () -> _ -> ReplicaListener.NONE,
                SimRequests.SERVICE,
                Product.WHOLE,
                false,
                false,
                0,
                null,
                0,
                Set.of());
    }

    /// The same under the protocol of this name for crash faults, `leader` for one, which must be
    /// on the class path.
    ///
    /// @throws IllegalArgumentException if it is not; the message lists those that are
    public static SimulationSetup of(String order) {
        return of(order, FaultModel.CRASH);
    }

    /// The same under the protocol of this name for these faults. Where a configuration authority
    /// says who the members are, operators do not.
    ///
    /// @throws IllegalArgumentException if it is not on the class path; the message lists those
    ///     that are
    public static SimulationSetup of(String order, FaultModel faults) {
        List<String> known = new ArrayList<>();
        for (OrderingProvider<?, ?> provider : ServiceLoader.load(OrderingProvider.class)) {
            if (provider.faults() == faults) {
                if (provider.order().equals(order)) {
                    boolean isFixed = provider.policy().members() == HostPolicy.Members.AUTHORITY;
                    return isFixed ? of(provider).withFixedMembers() : of(provider);
                }
                known.add(provider.order());
            }
        }
        throw new IllegalArgumentException(
                "there is no order '" + order + "' to simulate; choose from " + known);
    }

    /// The same with operators who go over to these orders and back, in a share of the runs. An
    /// order that a run did not begin with has its usual options.
    ///
    /// @param providers of the same fault model and all of different orders; must be stateless
    /// @throws IllegalArgumentException unless they are
    public SimulationSetup withSwitchesTo(List<OrderingProvider<?, ?>> providers) {
        TreeSet<String> orders = new TreeSet<>(Set.of(provider.order()));
        for (OrderingProvider<?, ?> other : providers) {
            if (other.faults() != provider.faults() || !orders.add(other.order())) {
                throw new IllegalArgumentException(
                        "operators go over to other orders for the same faults, not from "
                                + provider.order()
                                + " to "
                                + other.order()
                                + " for "
                                + other.faults());
            }
        }
        return new SimulationSetup(
                provider,
                providers,
                replicas,
                protocolOptions,
                listeners,
                service,
                product,
                isTraced,
                isFixed,
                spares,
                play,
                liars,
                lies);
    }

    /// The same with operators who go over to all other orders for the same faults that are on the
    /// class path.
    public SimulationSetup withSwitches() {
        List<OrderingProvider<?, ?>> found = new ArrayList<>();
        for (OrderingProvider<?, ?> each : ServiceLoader.load(OrderingProvider.class)) {
            if (each.faults() == provider.faults() && !each.order().equals(provider.order())) {
                found.add(each);
            }
        }
        return withSwitchesTo(found);
    }

    /// The same with clusters of this many replicas, or of [#ANY_NUMBER].
    ///
    /// @throws IllegalArgumentException unless it is 0 to 9
    public SimulationSetup withReplicas(int number) {
        if (number < 0 || number > 9) {
            throw new IllegalArgumentException(
                    "a simulated cluster has 1 to 9 replicas, not " + number);
        }
        return new SimulationSetup(
                provider,
                others,
                number,
                protocolOptions,
                listeners,
                service,
                product,
                isTraced,
                isFixed,
                spares,
                play,
                liars,
                lies);
    }

    /// The same with options of the protocol that every run draws.
    public SimulationSetup withProtocolOptions(
            Function<RandomGenerator, SortedMap<String, String>> drawn) {
        return new SimulationSetup(
                provider, others, replicas, drawn, listeners, service, product, isTraced, isFixed,
                spares, play, liars, lies);
    }

    /// The same with checks of the protocol's own: called once a run, what is returned is asked for
    /// a listener at every start of a replica. A listener may throw an `Error`, which ends the run
    /// as a failure.
    public SimulationSetup withChecks(Supplier<Function<ReplicaId, ReplicaListener>> checks) {
        return new SimulationSetup(
                provider,
                others,
                replicas,
                protocolOptions,
                checks,
                service,
                product,
                isTraced,
                isFixed,
                spares,
                play,
                liars,
                lies);
    }

    /// The same with a service of one's own instead of the simulator's counters and registers.
    public SimulationSetup withService(SimulatedService other) {
        return new SimulationSetup(
                provider,
                others,
                replicas,
                protocolOptions,
                listeners,
                other,
                product,
                isTraced,
                isFixed,
                spares,
                play,
                liars,
                lies);
    }

    /// The same with replicas and journals that are made in another way.
    public SimulationSetup withProduct(Product other) {
        return new SimulationSetup(
                provider,
                others,
                replicas,
                protocolOptions,
                listeners,
                service,
                other,
                isTraced,
                isFixed,
                spares,
                play,
                liars,
                lies);
    }

    /// The same with a scenario instead of clients that ask for whatever chance draws.
    ///
    /// @param forecast what goes wrong besides what the scenario makes go wrong
    public SimulationSetup withScenario(Scenario scenario, Forecast forecast) {
        Play other = new Play(scenario, forecast);
        return new SimulationSetup(
                provider,
                others,
                replicas,
                protocolOptions,
                listeners,
                service,
                product,
                isTraced,
                isFixed,
                spares,
                other,
                liars,
                lies);
    }

    /// The same, keeping what happens in words ([Simulation#trace]); slow.
    public SimulationSetup traced() {
        return new SimulationSetup(
                provider,
                others,
                replicas,
                protocolOptions,
                listeners,
                service,
                product,
                true,
                isFixed,
                spares,
                play,
                liars,
                lies);
    }

    /// The same with the members that a run begins with until its end: for protocols that know no
    /// stop sign.
    public SimulationSetup withFixedMembers() {
        return new SimulationSetup(
                provider,
                others,
                replicas,
                protocolOptions,
                listeners,
                service,
                product,
                isTraced,
                true,
                spares,
                play,
                liars,
                lies);
    }

    /// The same with replicas beside the members, which a [Scenario] makes members: see
    /// [SimulatedCluster#members].
    ///
    /// @throws IllegalArgumentException unless it is 0 to 4
    public SimulationSetup withSpares(int number) {
        if (number < 0 || number > 4) {
            throw new IllegalArgumentException(
                    "a simulated cluster has 0 to 4 spare replicas, not " + number);
        }
        return new SimulationSetup(
                provider,
                others,
                replicas,
                protocolOptions,
                listeners,
                service,
                product,
                isTraced,
                isFixed,
                number,
                play,
                liars,
                lies);
    }

    /// The same with replicas that lie, in some of these ways each, as the seed draws; for
    /// protocols
    /// that survive that, which others have nothing to do with.
    ///
    /// @param number how many in each run, or [#AS_MANY_AS_MAY]
    public SimulationSetup withLiars(int number, Set<Lie> ways) {
        return new SimulationSetup(
                provider,
                others,
                replicas,
                protocolOptions,
                listeners,
                service,
                product,
                isTraced,
                isFixed,
                spares,
                play,
                number,
                Collections.unmodifiableSortedSet(new TreeSet<>(ways)));
    }

    int liars() {
        return liars;
    }

    Set<Lie> lies() {
        return lies;
    }

    Habits habits(long seed) {
        Habits habits = Habits.of(seed);
        if (play != null) {
            return habits.attended(spares);
        }
        if (liars != 0) {
            habits = habits.withLaggards(seed);
        }
        if (isFixed) {
            return habits.withFixedMembers();
        }
        if (provider.policy().members() == HostPolicy.Members.SIGNED) {
            return habits.withManyChanges(seed);
        }
        return others.isEmpty() ? habits.withOneOrder() : habits;
    }

    /// The orders by name, that of the first epoch first.
    List<String> orders() {
        List<String> orders = new ArrayList<>(List.of(provider.order()));
        others.forEach(other -> orders.add(other.order()));
        return orders;
    }

    /// The orders of later epochs.
    OrderingProviders otherOrders() {
        return (faults, order) ->
                others.stream()
                        .filter(other -> other.faults() == faults && other.order().equals(order))
                        .findFirst()
                        .orElse(null);
    }

    /// The protocol.
    public OrderingProvider<?, ?> provider() {
        return provider;
    }

    SimulatedService service() {
        return service;
    }

    Product product() {
        return product;
    }

    /// How many replicas, or [#ANY_NUMBER].
    public int replicas() {
        return replicas;
    }

    SortedMap<String, String> drawProtocolOptions(RandomGenerator random) {
        return protocolOptions.apply(random);
    }

    Function<ReplicaId, ReplicaListener> beginChecks() {
        return listeners.get();
    }

    /// What happens if a scenario says it; null if chance draws it.
    @Nullable Play play() {
        return play;
    }

    Weather drawWeather(Chance shape) {
        return play == null ? Weather.draw(shape) : play.forecast().draw(shape);
    }

    /// Who asks one replica only has no use for votes.
    Weather forVoters(Weather weather) {
        boolean vote = provider.policy().replies() == HostPolicy.Replies.EVERY_REPLICA;
        return vote ? weather.withoutNeighbours() : weather;
    }

    boolean isTraced() {
        return isTraced;
    }
}

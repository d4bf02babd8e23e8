package dev.lockstep.node;

import dev.lockstep.api.StateMachine;
import dev.lockstep.core.FaultModel;
import dev.lockstep.core.OrderingProvider;

import org.jspecify.annotations.Nullable;

import java.lang.reflect.InvocationTargetException;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.ServiceConfigurationError;
import java.util.ServiceLoader;
import java.util.SortedMap;
import java.util.function.Supplier;

/// What the class path has to offer: orders, bundled services, gateways, and whatever class an
/// operator names.
final class Services {

    private Services() {}

    /// The provider of an order under a fault model.
    ///
    /// @throws ConfigException if there is none; says which there are
    static OrderingProvider<?, ?> ordering(FaultModel faults, String order) {
        Map<FaultModel, List<String>> orders = new EnumMap<>(FaultModel.class);
        for (OrderingProvider<?, ?> provider : all(OrderingProvider.class)) {
            if (provider.faults() == faults && provider.order().equals(order)) {
                return provider;
            }
            orders.computeIfAbsent(provider.faults(), _ -> new ArrayList<>()).add(provider.order());
        }
        List<String> there = new ArrayList<>();
        orders.forEach(
                (each, names) ->
                        there.add(
                                "order %s with faults %s"
                                        .formatted(
                                                YamlSection.orOf(names),
                                                YamlSection.written(each))));
        throw new ConfigException(
                "there is no order %s with faults %s; there is %s"
                        .formatted(
                                order,
                                YamlSection.written(faults),
                                there.isEmpty() ? "none at all" : YamlSection.andOf(there)));
    }

    /// The orders that a replica may come to.
    static @Nullable OrderingProvider<?, ?> find(FaultModel faults, String order) {
        for (OrderingProvider<?, ?> provider : all(OrderingProvider.class)) {
            if (provider.faults() == faults && provider.order().equals(order)) {
                return provider;
            }
        }
        return null;
    }

    /// The names of the gateways on the class path.
    static List<String> gatewayNames() {
        return all(GatewayService.class).stream().map(GatewayService::name).toList();
    }

    /// The gateways on the class path, each a fresh object.
    static List<GatewayService> gateways() {
        return all(GatewayService.class);
    }

    /// Makes the state machines of `service:`, a bundled service's name or a class's.
    ///
    /// @throws ConfigException if there is no such service, or it cannot be made
    static Supplier<StateMachine> machine(String service, SortedMap<String, String> options) {
        List<String> names = new ArrayList<>();
        for (ServiceProvider provider : all(ServiceProvider.class)) {
            if (provider.name().equals(service)) {
                return () -> create(provider, options);
            }
            names.add(provider.name());
        }
        Class<? extends StateMachine> type = machineClass(service, names);
        if (!options.isEmpty()) {
            throw new ConfigException(
                    "service-options are for bundled services, and service %s is a class: remove %s"
                            .formatted(service, YamlSection.andOf(options.keySet())));
        }
        return () -> instantiate(type);
    }

    private static StateMachine create(
            ServiceProvider provider, SortedMap<String, String> options) {
        try {
            return provider.create(options);
        } catch (IllegalArgumentException e) {
            throw new ConfigException(
                    "service-options of %s: %s".formatted(provider.name(), e.getMessage()), e);
        }
    }

    private static Class<? extends StateMachine> machineClass(String name, List<String> bundled) {
        try {
            Class<?> type = Class.forName(name, false, classLoader());
            if (!StateMachine.class.isAssignableFrom(type)) {
                throw new ConfigException(
                        "service %s is a class that does not implement %s; name one that does"
                                .formatted(name, StateMachine.class.getName()));
            }
            return type.asSubclass(StateMachine.class);
        } catch (ClassNotFoundException e) {
            throw new ConfigException(
                    "service %s is not bundled (%s) and no class of that name is on the class path; put it there with --class-path"
                            .formatted(
                                    name,
                                    bundled.isEmpty()
                                            ? "nothing is"
                                            : YamlSection.andOf(bundled)
                                                    + (bundled.size() > 1 ? " are" : " is")),
                    e);
        } catch (LinkageError e) {
            throw new ConfigException("class " + name + " cannot be loaded: " + e, e);
        }
    }

    private static StateMachine instantiate(Class<? extends StateMachine> type) {
        try {
            return type.getConstructor().newInstance();
        } catch (NoSuchMethodException | IllegalAccessException | InstantiationException e) {
            throw new ConfigException(
                    "class %s is not public with a public constructor without parameters; make it so"
                            .formatted(type.getName()),
                    e);
        } catch (InvocationTargetException e) {
            throw new ConfigException(
                    "the constructor of %s failed: %s".formatted(type.getName(), e.getCause()), e);
        }
    }

    @SuppressWarnings("unchecked")
    private static <S> List<S> all(Class<? super S> type) {
        try {
            List<S> found = new ArrayList<>();
            for (Object service : ServiceLoader.load(type, classLoader())) {
                found.add((S) service);
            }
            return found;
        } catch (ServiceConfigurationError e) {
            throw new ConfigException("a jar on the class path is broken: " + e.getMessage(), e);
        }
    }

    private static ClassLoader classLoader() {
        @Nullable ClassLoader context = Thread.currentThread().getContextClassLoader();
        return context == null ? Services.class.getClassLoader() : context;
    }
}

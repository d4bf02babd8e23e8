package dev.lockstep.testkit.junit;

import dev.lockstep.testkit.simulator.Exercised;
import dev.lockstep.testkit.simulator.Scenario;
import dev.lockstep.testkit.simulator.Schedule;
import dev.lockstep.testkit.simulator.SimulatedCluster;
import dev.lockstep.testkit.simulator.SimulatedService;
import dev.lockstep.testkit.simulator.Simulation;
import dev.lockstep.testkit.simulator.SimulationFailure;
import dev.lockstep.testkit.simulator.SimulationReport;
import dev.lockstep.testkit.simulator.SimulationRunner;
import dev.lockstep.testkit.simulator.SimulationSetup;
import dev.lockstep.testkit.simulator.SimulationSummary;

import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.extension.ExtensionConfigurationException;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.InvocationInterceptor;
import org.junit.jupiter.api.extension.ParameterContext;
import org.junit.jupiter.api.extension.ParameterResolver;
import org.junit.jupiter.api.extension.ReflectiveInvocationContext;
import org.junit.platform.commons.support.AnnotationSupport;
import org.junit.platform.commons.support.ReflectionSupport;
import org.opentest4j.TestAbortedException;

import java.lang.reflect.Method;
import java.lang.reflect.Parameter;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;

/// Calls the method of a [SimulatedTest] once for every seed, as a scenario, instead of once.
final class SimulatedTestExtension implements ParameterResolver, InvocationInterceptor {

    /// JUnit makes one for every test class.
    SimulatedTestExtension() {}

    @Override
    public boolean supportsParameter(ParameterContext parameter, ExtensionContext context) {
        return parameter.getParameter().getType() == SimulatedCluster.class
                && context.getTestMethod()
                        .filter(parameter.getDeclaringExecutable()::equals)
                        .isPresent();
    }

    /// Nothing yet: every seed has its own.
    @Override
    public @Nullable Object resolveParameter(ParameterContext parameter, ExtensionContext context) {
        return null;
    }

    @Override
    public void interceptTestMethod(
            Invocation<Void> invocation,
            ReflectiveInvocationContext<Method> call,
            ExtensionContext context) {
        invocation.skip();
        Method method = call.getExecutable();
        SimulatedTest test =
                AnnotationSupport.findAnnotation(method, SimulatedTest.class).orElseThrow();
        Object instance = context.getRequiredTestInstance();
        SimulationSetup setup =
                setup(test, instance)
                        .withScenario(
                                scenario(method, instance, call.getArguments()), test.weather());
        Seeds seeds = Seeds.of(test, context);
        Story story = new Story(context, Replay.shrinking(test, context));
        Schedule schedule = Replay.of(test, seeds, context);
        if (schedule != null) {
            replay(setup, schedule, story, context);
            return;
        }
        requireSameTwice(setup, seeds.first(), story);
        SimulationSummary all = SimulationSummary.NONE;
        for (Seeds.Range range : seeds.ranges()) {
            all = all.plus(SimulationRunner.of(setup).run(range.first(), range.last()));
            if (!all.failures().isEmpty()) {
                throw failed(setup, all.failures().getFirst(), story, all.seeds() - 1);
            }
        }
        publish(describe(all), story, context);
    }

    private static SimulatedTestFailure failed(
            SimulationSetup setup, SimulationFailure failure, Story story, long heldBefore) {
        requireNotAborted(failure);
        return story.tell(setup, failure, heldBefore);
    }

    private static void requireNotAborted(SimulationFailure failure) {
        if (failure.getCause() instanceof TestAbortedException aborted) {
            throw aborted;
        }
    }

    /// Runs what a schedule leaves of a seed, and says so.
    private static void replay(
            SimulationSetup setup, Schedule schedule, Story story, ExtensionContext context) {
        SimulationReport report;
        try {
            report = Simulation.run(setup, schedule);
        } catch (SimulationFailure failure) {
            requireNotAborted(failure);
            throw story.tellReplayed(setup, failure, schedule);
        }
        publish(
                "seed %d with the schedule %s held: %,d events, %,.1f simulated s"
                        .formatted(
                                schedule.seed(),
                                schedule,
                                report.events(),
                                report.simulatedNanos() / 1e9),
                story,
                context);
    }

    private static void publish(String summary, Story story, ExtensionContext context) {
        context.publishReportEntry("lockstep", summary);
        // Maven shows no report entries.
        System.out.println(story.test() + ": " + summary);
    }

    /// A test that is not the same twice cannot be looked at again.
    private static void requireSameTwice(SimulationSetup setup, long seed, Story story) {
        SimulationReport once;
        SimulationReport again;
        try {
            once = Simulation.run(setup, seed);
            again = Simulation.run(setup, seed);
        } catch (SimulationFailure failure) {
            throw failed(setup, failure, story, 0);
        }
        if (once.digest() != again.digest()) {
            throw new SimulatedTestFailure(
                    "seed "
                            + seed
                            + " took another course when it was run again: something in the test or"
                            + " the machine depends on more than the seed, such as a clock,"
                            + " randomness other than cluster.random(), or a field that the run"
                            + " before has left changed",
                    null);
        }
    }

    private static SimulationSetup setup(SimulatedTest test, Object instance) {
        SimulatedService service = SimulatedService.of(Machines.of(test, instance));
        if (test.replicas() < 1) {
            throw new ExtensionConfigurationException(
                    "a @SimulatedTest has 1 to 9 replicas, not " + test.replicas());
        }
        try {
            return SimulationSetup.of(test.order())
                    .withReplicas(test.replicas())
                    .withSpares(test.spares())
                    .withService(service);
        } catch (IllegalArgumentException e) {
            throw new ExtensionConfigurationException("@SimulatedTest: " + e.getMessage());
        }
    }

    private static Scenario scenario(Method method, Object instance, List<Object> arguments) {
        int index = -1;
        Parameter[] parameters = method.getParameters();
        for (int i = 0; i < parameters.length; i++) {
            if (parameters[i].getType() == SimulatedCluster.class) {
                index = i;
            }
        }
        if (index < 0) {
            throw new ExtensionConfigurationException(
                    method.getName()
                            + " has no parameter of type SimulatedCluster: add one, it is the"
                            + " cluster of a seed");
        }
        int place = index;
        return cluster -> {
            @Nullable Object[] all = arguments.toArray();
            all[place] = cluster;
            ReflectionSupport.invokeMethod(method, instance, all);
        };
    }

    private static String describe(SimulationSummary all) {
        Exercised exercised = all.exercised();
        String deeds =
                exercised.byName().entrySet().stream()
                        .filter(entry -> entry.getValue() > 0 && !entry.getKey().contains(":"))
                        .map(entry -> "%s %,d".formatted(entry.getKey(), entry.getValue()))
                        .collect(Collectors.joining(", "));
        return String.format(
                Locale.ROOT,
                "%,d seed%s held: %,d events, %,.1f simulated s, in %,.1f s; %s",
                all.seeds(),
                all.seeds() == 1 ? "" : "s",
                all.events(),
                all.simulatedNanos() / 1e9,
                all.busyNanos() / 1e9,
                deeds);
    }
}

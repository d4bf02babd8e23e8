package dev.lockstep.testkit.junit;

import dev.lockstep.api.StateMachine;
import dev.lockstep.testkit.simulator.Forecast;
import dev.lockstep.testkit.simulator.SimulatedCluster;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

import java.lang.annotation.Documented;
import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/// A test that runs once for every seed, each time with a simulated cluster of one's own state
/// machine: its parameter of type [SimulatedCluster].
///
/// ```java
/// @SimulatedTest(machine = CounterMachine.class, replicas = 3, seeds = 500)
/// void a_count_survives_its_leader(SimulatedCluster cluster) {
///     SimulatedClient client = cluster.client();
///     client.send(ONE);
///     cluster.crash(cluster.awaitLeader());
///     assertThat(client.send(ONE)).isEqualTo(TWO);
/// }
/// ```
///
/// When the method returns, the cluster is healed, and then everything that Lockstep promises is
/// checked, and that the machine is deterministic: see
/// [dev.lockstep.testkit.simulator.SimulatedService]. The first seed is run twice, which must give
/// the same.
///
/// It is one test in the report, whatever the number of seeds, and ends at the first that fails.
/// That run is shrunk first, for [#shrinkSeconds]: run again and again, leaving out faults, those
/// that the test calls by name among them, as long as it fails in the same way. The failure names
/// the seed, how to run it alone, how far it was shrunk, how to run what is left, and the files
/// that tell its story, in `target/lockstep` (or `build/lockstep` where there is a `build` and no
/// `target`). A test that passes publishes one report entry, and prints it, since Maven does not:
/// what all seeds together have gone through.
///
/// The method is called on the same instance of the test class for every seed, between one call of
/// `@BeforeEach` and one of `@AfterEach`: what it needs afresh it makes itself. What holds for a
/// [dev.lockstep.testkit.simulator.Scenario] holds for it.
///
/// Configuration parameters of JUnit, which system properties set too:
///
/// | parameter | meaning |
/// |---|---|
/// | `lockstep.seed` | runs this seed only, whatever the annotation says |
/// | `lockstep.seeds` | runs so many seeds, unless the annotation names them |
/// | `lockstep.schedule` | runs the one seed without what this leaves out: see [#schedule] |
/// | `lockstep.shrinkSeconds` | shrinks a failure for so long, whatever the annotation says |
/// | `lockstep.reports` | the directory for the files of failures |
@Documented
@Target({ElementType.METHOD, ElementType.ANNOTATION_TYPE})
@Retention(RetentionPolicy.RUNTIME)
@Test
@ExtendWith(SimulatedTestExtension.class)
public @interface SimulatedTest {

    /// The service: a class with a constructor without parameters, which need not be public. Unless
    /// it is given, a method of the test class that is annotated with [Machine] makes the machines.
    Class<? extends StateMachine> machine() default StateMachine.class;

    /// How many replicas: 1 to 9.
    int replicas() default 3;

    /// How many replicas besides, that are no members before the test makes them so: 0 to 4. See
    /// [dev.lockstep.testkit.simulator.SimulatedCluster#members].
    int spares() default 0;

    /// How many seeds, from [#firstSeed] on.
    int seeds() default 100;

    /// The first seed.
    long firstSeed() default 1;

    /// Runs these seeds only: to look at a failure, or to keep one from coming back.
    long[] seed() default {};

    /// Runs the one [#seed] without what this leaves out, as the failure of a shrunk run says it,
    /// such as `faults:2`; `whole` leaves out nothing. Such a run is not shrunk further. The words
    /// are those of [dev.lockstep.testkit.simulator.Schedule].
    String schedule() default "";

    /// How long a failing run is shrunk at most, in seconds of real time; 0 for not at all. The run
    /// that has begun then is run to its end. What the test prints it prints in each of these runs.
    int shrinkSeconds() default 10;

    /// What goes wrong besides what the test makes go wrong.
    Forecast weather() default Forecast.CALM;

    /// The ordering protocol, by name; its module must be on the class path.
    String order() default "leader";
}

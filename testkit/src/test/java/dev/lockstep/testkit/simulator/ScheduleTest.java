package dev.lockstep.testkit.simulator;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.lockstep.testkit.simulator.Exercised.Deed;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// Parts of runs: what is left out does not happen, and what is kept is as it was.
class ScheduleTest {

    private static final SimulationSetup SOUND = ToyChecks.setup(ToyFault.NONE);

    private static SimulationReport play(long seed, Schedule schedule) {
        PlayedScript script = new PlayedScript(Simulation.record(SOUND, seed), schedule);
        return new Simulation(SOUND, schedule, script).run();
    }

    @Test
    void aRunIsTheSameWhenItIsRecordedAndWhenItIsPlayed() {
        for (long seed = 1; seed <= 5; seed++) {
            SimulationReport whole = Simulation.run(SOUND, seed);
            Schedule schedule = Schedule.of(seed);
            SimulationReport recorded =
                    new Simulation(SOUND, schedule, new RecordingScript()).run();
            SimulationReport played = play(seed, schedule);
            assertThat(recorded.digest()).as("seed " + seed).isEqualTo(whole.digest());
            assertThat(played.digest()).as("seed " + seed).isEqualTo(whole.digest());
            assertThat(played.events()).isEqualTo(whole.events());
            assertThat(played.exercised().byName()).isEqualTo(whole.exercised().byName());
        }
    }

    @Test
    void whatIsLeftOutDoesNotHappen() {
        long faulty = 0;
        for (long seed = 1; seed <= 4; seed++) {
            Exercised whole = Simulation.run(SOUND, seed).exercised();
            faulty += whole.count(Deed.CRASHES) + whole.count(Deed.PARTITIONS);
            Schedule calm = Schedule.parse(seed, "faults:none/operations:none/calm:loss");
            Exercised quiet = Simulation.run(SOUND, calm).exercised();
            assertThat(quiet.count(Deed.PARTITIONS)).isZero();
            assertThat(quiet.count(Deed.PAUSES)).isZero();
            assertThat(quiet.count(Deed.CLOCK_FAULTS)).isZero();
            assertThat(quiet.count(Deed.FRAMES_LOST)).isZero();
            assertThat(quiet.count(Deed.COMMANDS_ACKNOWLEDGED)).isZero();
        }
        assertThat(faulty).isPositive();
    }

    @Test
    void aClientThatKeepsOneOperationDoesNoOther() {
        Schedule one = Schedule.parse(6, "faults:none/operations:1");
        PlayedScript script = new PlayedScript(Simulation.record(SOUND, 6), one);
        Simulation simulation = new Simulation(SOUND.traced(), one, script);
        simulation.run();
        long asked =
                simulation.world().trace.happenings().stream()
                        .filter(Happening.Noted.class::isInstance)
                        .map(Happening.Noted.class::cast)
                        .filter(noted -> noted.sign() == Happening.Sign.INVOKE)
                        .count();
        // And the last, with which every run ends.
        assertThat(asked).isEqualTo(2);
    }

    @Test
    void theFaultsThatAreKeptAreThoseOfTheWholeRun() {
        long seed = 1;
        while (Simulation.run(SOUND, seed).exercised().count(Deed.CRASHES) < 3) {
            seed++;
        }
        int faults = Simulation.record(SOUND, seed).faults();
        long whole = Simulation.run(SOUND, seed).digest();
        long first = digest(seed, "faults:1");
        assertThat(digest(seed, "faults:1-" + faults)).isEqualTo(whole).isNotEqualTo(first);
        assertThat(digest(seed, "faults:1")).isEqualTo(first);
    }

    private static long digest(long seed, String schedule) {
        return Simulation.run(SOUND, Schedule.parse(seed, schedule)).digest();
    }

    @Test
    void replicasAndTheEndOfTheFaultsAreAsTheScheduleSays() {
        Schedule few = Schedule.parse(6, "replicas:1/until:100ms/luck:3");
        SimulationReport report = Simulation.run(SOUND, few);
        assertThat(report.replicas()).isEqualTo(1);
        assertThat(report.simulatedNanos()).isLessThan(Simulation.run(SOUND, 6).simulatedNanos());
        assertThat(report.digest()).isEqualTo(Simulation.run(SOUND, few).digest());
        Schedule otherLuck = Schedule.parse(6, "replicas:1/until:100ms/luck:4");
        assertThat(Simulation.run(SOUND, otherLuck).digest()).isNotEqualTo(report.digest());
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "whole",
                "faults:3,7-19",
                "faults:none/operations:1",
                "operations:2-3,5/calm:loss,slow-frames/replicas:3/until:812ms/luck:7"
            })
    void textAndScheduleAreTheSame(String text) {
        Schedule schedule = Schedule.parse(42, text);
        assertThat(schedule).hasToString(text);
        assertThat(schedule.seed()).isEqualTo(42);
        assertThat(schedule.isWhole()).isEqualTo(text.equals("whole"));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "faults",
                "faults:",
                "faults:0",
                "faults:9-7",
                "faults:1,,2",
                "calm:",
                "calm:sea",
                "replicas:0",
                "replicas:10",
                "until:812",
                "luck:0",
                "wether:loss",
                "faults:1-99999999999",
                "faults:1-1000001"
            })
    void whatIsNoScheduleIsRefusedInASentence(String text) {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Schedule.parse(1, text))
                .withMessageContaining("'");
    }

    @Test
    void aPartOfAFailingRunFailsEveryTimeInTheSameWay() {
        SimulationSetup setup = ToyChecks.setup(ToyFault.EQUIVOCATES);
        SimulationFailure failure = SimulationRunner.of(setup).run(1, 50).failures().getFirst();
        Schedule all = Schedule.parse(failure.seed(), "faults:1-100000");
        SimulationFailure again =
                catchThrowableOfType(SimulationFailure.class, () -> Simulation.run(setup, all));
        assertThat(again).hasMessage(failure.getMessage());
    }
}

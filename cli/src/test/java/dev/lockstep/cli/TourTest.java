package dev.lockstep.cli;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import java.io.PrintWriter;
import java.io.StringWriter;

/// `lockstep demo --tour` as a newcomer runs it: it checks itself what it claims.
final class TourTest {

    @ParameterizedTest
    @CsvSource({
        "leader, crash",
        "logical-clock, crash",
        "synchronized-clock, crash",
        "replica-ids, crash",
        "logical-clock, fail-stop",
        "synchronized-clock, fail-stop",
        "replica-ids, fail-stop"
    })
    void everything_the_tour_claims_holds(String order, String faults) {
        holds(order, faults);
    }

    @Test
    void everything_the_tour_of_liars_claims_holds() {
        holds("leader", "byzantine");
    }

    private static void holds(String order, String faults) {
        StringWriter out = new StringWriter();
        var lockstep = Main.commandLine().setOut(new PrintWriter(out));
        int code =
                lockstep.execute(
                        "demo",
                        "--tour",
                        "--order",
                        order,
                        "--faults",
                        faults,
                        "--directory",
                        "target/tour-test");
        System.out.println(out);
        assertThat(code).as(out.toString()).isZero();
        assertThat(out.toString()).contains("5. ", "Everything held.").doesNotContain("FAILED");
    }
}

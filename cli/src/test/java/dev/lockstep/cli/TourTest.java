package dev.lockstep.cli;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.util.List;
import java.util.stream.Stream;

/// `lockstep demo --tour` as a newcomer runs it: it checks itself what it claims.
@Order(Integer.MAX_VALUE)
final class TourTest {

    /// Every order and fault model with `-Dtours=all`; otherwise one of each kind.
    static List<Arguments> tours() {
        List<Arguments> some =
                List.of(
                        Arguments.of("leader", "crash"),
                        Arguments.of("logical-clock", "fail-stop"));
        List<Arguments> others =
                List.of(
                        Arguments.of("logical-clock", "crash"),
                        Arguments.of("replica-ids", "crash"),
                        Arguments.of("synchronized-clock", "crash"),
                        Arguments.of("synchronized-clock", "fail-stop"),
                        Arguments.of("replica-ids", "fail-stop"));
        boolean isAll = System.getProperty("tours", "").equals("all");
        return isAll ? Stream.concat(some.stream(), others.stream()).toList() : some;
    }

    @ParameterizedTest
    @MethodSource("tours")
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

package dev.lockstep.fuzz;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;

import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

import java.io.IOException;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.stream.Stream;

/// Every committed seed, without a fuzzer: what a finding has shown stays mended.
///
/// `-Dseeds.rewrite=true` writes the generated ones anew.
class SeedsTest {

    private static final Duration LONGEST = Duration.ofSeconds(20);

    @TestFactory
    Stream<DynamicTest> everySeedIsDecodedAsItMustBe() throws IOException {
        Stream.Builder<DynamicTest> tests = Stream.builder();
        for (Target target : Targets.ALL) {
            for (Map.Entry<String, byte[]> seed : Seeds.of(target).entrySet()) {
                tests.add(
                        DynamicTest.dynamicTest(
                                target.name() + " " + seed.getKey(),
                                () ->
                                        assertTimeoutPreemptively(
                                                LONGEST,
                                                () -> Measured.takes(target, seed.getValue()))));
            }
        }
        return tests.build();
    }

    @TestFactory
    Stream<DynamicTest> realEncodingsAreTakenAndCommitted() {
        return Targets.ALL.stream()
                .map(target -> DynamicTest.dynamicTest(target.name(), () -> check(target)));
    }

    private static void check(Target target) throws Exception {
        Map<String, byte[]> seeds = target.seeds();
        assertThat(seeds).isNotEmpty();
        for (Map.Entry<String, byte[]> seed : seeds.entrySet()) {
            assertThat(Measured.takes(target, seed.getValue())).as(seed.getKey()).isTrue();
        }
        if (Boolean.getBoolean("seeds.rewrite")) {
            Seeds.write(Seeds.generated(target), seeds);
        }
        assertThat(lines(Seeds.read(Seeds.generated(target))))
                .as("committed seeds; -Dseeds.rewrite=true writes them anew")
                .isEqualTo(lines(seeds));
    }

    private static Map<String, String> lines(Map<String, byte[]> seeds) {
        Map<String, String> lines = new LinkedHashMap<>();
        seeds.forEach((name, bytes) -> lines.put(name, Seeds.line(name, bytes)));
        return lines;
    }
}

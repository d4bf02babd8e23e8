package dev.lockstep.cli.rules;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;

import dev.lockstep.cli.rules.fixture.Offenders;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

import java.util.Arrays;
import java.util.List;

/// `core`, the orderings and `replica` give the same effects for the same inputs, because nothing
/// else gets into them.
final class DeterminismTest {

    private static List<Rule> rules() {
        return Determinism.RULES;
    }

    @ParameterizedTest(name = "no {0}")
    @MethodSource("rules")
    void deterministic_modules_keep(Rule rule) {
        rule.in(Determinism.PACKAGES).check(Production.CLASSES);
    }

    @ParameterizedTest(name = "no {0}")
    @MethodSource("rules")
    void a_class_that_breaks_it_is_found(Rule rule) {
        Class<?> offender = Offenders.of(rule.name());
        JavaClasses classes = new ClassFileImporter().importClasses(offender);
        assertThatThrownBy(() -> rule.in(offender.getPackageName()).check(classes))
                .isInstanceOf(AssertionError.class)
                .hasMessageContaining(offender.getSimpleName())
                .hasMessageContaining(rule.reason());
    }

    /// A fixture shows that a rule can find something, and this that it finds nothing else in it.
    @ParameterizedTest(name = "no {0}")
    @MethodSource("rules")
    void a_class_that_breaks_another_is_not(Rule rule) {
        for (Rule other : Determinism.RULES) {
            if (!other.equals(rule)) {
                Class<?> offender = Offenders.of(other.name());
                rule.in(offender.getPackageName())
                        .check(new ClassFileImporter().importClasses(offender));
            }
        }
    }

    @Test
    void every_deterministic_module_is_looked_at() {
        for (String module :
                Arrays.asList(
                        "core",
                        "ordering.leader",
                        "ordering.stability",
                        "ordering.byzantine",
                        "replica")) {
            String root = "dev.lockstep." + module;
            assertThat(Production.CLASSES)
                    .as(root)
                    .anyMatch(type -> type.getPackageName().equals(root));
        }
    }
}

package dev.lockstep.cli.rules;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

import java.util.Collection;
import java.util.List;

/// Every module uses the modules below it only.
final class ModulesTest {

    private static final String ROOT = "dev.lockstep";
    private static final String FIXTURE = "dev.lockstep.cli.rules.fixture";

    private static Collection<String> modules() {
        return Modules.MAY_USE.keySet();
    }

    @ParameterizedTest
    @MethodSource("modules")
    void a_module_uses_those_below_it_only(String module) {
        Modules.onlyUses(ROOT, module, Modules.MAY_USE.getOrDefault(module, List.of()))
                .in(ROOT + "." + module + "..")
                .check(Production.CLASSES);
    }

    @Test
    void the_command_uses_no_protocol_by_name() {
        Modules.onlyUses(ROOT, "cli", Modules.MODULES_OF_CLI)
                .in(ROOT + ".cli..")
                .check(Production.CLASSES);
    }

    @Test
    void protocols_do_not_know_each_other() {
        Modules.onlyUses(ROOT + ".ordering", "leader", List.of())
                .in(ROOT + ".ordering.leader..")
                .check(Production.CLASSES);
        Modules.onlyUses(ROOT + ".ordering", "stability", List.of())
                .in(ROOT + ".ordering.stability..")
                .check(Production.CLASSES);
        Modules.onlyUses(ROOT + ".ordering", "byzantine", List.of())
                .in(ROOT + ".ordering.byzantine..")
                .check(Production.CLASSES);
    }

    @Test
    void there_is_no_module_without_a_rule() {
        assertThat(Production.CLASSES)
                .allSatisfy(
                        type ->
                                assertThat(type.getPackageName().split("\\.", 4)[2])
                                        .satisfiesAnyOf(
                                                m -> assertThat(Modules.MAY_USE).containsKey(m),
                                                m -> assertThat(m).isEqualTo("cli")));
    }

    @Test
    void a_class_that_looks_up_is_found() {
        JavaClasses classes = new ClassFileImporter().importPackages(FIXTURE + "..");
        Modules.onlyUses(FIXTURE, "upper", List.of("lower")).in(FIXTURE + ".upper").check(classes);
        assertThatThrownBy(
                        () ->
                                Modules.onlyUses(FIXTURE, "lower", List.of())
                                        .in(FIXTURE + ".lower")
                                        .check(classes))
                .isInstanceOf(AssertionError.class)
                .hasMessageContaining("LooksUp")
                .hasMessageContaining("module lower stands below them");
    }
}

package dev.lockstep.cli.rules;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.JavaAccess;
import com.tngtech.archunit.core.domain.JavaCall;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaModifier;
import com.tngtech.archunit.lang.ArchCondition;
import com.tngtech.archunit.lang.ArchRule;
import com.tngtech.archunit.lang.ConditionEvents;
import com.tngtech.archunit.lang.SimpleConditionEvent;
import com.tngtech.archunit.lang.syntax.ArchRuleDefinition;

import java.util.List;
import java.util.function.Predicate;

/// One thing that classes must not do, and why.
///
/// @param name for the report, in the words of the ban
/// @param reason what goes wrong otherwise, and what to do instead
/// @param offences what a class does against the rule, in words; empty if nothing
record Rule(String name, String reason, Offences offences) {

    /// Finds what a class does against a rule.
    @FunctionalInterface
    interface Offences {
        List<String> of(JavaClass type);
    }

    /// Bans every use of the types that `banned` picks: as field, parameter, supertype, in a call.
    static Rule types(String name, String reason, Predicate<JavaClass> banned) {
        return new Rule(
                name,
                reason,
                type ->
                        type.getDirectDependenciesFromSelf().stream()
                                .filter(d -> banned.test(d.getTargetClass().getBaseComponentType()))
                                .map(d -> d.getDescription())
                                .toList());
    }

    /// Bans the calls that `banned` picks by owner, name and number of parameters.
    static Rule calls(String name, String reason, BannedCall banned) {
        return new Rule(
                name,
                reason,
                type ->
                        type.getAccessesFromSelf().stream()
                                .filter(access -> isBanned(access, banned))
                                .map(JavaAccess::getDescription)
                                .toList());
    }

    private static boolean isBanned(JavaAccess<?> access, BannedCall banned) {
        int parameters =
                access instanceof JavaCall<?> call
                        ? call.getTarget().getRawParameterTypes().size()
                        : 0;
        return banned.test(access.getTargetOwner().getName(), access.getName(), parameters);
    }

    /// Picks calls, method references and uses of fields.
    @FunctionalInterface
    interface BannedCall {
        boolean test(String owner, String name, int parameters);
    }

    /// Bans a modifier on methods and fields.
    static Rule modifier(String name, String reason, JavaModifier modifier) {
        return new Rule(
                name,
                reason,
                type ->
                        type.getMembers().stream()
                                .filter(member -> member.getModifiers().contains(modifier))
                                .map(member -> member.getDescription() + " is " + name)
                                .toList());
    }

    /// The rule for all classes in these packages and below.
    ArchRule in(String... packages) {
        return ArchRuleDefinition.classes()
                .that(resideIn(packages))
                .should(
                        new ArchCondition<>("do without " + name) {
                            @Override
                            public void check(JavaClass type, ConditionEvents events) {
                                for (String offence : offences.of(type)) {
                                    events.add(SimpleConditionEvent.violated(type, offence));
                                }
                            }
                        })
                .because(reason);
    }

    private static DescribedPredicate<JavaClass> resideIn(String... packages) {
        return JavaClass.Predicates.resideInAnyPackage(packages);
    }

    @Override
    public String toString() {
        return name;
    }
}

package dev.lockstep.testkit.junit;

import dev.lockstep.api.StateMachine;

import org.junit.jupiter.api.extension.ExtensionConfigurationException;
import org.junit.platform.commons.support.AnnotationSupport;
import org.junit.platform.commons.support.HierarchyTraversalMode;
import org.junit.platform.commons.support.ReflectionSupport;

import java.lang.reflect.Constructor;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.util.List;
import java.util.function.Supplier;

/// Finds out how a test makes its state machines.
final class Machines {

    private Machines() {}

    /// What makes a machine at every call.
    ///
    /// @throws ExtensionConfigurationException if nothing or too much does; a sentence
    static Supplier<StateMachine> of(SimulatedTest test, Object instance) {
        return test.machine() == StateMachine.class ? ofMethod(instance) : ofClass(test.machine());
    }

    private static Supplier<StateMachine> ofClass(Class<? extends StateMachine> type) {
        String name = type.getSimpleName();
        boolean isInner = type.isMemberClass() && !Modifier.isStatic(type.getModifiers());
        if (type.isInterface() || Modifier.isAbstract(type.getModifiers()) || isInner) {
            throw mistake(
                    "machine = "
                            + name
                            + ".class is "
                            + (isInner ? "an inner class" : "abstract")
                            + ": name a class that can be made by itself");
        }
        Constructor<? extends StateMachine> constructor;
        try {
            constructor = type.getDeclaredConstructor();
        } catch (NoSuchMethodException none) {
            throw mistake(
                    "machine = "
                            + name
                            + ".class has no constructor without parameters: give it one, or make"
                            + " the machine in a method of the test class that is annotated with"
                            + " @Machine");
        }
        constructor.setAccessible(true);
        return () -> {
            try {
                return constructor.newInstance();
            } catch (InvocationTargetException thrown) {
                throw new IllegalStateException(
                        "the constructor of " + name + " threw " + thrown.getCause(),
                        thrown.getCause());
            } catch (ReflectiveOperationException e) {
                throw new IllegalStateException("cannot make a " + name + ": " + e, e);
            }
        };
    }

    private static Supplier<StateMachine> ofMethod(Object instance) {
        Class<?> type = instance.getClass();
        List<Method> makers =
                AnnotationSupport.findAnnotatedMethods(
                        type, Machine.class, HierarchyTraversalMode.BOTTOM_UP);
        if (makers.size() != 1) {
            throw mistake(
                    type.getSimpleName()
                            + " has "
                            + (makers.isEmpty()
                                    ? "a @SimulatedTest without a machine"
                                    : makers.size() + " methods with @Machine")
                            + ": name the machine's class, @SimulatedTest(machine = …), or annotate"
                            + " one method that makes it with @Machine");
        }
        Method maker = makers.getFirst();
        if (maker.getParameterCount() > 0
                || !StateMachine.class.isAssignableFrom(maker.getReturnType())) {
            throw mistake(
                    "the @Machine method "
                            + maker.getName()
                            + " takes no parameters and returns a StateMachine");
        }
        return () -> {
            Object made = ReflectionSupport.invokeMethod(maker, instance);
            if (made instanceof StateMachine machine) {
                return machine;
            }
            throw new IllegalStateException(
                    "the @Machine method " + maker.getName() + " made null");
        };
    }

    private static ExtensionConfigurationException mistake(String sentence) {
        return new ExtensionConfigurationException(sentence);
    }
}

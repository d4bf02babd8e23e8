package dev.lockstep.testkit.junit;

import java.lang.annotation.Documented;
import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/// Marks the method of a test class that makes the state machine for its [SimulatedTest]s: for
/// machines whose constructor has parameters.
///
/// ```java
/// @Machine
/// static StateMachine bank() {
///     return new BankMachine(OPENING_BALANCE);
/// }
/// ```
///
/// It has no parameters, may be static or not, and returns a new machine in its first state at
/// every call: it is called for every start of a replica.
@Documented
@Target(ElementType.METHOD)
@Retention(RetentionPolicy.RUNTIME)
public @interface Machine {}

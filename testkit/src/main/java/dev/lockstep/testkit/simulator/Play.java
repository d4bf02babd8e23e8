package dev.lockstep.testkit.simulator;

/// A scenario and the weather that it is played in.
record Play(Scenario scenario, Forecast forecast) {}

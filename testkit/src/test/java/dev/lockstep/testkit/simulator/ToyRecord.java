package dev.lockstep.testkit.simulator;

import dev.lockstep.core.Batch;
import dev.lockstep.core.ProtocolRecord;

/// One position of a [ToySequencer].
record ToyRecord(long position, long timeNanos, Batch batch) implements ProtocolRecord {}

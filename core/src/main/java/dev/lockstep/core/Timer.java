package dev.lockstep.core;

/// One of a protocol's timers. A protocol's enum of timers implements it.
public interface Timer {

    /// A small number, dense from 0 within the protocol.
    int ordinal();

    /// What it is for, for people.
    String name();
}

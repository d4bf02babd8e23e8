package dev.lockstep.ordering.byzantine;

/// One way to do harm (§9). Several of them share what the adversary knows, and run in one run.
interface Adversary {

    /// An honest member says something.
    default void onReleased(int from, ByzantineMessage message) {}

    /// Now and then.
    default void act() {}

    /// What it is called where scripts are chosen.
    String name();
}

package dev.lockstep.testkit.simulator;

/// What goes wrong by itself while a [Scenario] runs.
public enum Forecast {
    /// Nothing. The seed decides how long frames and disks take, how clocks drift and what comes
    /// first of two things that happen at once.
    CALM,

    /// Anything: every seed draws its own mixture of crashes, pauses, partitions, lost and repeated
    /// frames, power failures, full and failing disks and wrong clocks, some mild, some awful.
    /// Nothing new breaks once 8 simulated seconds have passed, so that what a client asked for
    /// comes about if it waits; the network and the disks stay as slow as they are.
    SWARM;

    Weather draw(Chance shape) {
        return switch (this) {
            case CALM -> Weather.calm(shape);
            case SWARM -> Weather.draw(shape).scripted();
        };
    }
}

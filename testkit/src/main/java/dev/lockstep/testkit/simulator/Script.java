package dev.lockstep.testkit.simulator;

import java.util.SplittableRandom;
import java.util.random.RandomGenerator;

/// Decides what of a run is left to its seed.
///
/// Randomness is drawn for something: the next frame on one link, the next fault of one sort. So a
/// run that leaves out some of another's faults can still draw the same for all the rest.
sealed interface Script permits SeedScript, RecordingScript, PlayedScript {

    /// What randomness is drawn for; each sort has an index of its own.
    enum Topic {
        /// Whatever is drawn before a run begins.
        BEGINNING,
        /// A frame from one replica to another.
        FRAME,
        /// The connection of two replicas: when its end is noticed and when there is another.
        LINK,
        /// When one replica hears that it has lost another.
        LOSS,
        /// A client's connection to a replica, and what is sent there.
        REQUEST,
        /// A replica's duty cycle.
        CYCLE,
        /// A replica's disk.
        DISK,
        /// A client's life, and the engine that lives it.
        LIFE,
        /// The engine's own randomness.
        ENGINE,
        /// A replica's own randomness.
        REPLICA,
        /// The faults of one sort: by turns how long to wait for one and what it is.
        FAULT,
        /// What is drawn where somebody lies in wait for a replica.
        AMBUSH,
        /// What comes of a fault later on.
        AFTERMATH,
        /// How far clocks are off.
        SKEW,
        /// How a replica is healed.
        HEALING,
        /// How long a client thinks.
        THINKING,
        /// What a client asks for then.
        ASKING,
        /// What a client asks for in a rush.
        RUSH,
        /// What comes of a siege.
        SIEGE,
        /// What comes of an exile.
        EXILE,
        /// A client's last command.
        LAST,
        /// What comes of a fault that a scenario calls by name.
        NAMED,
        /// What a scenario draws for itself.
        SCENARIO
    }

    /// The sort of all faults that a scenario calls by name, and of no others.
    int NAMED = 5_000;

    /// Randomness for the next of a sort.
    ///
    /// @param own what the seed would give
    RandomGenerator next(Topic topic, int index, SplittableRandom own);

    /// True unless what comes next of a sort would be more than the whole run had of it.
    boolean hasNext(Topic topic, int index);

    /// The same for a long time: something that draws for itself.
    RandomGenerator split(Topic topic, int index, SplittableRandom own);

    /// True if the next fault of a sort is to happen.
    boolean strikes(int sort);

    /// What a client does in a rush counts for itself: as that of a client whose number is so much
    /// higher.
    int RUSHING = 1_000;

    /// True if a client is to do what it now thinks of.
    ///
    /// @param isFree false if it has too much under way
    boolean asks(int client, boolean isFree);

    /// True if a client does anything at all.
    boolean lives(int client);

    /// The faults end no later than this.
    long untilNanos();
}

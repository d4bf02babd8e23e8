/// `lockstep soak`: real replica processes on real disks and sockets, to which a nemesis does what
/// happens to machines, while clients write down what they see.
///
/// [SoakCommand] reads the command line, [SoakRun] goes from round to round, [Round] is one: faults
/// come, are undone, and what the clients saw is judged. What a fault is stands in the class of its
/// name; [Nemesis] draws them. [Namespaces] is the only class that touches the machine's network
/// and mounts.
@NullMarked
package dev.lockstep.cli.soak;

import org.jspecify.annotations.NullMarked;

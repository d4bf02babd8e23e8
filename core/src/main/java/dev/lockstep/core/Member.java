package dev.lockstep.core;

/// A replica as the member set names it: the number and the life in which it was admitted.
public record Member(ReplicaId id, Incarnation incarnation) {}

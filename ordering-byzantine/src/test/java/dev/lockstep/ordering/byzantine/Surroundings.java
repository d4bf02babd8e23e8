package dev.lockstep.ordering.byzantine;

import dev.lockstep.core.Batch;
import dev.lockstep.core.ReplicaId;

import java.util.List;

/// What simulated hosts live in: a run that a seed decides, or a schedule that a test writes.
interface Surroundings {

    long now();

    Checker checker();

    Coverage coverage();

    /// The honest members.
    List<SimHost> hosts();

    /// True if the member has been down, or may be.
    boolean hasCrashed(int rank);

    /// True if messages and records go through their bytes.
    boolean encodes();

    boolean wantsWork();

    Batch nextBatch(ReplicaId origin, int boot, long sequence);

    /// True if some client has sent it.
    boolean isValid(Batch batch);

    void sync(SimHost host, long sequence, int boot);

    void timer(SimHost host, ByzantineTimer timer, long at, int boot);

    void send(SimHost from, ReplicaId to, ByzantineMessage message);

    void history(SimHost host, long from);
}

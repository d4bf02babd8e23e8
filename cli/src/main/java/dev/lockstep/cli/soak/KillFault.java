package dev.lockstep.cli.soak;

import java.util.List;

/// `kill -9` of a replica, which is started again later.
final class KillFault implements Fault {

    private final SoakReplica victim;
    private final boolean leader;

    /// @param leader whether it is the leader, for the report
    KillFault(SoakReplica victim, boolean leader) {
        this.victim = victim;
        this.leader = leader;
    }

    @Override
    public FaultKind kind() {
        return FaultKind.KILL;
    }

    @Override
    public List<SoakReplica> victims() {
        return List.of(victim);
    }

    @Override
    public String toString() {
        return "kill of " + victim + (leader ? ", the leader" : "");
    }

    @Override
    public void begin() throws InterruptedException {
        victim.kill();
    }

    @Override
    public void end() {
        if (!victim.isAlive()) {
            victim.start();
        }
    }
}

package dev.lockstep.cli.soak;

import java.util.ArrayList;
import java.util.List;

/// `kill -9` of all replicas at once: nobody answers, and nothing that was acknowledged may be
/// lost.
final class KillAllFault implements Fault {

    private final List<SoakReplica> victims;

    KillAllFault(List<SoakReplica> all) {
        victims = List.copyOf(all);
    }

    @Override
    public FaultKind kind() {
        return FaultKind.KILL;
    }

    @Override
    public List<SoakReplica> victims() {
        return victims;
    }

    @Override
    public String toString() {
        return "kill of all replicas";
    }

    @Override
    public boolean stopsAll() {
        return true;
    }

    @Override
    public void begin() throws InterruptedException {
        List<Thread> killers = new ArrayList<>();
        for (SoakReplica victim : victims) {
            killers.add(Thread.ofVirtual().start(() -> kill(victim)));
        }
        for (Thread killer : killers) {
            killer.join();
        }
    }

    private static void kill(SoakReplica victim) {
        try {
            victim.kill();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    @Override
    public void end() {
        for (SoakReplica victim : victims) {
            if (!victim.isAlive()) {
                victim.start();
            }
        }
    }
}

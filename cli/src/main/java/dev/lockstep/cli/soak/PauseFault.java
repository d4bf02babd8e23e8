package dev.lockstep.cli.soak;

import org.jspecify.annotations.Nullable;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;

/// SIGSTOP, and later SIGCONT: a replica that stands still and does not know it.
///
/// A process of its own sends both, so that the replica goes on also if this one is killed.
final class PauseFault implements Fault {

    private static final String SCRIPT =
            "trap '' INT HUP; kill -STOP $0 && echo stopped; cat >/dev/null; kill -CONT $0";

    private final SoakReplica victim;
    private final boolean leader;
    private @Nullable Process pausing;

    /// @param leader whether it is the leader, for the report
    PauseFault(SoakReplica victim, boolean leader) {
        this.victim = victim;
        this.leader = leader;
    }

    @Override
    public FaultKind kind() {
        return FaultKind.PAUSE;
    }

    @Override
    public List<SoakReplica> victims() {
        return List.of(victim);
    }

    @Override
    public String toString() {
        return "pause of " + victim + (leader ? ", the leader" : "");
    }

    @Override
    public void begin() throws IOException {
        Process process =
                new ProcessBuilder("/bin/sh", "-c", SCRIPT, Long.toString(victim.pid()))
                        .redirectErrorStream(true)
                        .start();
        pausing = process;
        String said = process.inputReader(StandardCharsets.UTF_8).readLine();
        if (!"stopped".equals(said)) {
            throw new IOException(victim + " could not be paused: " + said);
        }
    }

    @Override
    public void end() throws IOException, InterruptedException {
        Process process = pausing;
        pausing = null;
        if (process != null) {
            process.getOutputStream().close();
            process.waitFor();
        }
    }
}

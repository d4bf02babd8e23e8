package dev.lockstep.cli.soak;

import com.fasterxml.jackson.databind.JsonNode;

import dev.lockstep.cli.AdminClient;
import dev.lockstep.cli.ExitCode;
import dev.lockstep.cli.MemberPorts;
import dev.lockstep.cli.ReplicaProcess;

import org.jspecify.annotations.Nullable;

import java.io.IOException;
import java.nio.file.Path;

/// One replica: its process, its data directory as this process sees it, and what its admin port
/// says.
///
/// Threading: one thread at a time.
final class SoakReplica {

    private final MemberPorts ports;
    private final ReplicaProcess process;
    private final AdminClient admin;
    private final Path data;

    /// True while a fault has it stopped, or is about to.
    private boolean mayBeDown = true;

    SoakReplica(MemberPorts ports, ReplicaProcess process, Path data) {
        this.ports = ports;
        this.process = process;
        this.admin = new AdminClient(ports.host(), ports.admin());
        this.data = data;
    }

    int id() {
        return ports.id();
    }

    MemberPorts ports() {
        return ports;
    }

    /// Readable and writable while the replica is stopped.
    Path data() {
        return data;
    }

    long pid() {
        return process.pid();
    }

    boolean isAlive() {
        return process.isAlive();
    }

    void start() {
        process.start();
        mayBeDown = false;
    }

    /// `kill -9`.
    void kill() throws InterruptedException {
        mayBeDown = true;
        if (process.isAlive()) {
            process.kill();
        }
    }

    /// SIGTERM.
    void stop() throws InterruptedException {
        mayBeDown = true;
        process.stop();
    }

    /// From now on until the next [#start] it may end by itself, with a sentence.
    void expectEnd() {
        mayBeDown = true;
    }

    /// Null if it does not answer.
    @Nullable JsonNode ask(String page) {
        try {
            return admin.get(page);
        } catch (IOException silent) {
            return null;
        }
    }

    boolean isServing() {
        return admin.isServing();
    }

    long executed() {
        JsonNode status = ask("/status");
        return status == null ? 0 : status.path("executedPosition").asLong();
    }

    /// Checks that it is in the state that it should be in.
    ///
    /// @throws ViolationException if it ended though nobody ended it, or halted
    void check() throws ViolationException, InterruptedException {
        if (!isAlive()) {
            if (!mayBeDown) {
                throw new ViolationException(
                        "replica %d ended with exit code %d though nothing was done to it; its last words:%n%s"
                                .formatted(id(), process.awaitEnd(), process.lastWords()));
            }
            return;
        }
        JsonNode status = ask("/status");
        if (status == null) {
            return;
        }
        for (String reason : new String[] {"haltReason", "quarantineReason"}) {
            if (status.hasNonNull(reason)) {
                throw new ViolationException(
                        "replica %d says of itself: %s"
                                .formatted(id(), status.path(reason).asText()));
            }
        }
    }

    /// The sentence with which it ended by itself.
    ///
    /// @throws ViolationException if it ended in another way than an operator is promised: exit
    ///     code 1 and one sentence
    String sentenceAtEnd() throws ViolationException, InterruptedException {
        int code = process.awaitEnd();
        String last = process.lastWords().lines().reduce("", (_, line) -> line);
        if (code != ExitCode.FAILED || !last.startsWith("lockstep: ")) {
            throw new ViolationException(
                    "replica %d ended with exit code %d and without a sentence; its last words:%n%s"
                            .formatted(id(), code, process.lastWords()));
        }
        return last.substring("lockstep: ".length());
    }

    @Override
    public String toString() {
        return "replica " + id();
    }
}

package dev.lockstep.replica;

import dev.lockstep.api.FrozenState;
import dev.lockstep.core.port.SnapshotContent;
import dev.lockstep.core.wire.Bytes;

import java.io.IOException;
import java.util.TreeMap;
import java.util.function.Consumer;
import java.util.function.UnaryOperator;

/// Gives out the replicated state as it is at a position: for snapshots, and for who compares
/// replicas.
final class StateFreezer implements Snapshotting.Source {

    /// No more than this wait for a position.
    static final int MOST_WAITING = 8;

    private final ReplicaOptions options;
    private final CurrentReign current;
    private final Service service;
    private final Executor executor;
    private final HostState host;
    private final ReplyChain chain;
    private final HistoryIndex index;

    /// What of an anchor all members have alike.
    private final UnaryOperator<Bytes> withoutProof;

    private final RecentChains recent = new RecentChains();

    /// Who waits, by the position.
    private final TreeMap<Long, Consumer<FrozenDigest>> waiting = new TreeMap<>();

    StateFreezer(
            ReplicaOptions options,
            CurrentReign current,
            Service service,
            Executor executor,
            HostState host,
            ReplyChain chain,
            HistoryIndex index,
            UnaryOperator<Bytes> withoutProof) {
        this.withoutProof = withoutProof;
        this.options = options;
        this.current = current;
        this.service = service;
        this.executor = executor;
        this.host = host;
        this.chain = chain;
        this.index = index;
    }

    @Override
    public long position() {
        return executor.position();
    }

    @Override
    public SnapshotContent freeze() throws Service.CannotFreezeException {
        long position = executor.position();
        SnapshotHead head =
                new SnapshotHead(
                        options.clusterId(),
                        current.get(),
                        position,
                        executor.timeNanos(),
                        withoutProof.apply(index.anchorOf(position)));
        return new FrozenReplica(head, host, service.freeze());
    }

    /// Reads the whole state.
    StateDigest digest() {
        return StateDigest.of(executor.position(), service.machine(), host, chain.digest());
    }

    RecentChains recent() {
        return recent;
    }

    /// A state was restored, or a position executed.
    void onPosition() {
        long position = executor.position();
        recent.add(position, chain.digest());
        Consumer<FrozenDigest> sink = waiting.isEmpty() ? null : waiting.remove(position);
        if (sink != null) {
            sink.accept(frozen());
        }
    }

    /// Hands `sink` the state when exactly `position` is executed, perhaps before this returns.
    ///
    /// @return false if that is past, or as many wait already as may
    boolean freezeAt(long position, Consumer<FrozenDigest> sink) {
        if (position == executor.position()) {
            sink.accept(frozen());
            return true;
        }
        if (position < executor.position() || waiting.size() >= MOST_WAITING) {
            return false;
        }
        waiting.put(position, sink);
        return true;
    }

    void forget(long position) {
        waiting.remove(position);
    }

    /// The state as it is, to be closed.
    FrozenDigest frozen() {
        FrozenState frozen;
        if (!service.machine().canFreeze()) {
            // What there is of the others is compared all the same.
            return new FrozenDigest(executor.position(), null, host, chain.digest());
        }
        try {
            frozen = service.freeze();
        } catch (Service.CannotFreezeException thrown) {
            // Whoever digests it is told; the replica goes on.
            frozen =
                    _ -> {
                        throw new IOException(thrown);
                    };
        }
        return new FrozenDigest(executor.position(), frozen, host, chain.digest());
    }
}

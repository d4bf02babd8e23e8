package dev.lockstep.replica;

import dev.lockstep.core.Batch;
import dev.lockstep.core.HistoryEntry;
import dev.lockstep.core.Now;
import dev.lockstep.core.OrderingStatus;
import dev.lockstep.core.ReplicaId;
import dev.lockstep.core.StopSign;
import dev.lockstep.core.Suspicion;
import dev.lockstep.core.port.JournalRecord;
import dev.lockstep.core.port.SnapshotDescription;
import dev.lockstep.core.wire.Bytes;

import org.jspecify.annotations.Nullable;

import java.util.List;
import java.util.TreeMap;

/// The engine of the present epoch, for parts that outlive it. Between two epochs there is none:
/// what is asked of it then is not done, and the next one is asked again.
final class CurrentEngine {

    private static final OrderingStatus NONE =
            new OrderingStatus(null, false, () -> new TreeMap<>());

    private @Nullable Engine<?, ?> engine;

    void set(Engine<?, ?> next) {
        engine = next;
    }

    /// The epoch has ended.
    void drop() {
        Engine<?, ?> ended = engine;
        engine = null;
        if (ended != null) {
            ended.halt();
        }
    }

    boolean isPresent() {
        return engine != null;
    }

    OrderingStatus status() {
        return engine == null ? NONE : engine.status();
    }

    int heldSends() {
        return engine == null ? 0 : engine.heldSends();
    }

    void start(Now now) {
        if (engine != null) {
            engine.start(now);
        }
    }

    void replay(JournalRecord record) {
        if (engine != null) {
            engine.replay(record);
        }
    }

    void snapshotDurable(Now now, SnapshotDescription snapshot) {
        if (engine != null) {
            engine.snapshotDurable(now, snapshot);
        }
    }

    void receive(Now now, ReplicaId from, Bytes content) {
        if (engine != null) {
            engine.receive(now, from, content);
        }
    }

    void peerLost(Now now, ReplicaId peer) {
        if (engine != null) {
            engine.peerLost(now, peer);
        }
    }

    void peerBack(Now now, ReplicaId peer) {
        if (engine != null) {
            engine.peerBack(now, peer);
        }
    }

    void flushed(Now now, long token) {
        if (engine != null) {
            engine.flushed(now, token);
        }
    }

    void validated(Now now, Bytes digest, boolean isValid) {
        if (engine != null) {
            engine.validated(now, digest, isValid);
        }
    }

    void suspected(Now now, Suspicion what) {
        if (engine != null) {
            engine.suspected(now, what);
        }
    }

    void submit(Now now, Batch batch) {
        if (engine != null) {
            engine.submit(now, batch);
        }
    }

    void requestRead(Now now, long barrier) {
        if (engine != null) {
            engine.requestRead(now, barrier);
        }
    }

    void requestStop(Now now, StopSign sign) {
        if (engine != null) {
            engine.requestStop(now, sign);
        }
    }

    void history(Now now, List<HistoryEntry> entries) {
        if (engine != null) {
            engine.history(now, entries);
        }
    }

    void wedged(Now now, StopSign next, long attempt) {
        if (engine != null) {
            engine.wedged(now, next, attempt);
        }
    }

    void installed(Now now, StopSign next, long attempt) {
        if (engine != null) {
            engine.installed(now, next, attempt);
        }
    }

    void leaving(Now now) {
        if (engine != null) {
            engine.leaving(now);
        }
    }

    void handOver(Now now) {
        if (engine != null) {
            engine.handOver(now);
        }
    }

    void durable(Now now, long sequence) {
        if (engine != null) {
            engine.durable(now, sequence);
        }
    }

    void fireTimers(Now now) {
        if (engine != null) {
            engine.fireTimers(now);
        }
    }

    long nextTimerNanos() {
        return engine == null ? Long.MAX_VALUE : engine.nextTimerNanos();
    }

    void halt() {
        if (engine != null) {
            engine.halt();
        }
    }
}

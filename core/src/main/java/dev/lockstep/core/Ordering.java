package dev.lockstep.core;

/// An ordering protocol: a deterministic step function over data.
///
/// It sees nothing but its inputs: no threads, sockets, files, clocks, or randomness of its own.
/// The same inputs in the same order give the same effects, bit for bit. A host (the product's
/// replica, driven by a node or by the simulator) owns it and obeys these rules:
///
/// 1. One thread at a time. Effects are collected during a step and carried out after it returns;
///    nothing re-enters a step.
/// 2. The first inputs are [Input.Restored], every surviving record of the epoch in order as
///    [Input.Replayed], and [Input.Recovered]; other inputs only after that.
/// 3. Records become durable in the order of their sequences. [Input.Durable] says how far.
/// 4. A [Effect.Send] leaves only when the journal is durable through its `afterSequence`. A held
///    message does not block later ones: a protocol that needs a FIFO stream numbers its messages.
///    The network may lose, repeat, delay and reorder.
/// 5. Everything that arrived at or before a timer's time is handed in before that timer fires.
/// 6. Every protocol delivers one gap-free sequence of positions. The host carries out
///    [Effect.Deliver] in the order of emission.
///
/// @param <M> the protocol's messages
/// @param <R> the protocol's journal records
public interface Ordering<M extends ProtocolMessage, R extends ProtocolRecord> {

    /// Takes one input, changes the state, emits effects.
    ///
    /// @param now the clocks, read by the host once for this step; `monotonicNanos` never goes back
    /// @throws Invariant.Broken if the protocol or its host has a bug; this object is then unusable
    void step(Now now, Input<M, R> input, Outbox<M, R> out);

    /// False if the protocol would make nothing of the message, whoever has signed it. A host that
    /// checks signatures asks before it does, and drops what is not needed. Changes nothing.
    default boolean isNeeded(ReplicaId from, M message) {
        return true;
    }

    /// What people and admission want to know. Cheap: called after every step.
    OrderingStatus status();
}

package dev.lockstep.node;

import dev.lockstep.api.StateMachine;

/// A port of a node that speaks another protocol than Lockstep's own, found with
/// [java.util.ServiceLoader] or handed to the node by code. Every node has an instance of its own.
///
/// A member with the key `<name>-port` in cluster.yaml gets the port.
public interface GatewayService extends AutoCloseable {

    /// The protocol's name in keys of the configuration, such as `redis` in `redis-port`.
    String name();

    /// True if the port can serve this kind of state machine.
    boolean serves(Class<? extends StateMachine> machineType);

    /// Begins to listen, on the loop's thread, and says how that went through the context. The
    /// replica may be still recovering: commands are then refused as `UNAVAILABLE`. May be called
    /// again after [#close], when the node begins anew.
    void start(GatewayContext context);

    /// Stops listening and disconnects everybody, on the loop's thread.
    @Override
    void close();
}

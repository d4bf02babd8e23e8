package dev.lockstep.core;

import java.util.SortedMap;
import java.util.TreeMap;
import java.util.random.RandomGenerator;

/// One order under one fault model, found with [java.util.ServiceLoader].
public interface OrderingProvider<M extends ProtocolMessage, R extends ProtocolRecord> {

    /// The order's name in configurations, such as `leader`.
    String order();

    /// The fault model it is for.
    FaultModel faults();

    /// The least number of members that survives `tolerated` faults.
    int membersFor(int tolerated);

    /// Refuses options that the protocol does not know or whose values it cannot take.
    ///
    /// @throws IllegalArgumentException with a sentence that names the option, what it was, and
    ///     what it may be
    void checkOptions(SortedMap<String, String> options);

    /// Options for one trial run. Many runs together are to take every path of the protocol, also
    /// those that the usual bounds make rare, and every mode that an operator can choose. None by
    /// default; [#checkOptions] takes whatever is drawn.
    default SortedMap<String, String> drawOptions(RandomGenerator random) {
        return new TreeMap<>();
    }

    /// A fresh instance, before its `Restored` input.
    ///
    /// If `self` is not one of the members it is an observer's: it gets no other inputs than
    /// restored and replayed records, [Input.History], [Input.Durable] and
    /// [Input.SnapshotDurable], delivers what history proves, stop sign included, writes down what
    /// it delivers, and sends nothing.
    Ordering<M, R> create(OrderingContext context);

    /// The bytes of its messages and records.
    ProtocolCodec<M, R> codec();

    /// The host's rules that differ by fault model.
    HostPolicy policy();
}

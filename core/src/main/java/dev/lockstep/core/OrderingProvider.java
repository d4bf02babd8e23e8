package dev.lockstep.core;

import dev.lockstep.core.wire.Bytes;

import java.util.List;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.Function;
import java.util.random.RandomGenerator;

/// One order under one fault model, found with [java.util.ServiceLoader].
public interface OrderingProvider<M extends ProtocolMessage, R extends ProtocolRecord> {

    /// The order's name in configurations, such as `leader`.
    String order();

    /// The fault model it is for.
    FaultModel faults();

    /// The least number of members that survives `tolerated` faults.
    int membersFor(int tolerated);

    /// The most faults that so many members survive.
    ///
    /// @param options those that they are run with, known to be valid
    default int tolerated(int members, SortedMap<String, String> options) {
        int tolerated = 0;
        while (membersFor(tolerated + 1) <= members) {
            tolerated++;
        }
        return tolerated;
    }

    /// How long messages between members that work may take for the order to be safe among liars:
    /// the host watches it. `Long.MAX_VALUE` for orders that are safe under any delay.
    ///
    /// @param options those that it is run with, known to be valid
    default long delayBoundNanos(SortedMap<String, String> options) {
        return Long.MAX_VALUE;
    }

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

    /// A fresh instance for what one replica holds of an epoch whose other members are lost for
    /// good: it decides alone, as if whatever it holds were all that there is. What it sends is
    /// lost.
    ///
    /// The usual way is an epoch with this one member; an order for which the members' numbers or
    /// ranks mean something keeps them and counts one as a quorum of all.
    ///
    /// @param life the life of the replica that holds it
    default Ordering<M, R> createAlone(OrderingContext context, Incarnation life) {
        Membership alone = new Membership(List.of(new Member(context.self(), life)));
        return create(
                new OrderingContext(
                        context.self(),
                        context.epoch(),
                        alone,
                        context.self(),
                        context.random(),
                        context.options(),
                        true));
    }

    /// Tells which messages of an epoch are genuine, where members sign what they say; empty, the
    /// default, where they do not.
    ///
    /// @param context what the epoch's instance is created with
    default Optional<Authenticity<M>> authenticity(OrderingContext context) {
        return Optional.empty();
    }

    /// What a proof ([Effect.Evidence]) shows, to anybody who has the members' keys; empty, as it
    /// always is where members sign nothing, if it is malformed or shows nothing.
    ///
    /// @param keys who tells the signatures of an epoch by
    default Optional<Accusation> judge(
            Bytes proof, ClusterId cluster, Function<Epoch, Credentials.Verifier> keys) {
        return Optional.empty();
    }

    /// The bytes of its messages and records.
    ProtocolCodec<M, R> codec();

    /// Compares how far the histories of two replicas reach that were in the same epoch, delivered
    /// or not: of whichever is greater nothing is missing that the protocol may have committed and
    /// that the other has. Where an order has no such comparison, because replicas hold commands of
    /// their own beyond what is delivered, the one that has delivered more is greater. For the
    /// recovery of a cluster whose majority is lost.
    ///
    /// @param anchor what the protocol has, or would have, delivered with the last position of one;
    ///     of an earlier epoch, or empty, if it has nothing of this one
    /// @param other the same of the other
    /// @return less than, equal to or greater than 0; 0 also if only the positions tell
    int compareReach(Bytes anchor, Bytes other);

    /// What a protocol delivered with a position, without what members may have differently, such
    /// as the signatures that prove it: equal at all members that have delivered the position, and
    /// enough to resume there. For snapshots that members compare.
    default Bytes withoutProof(Bytes anchor) {
        return anchor;
    }

    /// The host's rules that differ by fault model.
    HostPolicy policy();
}

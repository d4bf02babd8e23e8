package dev.lockstep.core;

import org.jspecify.annotations.Nullable;

import java.util.SortedMap;

/// What a protocol tells people and its host's admission.
///
/// @param preferredEntry the replica at which requests are ordered soonest, or null if there is no
///     preference or none is known
/// @param isOwn true if that is so of every replica for what comes to it: nobody orders for others,
///     so that there is nothing to hand over
/// @param wantsBatch false while a batch handed in now would only wait, so that admission had
///     better go on filling it
/// @param details for people: words of the protocol and their values, such as `role` and `term`
public record OrderingStatus(
        @Nullable ReplicaId preferredEntry, boolean isOwn, boolean wantsBatch, Details details) {

    /// Of a protocol in which one replica orders for all.
    public OrderingStatus(@Nullable ReplicaId preferredEntry, boolean wantsBatch, Details details) {
        this(preferredEntry, false, wantsBatch, details);
    }

    /// Computes the details when somebody asks, so that the status itself is cheap.
    @FunctionalInterface
    public interface Details {
        /// The protocol's words and their values at the moment of the call, on the replica's
        /// thread.
        SortedMap<String, String> read();

        /// What is being ordered at the moment of the call, on the replica's thread.
        default OrderTable table() {
            return OrderTable.NONE;
        }

        /// Tells what the protocol holds in memory at the moment of the call, as far as a bound is
        /// set on it, on the replica's thread.
        default void tellHoldings(Holdings to) {}
    }
}

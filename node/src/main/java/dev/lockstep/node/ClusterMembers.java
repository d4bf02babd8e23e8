package dev.lockstep.node;

import com.fasterxml.jackson.databind.JsonNode;

import dev.lockstep.core.Incarnation;
import dev.lockstep.core.Member;
import dev.lockstep.core.ReplicaId;

import org.jspecify.annotations.Nullable;

import java.util.ArrayList;
import java.util.List;

/// Who takes part in a cluster, as one replica sees it.
///
/// @param teller the number of the replica that says so
/// @param isMember whether that is a member itself; what another one says may be long past
/// @param epoch the epoch
/// @param faults the fault model, as in cluster.yaml
/// @param order the order, as in cluster.yaml
/// @param isSettled whether a majority of the members has begun the epoch for good; until then
///     nobody may be stopped who was a member before
/// @param position how far the teller has executed
/// @param members by number
/// @param learners those that follow without being members, by number
public record ClusterMembers(
        int teller,
        boolean isMember,
        long epoch,
        String faults,
        String order,
        boolean isSettled,
        long position,
        List<Entry> members,
        List<Learner> learners) {

    public ClusterMembers {
        members = List.copyOf(members);
        learners = List.copyOf(learners);
    }

    /// A replica in its present life.
    ///
    /// @param adminAddress where operators ask it, or null if that is not known
    /// @param isConnected whether the teller is connected to it, or is it
    public record Entry(
            int id, Incarnation incarnation, @Nullable String adminAddress, boolean isConnected) {}

    /// One that follows.
    ///
    /// @param position how far it is
    /// @param behind how many positions it lacks
    /// @param agoMillis how long ago it said so
    public record Learner(Entry replica, long position, long behind, long agoMillis) {}

    /// The member of this number, or null.
    public @Nullable Entry member(int id) {
        for (Entry member : members) {
            if (member.id == id) {
                return member;
            }
        }
        return null;
    }

    /// The one of this number that follows, or null.
    public @Nullable Learner learner(int id) {
        for (Learner learner : learners) {
            if (learner.replica.id == id) {
                return learner;
            }
        }
        return null;
    }

    /// True if this is of a later epoch than `other`, or of a member where the other is not.
    public boolean isFurtherThan(ClusterMembers other) {
        if (epoch != other.epoch) {
            return epoch > other.epoch;
        }
        return isMember && !other.isMember;
    }

    /// True if both are of members of one epoch, and name different ones: one of them was started
    /// with another configuration, and is alone with that.
    boolean contradicts(ClusterMembers other) {
        return isMember && other.isMember && epoch == other.epoch && !lives().equals(other.lives());
    }

    private List<Member> lives() {
        return members.stream()
                .map(one -> new Member(new ReplicaId(one.id), one.incarnation))
                .toList();
    }

    /// The numbers of the members.
    List<Integer> ids() {
        return members.stream().map(Entry::id).toList();
    }

    /// Reads what [MemberPages] writes.
    static ClusterMembers of(JsonNode page) {
        List<Entry> members = new ArrayList<>();
        page.path("members").forEach(member -> members.add(entry(member)));
        List<Learner> learners = new ArrayList<>();
        for (JsonNode learner : page.path("learners")) {
            learners.add(
                    new Learner(
                            entry(learner),
                            learner.path("position").asLong(),
                            learner.path("behind").asLong(),
                            learner.path("agoMillis").asLong()));
        }
        return new ClusterMembers(
                page.path("self").asInt(),
                page.path("member").asBoolean(),
                page.path("epoch").asLong(),
                page.path("faults").asText(),
                page.path("order").asText(),
                page.path("settled").asBoolean(),
                page.path("position").asLong(),
                members,
                learners);
    }

    private static Entry entry(JsonNode one) {
        return new Entry(
                one.path("id").asInt(),
                Incarnation.parse(one.path("incarnation").asText()),
                one.hasNonNull("admin") ? one.path("admin").asText() : null,
                one.path("connected").asBoolean());
    }
}

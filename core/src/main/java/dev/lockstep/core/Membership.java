package dev.lockstep.core;

import org.jspecify.annotations.Nullable;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/// The members of one epoch, by ascending number.
public final class Membership {

    /// No more members than this.
    public static final int MAX_MEMBERS = 31;

    private final List<Member> members;

    /// A member set.
    ///
    /// @throws IllegalArgumentException if it is empty, too large, or names a number twice
    public Membership(List<Member> members) {
        List<Member> sorted = new ArrayList<>(members);
        sorted.sort(Comparator.comparing(Member::id));
        if (sorted.isEmpty() || sorted.size() > MAX_MEMBERS) {
            throw new IllegalArgumentException(
                    "a cluster has 1 to " + MAX_MEMBERS + " members, not " + sorted.size());
        }
        for (int i = 1; i < sorted.size(); i++) {
            if (sorted.get(i).id().equals(sorted.get(i - 1).id())) {
                throw new IllegalArgumentException(
                        "replica " + sorted.get(i).id() + " is named twice");
            }
        }
        this.members = List.copyOf(sorted);
    }

    /// The members by ascending number.
    public List<Member> members() {
        return members;
    }

    /// How many there are (n).
    public int size() {
        return members.size();
    }

    /// The smallest number of members of which any two sets intersect.
    public int majority() {
        return members.size() / 2 + 1;
    }

    /// The rank of `id` among the members, 0 to n-1, or -1 if it is none.
    public int indexOf(ReplicaId id) {
        for (int i = 0; i < members.size(); i++) {
            if (members.get(i).id().equals(id)) {
                return i;
            }
        }
        return -1;
    }

    /// True if `id` is a member.
    public boolean contains(ReplicaId id) {
        return indexOf(id) >= 0;
    }

    /// The member at `index` in ascending order.
    public ReplicaId idAt(int index) {
        return members.get(index).id();
    }

    @Override
    public boolean equals(@Nullable Object other) {
        return other instanceof Membership that && members.equals(that.members);
    }

    @Override
    public int hashCode() {
        return members.hashCode();
    }

    @Override
    public String toString() {
        return members.stream().map(member -> member.id().toString()).toList().toString();
    }
}

package dev.lockstep.core;

/// One of the replicated state machines that share a cluster's nodes; in every frame and record.
public record GroupId(int value) {

    /// The only group until several are supported.
    public static final GroupId ZERO = new GroupId(0);

    public GroupId {
        if (value < 0) {
            throw new IllegalArgumentException("a group id is not negative: " + value);
        }
    }
}

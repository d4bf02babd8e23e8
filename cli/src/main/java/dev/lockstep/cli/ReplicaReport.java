package dev.lockstep.cli;

import com.fasterxml.jackson.databind.JsonNode;

import dev.lockstep.node.ClusterMembers;

import org.jspecify.annotations.Nullable;

/// What one admin port answered to `/status` and `/members`, or why it did not.
///
/// @param expected the number of the replica that should be there, [AdminClient#UNKNOWN] if nobody
///     says
/// @param address of the admin port
/// @param status the answer, or null
/// @param members who the members are as this replica sees it, or null
/// @param error why there is no answer, or null
record ReplicaReport(
        int expected,
        String address,
        @Nullable JsonNode status,
        @Nullable ClusterMembers members,
        @Nullable String error) {

    boolean isServing() {
        return status != null && status.path("serving").asBoolean();
    }

    /// True if it does all that is expected of it: a replica that only follows serves nobody.
    boolean isWell() {
        if (status == null || isServing()) {
            return isServing();
        }
        return !status.path("member").asBoolean(true) && !status.hasNonNull("haltReason");
    }

    /// Its number, that which is expected if it did not answer; larger than any if nobody knows.
    int self() {
        if (status != null) {
            return status.path("self").asInt();
        }
        return expected == AdminClient.UNKNOWN ? Integer.MAX_VALUE : expected;
    }

    /// Its number; with its address if it did not answer.
    String name() {
        return status == null ? AdminClient.nameOf(expected, address) : text("self");
    }

    /// The same of a replica with this number, unless another is expected.
    ReplicaReport of(int replica) {
        return expected == AdminClient.UNKNOWN
                ? new ReplicaReport(replica, address, status, members, error)
                : this;
    }

    /// The same of one that did not answer, and need not, because it is no member.
    ReplicaReport asLeft() {
        return new ReplicaReport(expected, address, status, members, "no member; " + error);
    }

    /// What it does in the cluster: as the ordering protocol calls it, or that it only follows.
    String role() {
        return status == null || status.path("member").asBoolean(true) ? order("role") : "follows";
    }

    long executed() {
        return status == null ? 0 : status.path("executedPosition").asLong();
    }

    /// The reply chain and where it was taken: equal positions must show equal digests;
    /// `-` before the first.
    String chain() {
        if (status == null || status.path("chainPosition").asLong() == 0) {
            return "-";
        }
        return status.path("chainDigest").asText() + "@" + status.path("chainPosition").asText();
    }

    String health() {
        if (status == null) {
            return "unreachable (" + error + ")";
        }
        if (status.hasNonNull("haltReason")) {
            return "halted: " + status.path("haltReason").asText();
        }
        if (status.hasNonNull("quarantineReason")) {
            return "quarantined: " + status.path("quarantineReason").asText();
        }
        if (!isServing() && !status.path("member").asBoolean(true)) {
            return "no member";
        }
        if (!isServing()) {
            return "not serving: " + status.path("reason").asText("it does not say why");
        }
        if (!status.path("journalHasRoom").asBoolean(true)) {
            return "serving reads only: the disk is full";
        }
        return "serving";
    }

    /// A field of the answer as text; `-` if there is none.
    String text(String field) {
        return status == null ? "-" : status.path(field).asText("-");
    }

    /// Everything through this position is decided as far as the replica knows; `-` if it does not
    /// say.
    String committed() {
        String said = order("committed");
        return said.equals("-") ? order("delivered") : said;
    }

    /// A word of the ordering protocol; `-` if it has none of that name.
    String order(String word) {
        return status == null ? "-" : status.path("order").path(word).asText("-");
    }
}

package dev.lockstep.ordering.byzantine;

import dev.lockstep.core.wire.BytesWriter;

import java.util.List;

/// TC: n-t members have given a view up, with the highest lock among theirs (§3, kind 9).
///
/// @param claims by ascending rank of the members
record TimeoutCertificate(long view, List<TimeoutClaim> claims, Certificate highQc1) {

    TimeoutCertificate {
        claims = List.copyOf(claims);
    }

    /// The highest rank that anybody claimed.
    Rank highest() {
        Rank highest = Rank.ROOT;
        for (TimeoutClaim claim : claims) {
            highest = highest.isBelow(claim.highRank()) ? claim.highRank() : highest;
        }
        return highest;
    }

    Hash hash() {
        BytesWriter out = new BytesWriter(1024);
        ByzantineCodec.encodeTimeoutCertificate(this, out);
        return Hash.of(Hash.Domain.TIMEOUT_CERTIFICATE, out);
    }
}

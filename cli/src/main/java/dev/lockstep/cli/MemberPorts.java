package dev.lockstep.cli;

import java.util.ArrayList;
import java.util.List;
import java.util.function.IntUnaryOperator;

/// Where one member of a cluster listens.
public record MemberPorts(int id, String host, int peer, int client, int admin, int redis) {

    static final int FIRST_PEER = 7101;
    static final int FIRST_CLIENT = 7001;
    static final int FIRST_ADMIN = 7201;
    static final int FIRST_REDIS = 6379;

    /// Members 1 to `count` on one host at the usual ports, each passed through `choice`.
    static List<MemberPorts> onOneHost(int count, String host, IntUnaryOperator choice) {
        List<MemberPorts> members = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            members.add(
                    new MemberPorts(
                            i + 1,
                            host,
                            choice.applyAsInt(FIRST_PEER + i),
                            choice.applyAsInt(FIRST_CLIENT + i),
                            choice.applyAsInt(FIRST_ADMIN + i),
                            choice.applyAsInt(FIRST_REDIS + i)));
        }
        return members;
    }
}

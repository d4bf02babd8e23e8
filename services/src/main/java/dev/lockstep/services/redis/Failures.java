package dev.lockstep.services.redis;

import dev.lockstep.core.wire.ClientReply;

/// What clients are told when there is no normal reply: a code for programs and a sentence for
/// people.
final class Failures {

    private Failures() {}

    static String text(ClientReply.Status status, String sentence) {
        return switch (status) {
            case OVERLOADED -> "OVERLOADED " + sentence;
            case UNAVAILABLE -> "CLUSTERDOWN " + sentence;
            case SERVICE_FAILURE, REFUSED, OK -> "ERR " + sentence;
            case SESSION_EXPIRED, OUT_OF_ORDER ->
                    "TRYAGAIN the command was not executed: " + sentence;
            case UNKNOWN, FORGOTTEN ->
                    "UNKNOWN the command may or may not have been executed, once: " + sentence;
        };
    }
}

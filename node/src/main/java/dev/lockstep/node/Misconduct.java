package dev.lockstep.node;

import dev.lockstep.api.StateMachine;
import dev.lockstep.core.OrderingProvider;
import dev.lockstep.core.port.ClientPort;
import dev.lockstep.core.port.PeerPort;

import java.util.Arrays;
import java.util.List;
import java.util.Locale;

/// How a node misbehaves on purpose: for tests and demonstrations of what the others make of it.
/// Only a process that is started with [TestKnobs] does.
enum Misconduct {
    /// Does as it should.
    NONE,

    /// Proposes two blocks for one place when it leads, as the protocol can with its own key.
    EQUIVOCATES,

    /// Answers clients with something else than what came of their requests.
    LIES,

    /// Hears everybody and says nothing, to members and to clients.
    KEEPS_SILENT,

    /// Executes every command twice, so that its state is wrong, and its answers are.
    CORRUPTS_ITS_STATE;

    /// The words that choose one.
    static List<String> words() {
        return Arrays.stream(values()).map(Misconduct::word).toList();
    }

    String word() {
        return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }

    /// @throws ConfigException if there is none of that name
    static Misconduct of(String word) {
        for (Misconduct each : values()) {
            if (each.word().equals(word)) {
                return each;
            }
        }
        throw new ConfigException(
                "a node can misbehave as one of %s, and not as \"%s\"."
                        .formatted(String.join(", ", words()), word));
    }

    OrderingProvider<?, ?> provider(OrderingProvider<?, ?> honest) {
        return this == EQUIVOCATES ? new EquivocatingProvider<>(honest) : honest;
    }

    StateMachine machine(StateMachine honest) {
        return this == CORRUPTS_ITS_STATE ? new TwiceExecuted(honest) : honest;
    }

    ClientPort clients(ClientPort honest, int self) {
        return switch (this) {
            case LIES -> new LyingReplies(honest, self);
            case KEEPS_SILENT -> new NoReplies();
            case NONE, EQUIVOCATES, CORRUPTS_ITS_STATE -> honest;
        };
    }

    PeerPort peers(PeerPort honest) {
        // What is said to nobody is said: a member that knew better would begin to repeat itself.
        return this == KEEPS_SILENT ? (_, _, _, _) -> true : honest;
    }
}

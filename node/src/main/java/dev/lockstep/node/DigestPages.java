package dev.lockstep.node;

import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;

import dev.lockstep.replica.ExecutedCommand;
import dev.lockstep.replica.FrozenDigest;
import dev.lockstep.replica.RecentChains;
import dev.lockstep.replica.Replica;
import dev.lockstep.replica.ReplicaStatus;
import dev.lockstep.replica.StateDigest;

import io.netty.handler.codec.http.HttpResponseStatus;

import org.jspecify.annotations.Nullable;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayDeque;
import java.util.HexFormat;

/// What the replicated state is at a position that is still to come, and how the replies led there:
/// for who compares replicas.
///
/// The state is frozen when exactly that position has been executed, and digested by another
/// thread.
/// Whoever asks asks again until it is done, which also moves a cluster in which nothing happens.
/// The
/// replica compares it with what the other members have at that position, so that asking all of
/// them
/// quarantines who differs.
///
/// Threading: the loop's thread.
final class DigestPages {

    static final String CHAIN_PATH = "/chain";
    static final String COMMANDS_PATH = "/commands";

    /// So many answers are remembered; the oldest question is forgotten beyond it.
    private static final int REMEMBERED = 4;

    private static final JsonMapper JSON = new JsonMapper();
    private static final HexFormat HEX = HexFormat.of();

    /// What was asked for one position.
    private static final class Question {
        private final long position;
        private boolean isFrozen;
        private @Nullable StateDigest digest;

        /// Why there will be no digest; null while there may.
        private @Nullable String failure;

        Question(long position) {
            this.position = position;
        }
    }

    private final NodeView view;

    /// The oldest first.
    private final ArrayDeque<Question> questions = new ArrayDeque<>();

    DigestPages(NodeView view) {
        this.view = view;
    }

    /// Answers for `position`, or says how far it is.
    void digest(AdminExchange exchange, long position) {
        ObjectNode page = JsonNodeFactory.instance.objectNode();
        page.put("self", view.config().self().value());
        page.put("at", position);
        Replica replica = view.replica();
        ReplicaStatus status = view.status();
        if (replica == null || status == null) {
            page.put("phase", "unable");
            page.put("reason", "the replica is starting");
        } else {
            page.put("executedPosition", status.executedPosition());
            put(page, question(replica, position), status);
        }
        answer(exchange, page);
    }

    private Question question(Replica replica, long position) {
        for (Question each : questions) {
            if (each.position == position) {
                return each;
            }
        }
        if (questions.size() == REMEMBERED) {
            replica.forgetFreeze(questions.remove().position);
        }
        Question asked = new Question(position);
        questions.add(asked);
        if (!replica.freezeAt(position, frozen -> freeze(asked, frozen))) {
            asked.failure = "passed";
        }
        return asked;
    }

    private void put(ObjectNode page, Question asked, ReplicaStatus status) {
        StateDigest digest = asked.digest;
        String failure = asked.failure;
        if (digest != null) {
            page.put("phase", "done");
            page.put("position", digest.position());
            page.put("state", HEX.formatHex(digest.state().toByteArray()));
            page.put("host", HEX.formatHex(digest.host().toByteArray()));
            page.put("chain", HEX.toHexDigits(digest.chain()));
        } else if (failure != null) {
            page.put("phase", failure.equals("passed") ? "passed" : "unable");
            page.put("reason", failure);
        } else if (asked.isFrozen) {
            page.put("phase", "digesting");
        } else if (status.quarantineReason() != null || status.haltReason() != null) {
            page.put("phase", "unable");
            page.put(
                    "reason",
                    status.haltReason() != null ? status.haltReason() : status.quarantineReason());
        } else {
            page.put("phase", "waiting");
            view.moveOn();
        }
    }

    private void freeze(Question asked, FrozenDigest frozen) {
        asked.isFrozen = true;
        view.digest(
                frozen,
                outcome -> {
                    asked.digest = outcome.digest();
                    asked.failure = outcome.digest() == null ? outcome.failure() : null;
                });
    }

    /// The reply chain after each of the last positions.
    void chain(AdminExchange exchange) {
        ObjectNode page = JsonNodeFactory.instance.objectNode();
        page.put("self", view.config().self().value());
        Replica replica = view.replica();
        ArrayNode digests = page.putArray("digests");
        if (replica != null) {
            RecentChains recent = replica.recentChains();
            page.put("first", recent.first());
            for (long digest : recent.digests()) {
                digests.add(HEX.toHexDigits(digest));
            }
        }
        answer(exchange, page);
    }

    /// The commands that were executed at a position.
    void commands(AdminExchange exchange, long position) {
        ObjectNode page = JsonNodeFactory.instance.objectNode();
        page.put("self", view.config().self().value());
        page.put("at", position);
        Replica replica = view.replica();
        ArrayNode commands = page.putArray("commands");
        if (replica != null) {
            for (ExecutedCommand each : replica.commandsAt(position)) {
                ObjectNode one = commands.addObject();
                one.put("session", each.session());
                one.put("sequence", each.sequence());
                one.put("command", each.words());
                one.put("chain", HEX.toHexDigits(each.chain()));
            }
        }
        answer(exchange, page);
    }

    private static void answer(AdminExchange exchange, ObjectNode page) {
        try {
            exchange.answer(
                    HttpResponseStatus.OK,
                    AdminExchange.JSON,
                    JSON.writeValueAsString(page) + "\n");
        } catch (IOException e) {
            throw new UncheckedIOException("a string cannot fail to be written", e);
        }
    }
}

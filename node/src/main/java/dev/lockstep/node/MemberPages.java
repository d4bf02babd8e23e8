package dev.lockstep.node;

import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;

import dev.lockstep.core.FaultModel;
import dev.lockstep.core.Member;
import dev.lockstep.core.Reign;
import dev.lockstep.core.ReplicaId;
import dev.lockstep.net.ReplicaAddress;
import dev.lockstep.replica.ChangeAnswer;
import dev.lockstep.replica.LearnerStatus;
import dev.lockstep.replica.MemberChange;
import dev.lockstep.replica.Replica;

import io.netty.handler.codec.http.HttpResponseStatus;

import org.jspecify.annotations.Nullable;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;

/// Who the members are, who follows them, and what is to become of that.
///
/// - `GET /members`: the present epoch
/// - `POST /member?add=4`, `remove=2`, `replace=2`, `replace=2&by=4`: has the next epoch begin
///   so; asked again, it says whether it is so already. The life of a newcomer is the one in which
///   it follows the cluster; `incarnation=…` insists on one
/// - `POST /switch?order=…`, `faults=…`: the same members under another order
///
/// Threading: the loop's thread.
final class MemberPages {

    static final String LIST_PATH = "/members";
    static final String CHANGE_PATH = "/member";
    static final String SWITCH_PATH = "/switch";

    private static final JsonMapper JSON = new JsonMapper();

    private final NodeView view;

    MemberPages(NodeView view) {
        this.view = view;
    }

    /// The present epoch.
    void list(AdminExchange exchange) {
        Replica replica = view.replica();
        ObjectNode page = page(replica);
        if (replica != null) {
            Reign reign = replica.reign();
            page.put("after", reign.after());
            page.put("order", reign.sign().order());
            page.put("faults", YamlSection.written(reign.sign().faults()));
            ReplicaId entry = replica.preferredEntry();
            page.put("preferredEntry", entry == null ? null : entry.value());
            page.put("position", replica.status().executedPosition());
            ArrayNode members = page.putArray("members");
            for (Member member : reign.members().members()) {
                put(members.addObject(), member);
            }
            ArrayNode learners = page.putArray("learners");
            for (LearnerStatus learner : replica.learners()) {
                ObjectNode each = learners.addObject();
                put(each, learner.member());
                each.put("position", learner.position());
                each.put("agoMillis", learner.agoNanos() / 1_000_000);
            }
        }
        answer(exchange, replica == null, page);
    }

    /// What every page begins with.
    private ObjectNode page(@Nullable Replica replica) {
        ObjectNode page = JsonNodeFactory.instance.objectNode();
        page.put("self", view.config().self().value());
        page.put("cluster", view.cluster().toString());
        if (replica == null) {
            page.put("answer", "refused");
            page.put("reason", "replica " + view.config().self() + " is starting");
        } else {
            page.put("member", replica.status().member());
            page.put("epoch", replica.reign().epoch().value());
            page.put("settled", replica.isSettled());
        }
        return page;
    }

    private void put(ObjectNode page, Member member) {
        page.put("id", member.id().value());
        page.put("incarnation", member.incarnation().toString());
        boolean isSelf = member.id().equals(view.config().self());
        page.put(
                "connected",
                isSelf
                        ? member.incarnation().equals(view.identity().incarnation())
                        : view.isConnected(member));
        ReplicaAddress address = view.whereabouts().find(member.id());
        if (address != null) {
            page.put("host", address.host());
            page.put("peerPort", address.peerPort());
            page.put("clientPort", address.clientPort());
            page.put("adminPort", address.adminPort());
        }
    }

    /// Adds, removes or replaces a member.
    void change(AdminExchange exchange, Map<String, List<String>> parameters) {
        Replica replica = view.replica();
        OptionalLong add = replicaNumber(parameters, "add");
        OptionalLong remove = replicaNumber(parameters, "remove");
        OptionalLong replace = replicaNumber(parameters, "replace");
        if (add.isEmpty() && remove.isEmpty() && replace.isEmpty()) {
            wrong(exchange, "name a replica: add=…, remove=… or replace=…");
        } else if (replica == null) {
            answer(exchange, true, page(null));
        } else if (remove.isPresent()) {
            change(exchange, replica, new MemberChange.Remove(id(remove)));
        } else {
            ReplicaId gone = id(add.isPresent() ? add : replace);
            OptionalLong by = replicaNumber(parameters, "by");
            ReplicaId freshId = add.isEmpty() && by.isPresent() ? id(by) : gone;
            boolean isReplaced = add.isEmpty() && freshId.equals(gone);
            Member fresh = newcomer(replica, freshId, isReplaced, parameters.get("incarnation"));
            if (fresh == null) {
                refuse(exchange, replica, notThere(freshId));
            } else if (add.isPresent()) {
                change(exchange, replica, new MemberChange.Add(fresh));
            } else {
                change(exchange, replica, new MemberChange.Replace(gone, fresh));
            }
        }
    }

    private static OptionalLong replicaNumber(Map<String, List<String>> parameters, String name) {
        OptionalLong number = AdminExchange.number(parameters, name);
        boolean isOne =
                number.isPresent()
                        && number.getAsLong() >= 1
                        && number.getAsLong() <= ReplicaId.MAX_VALUE;
        return isOne ? number : OptionalLong.empty();
    }

    private static ReplicaId id(OptionalLong number) {
        return new ReplicaId((int) number.orElseThrow());
    }

    /// The replica of this number that follows the cluster, or else the member; null if there is
    /// neither.
    ///
    /// @param isReplaced a member that is not there is to be replaced by itself
    private @Nullable Member newcomer(
            Replica replica, ReplicaId id, boolean isReplaced, @Nullable List<String> incarnation) {
        Member found = null;
        for (Member member : replica.reign().members().members()) {
            boolean isHere =
                    !isReplaced
                            || view.isConnected(member)
                            || member.id().equals(view.config().self());
            if (member.id().equals(id) && isHere) {
                found = member;
            }
        }
        for (LearnerStatus learner : replica.learners()) {
            found = learner.member().id().equals(id) ? learner.member() : found;
        }
        boolean isMeant =
                found == null
                        || incarnation == null
                        || found.incarnation().toString().equals(incarnation.getFirst());
        return isMeant ? found : null;
    }

    private String notThere(ReplicaId id) {
        return "replica %s does not follow the cluster; start it, and see that it reaches replica %s"
                .formatted(id, view.config().self());
    }

    /// The same members under another order.
    void switchTo(AdminExchange exchange, Map<String, List<String>> parameters) {
        Replica replica = view.replica();
        if (replica == null) {
            answer(exchange, true, page(null));
            return;
        }
        var present = replica.reign().sign();
        FaultModel faults = present.faults();
        for (FaultModel each : FaultModel.values()) {
            String wanted = parameters.getOrDefault("faults", List.of("")).getFirst();
            faults = YamlSection.written(each).equals(wanted) ? each : faults;
        }
        String order = parameters.getOrDefault("order", List.of("")).getFirst();
        if (order.isBlank()) {
            wrong(exchange, "name an order: order=…");
            return;
        }
        change(exchange, replica, new MemberChange.Switch(faults, order));
    }

    private void change(AdminExchange exchange, Replica replica, MemberChange change) {
        ChangeAnswer answer = view.change(change);
        ObjectNode page = page(replica);
        switch (answer) {
            case ChangeAnswer.Begun begun -> {
                page.put("answer", "begun");
                page.put("next", begun.next().value());
            }
            case ChangeAnswer.Done _ -> page.put("answer", "done");
            case ChangeAnswer.Refused refused -> {
                page.put("answer", "refused");
                page.put("reason", refused.sentence());
            }
        }
        answer(exchange, false, page);
    }

    private void refuse(AdminExchange exchange, Replica replica, String sentence) {
        ObjectNode page = page(replica);
        page.put("answer", "refused");
        page.put("reason", sentence);
        answer(exchange, false, page);
    }

    private static void wrong(AdminExchange exchange, String sentence) {
        exchange.answer(HttpResponseStatus.BAD_REQUEST, AdminExchange.TEXT, sentence + "\n");
    }

    private static void answer(AdminExchange exchange, boolean isStarting, ObjectNode page) {
        try {
            exchange.answer(
                    isStarting ? HttpResponseStatus.SERVICE_UNAVAILABLE : HttpResponseStatus.OK,
                    AdminExchange.JSON,
                    JSON.writeValueAsString(page) + "\n");
        } catch (IOException e) {
            throw new UncheckedIOException("a string cannot fail to be written", e);
        }
    }
}

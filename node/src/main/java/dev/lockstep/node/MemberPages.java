package dev.lockstep.node;

import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;

import dev.lockstep.core.FaultModel;
import dev.lockstep.core.Member;
import dev.lockstep.core.Reign;
import dev.lockstep.core.ReplicaId;
import dev.lockstep.core.wire.Bytes;
import dev.lockstep.core.wire.BytesWriter;
import dev.lockstep.core.wire.MalformedException;
import dev.lockstep.core.wire.StopSignCodec;
import dev.lockstep.net.ReplicaAddress;
import dev.lockstep.replica.ChangeAnswer;
import dev.lockstep.replica.LearnerStatus;
import dev.lockstep.replica.MemberChange;
import dev.lockstep.replica.Replica;
import dev.lockstep.replica.Wish;

import io.netty.handler.codec.http.HttpResponseStatus;

import org.jspecify.annotations.Nullable;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;

/// Who the members are, and how operators change that: `/members`, `/member`, `/wish` and
/// `/switch`.
///
/// A change is asked for again and again, by [ClusterAdmin] for one, until the answer is `done` and
/// the page says `settled`; to ask more often than needed is harmless.
///
/// Threading: the loop's thread.
final class MemberPages {

    static final String PATH = "/members";
    static final String CHANGE_PATH = "/member";
    static final String SWITCH_PATH = "/switch";
    static final String WISH_PATH = "/wish";

    private static final JsonMapper JSON = new JsonMapper();

    /// What an operator wrote cannot be meant.
    private static final class BadQuestion extends Exception {

        private static final long serialVersionUID = 1L;

        BadQuestion(String sentence) {
            super(sentence);
        }
    }

    private final NodeView view;

    MemberPages(NodeView view) {
        this.view = view;
    }

    /// The members, and those that follow without being members.
    void show(AdminExchange exchange) {
        Replica replica = view.replica();
        if (replica == null) {
            notYet(exchange);
        } else {
            answer(exchange, HttpResponseStatus.OK, page(replica));
        }
    }

    /// Adds, removes or replaces a member: `add=4`, `remove=2`, `replace=2`, `replace=2&with=4`.
    /// To be replaced by itself a member need not do more than begin another life; it is done when
    /// it is here in the life that is a member's.
    void change(AdminExchange exchange, Map<String, List<String>> parameters) {
        Replica replica = view.replica();
        if (replica == null) {
            notYet(exchange);
            return;
        }
        try {
            ReplicaId added = replicaId(parameters, "add");
            ReplicaId removed = replicaId(parameters, "remove");
            ReplicaId replaced = replicaId(parameters, "replace");
            int asked = (added == null ? 0 : 1) + (removed == null ? 0 : 1);
            if (asked + (replaced == null ? 0 : 1) != 1) {
                throw new BadQuestion("say one of add=…, remove=… and replace=…");
            }
            if (added != null) {
                answer(exchange, replica, add(replica, added));
            } else if (removed != null) {
                answer(exchange, replica, view.change(new MemberChange.Remove(removed)));
            } else if (replaced != null) {
                ReplicaId with = replicaId(parameters, "with");
                answer(exchange, replica, replace(replica, replaced, with));
            }
        } catch (BadQuestion bad) {
            exchange.answer(
                    HttpResponseStatus.BAD_REQUEST, AdminExchange.TEXT, bad.getMessage() + "\n");
        }
    }

    /// Has what an operator has signed ordered: `wish=` and a [Wish] in hexadecimal digits.
    void wish(AdminExchange exchange, Map<String, List<String>> parameters) {
        Replica replica = view.replica();
        if (replica == null) {
            notYet(exchange);
            return;
        }
        Wish wish;
        try {
            String digits = parameters.getOrDefault("wish", List.of("")).getFirst();
            wish = Wish.decode(Bytes.wrap(HexFormat.of().parseHex(digits)));
        } catch (IllegalArgumentException | MalformedException _) {
            exchange.answer(
                    HttpResponseStatus.BAD_REQUEST,
                    AdminExchange.TEXT,
                    "say wish=…, as 'lockstep member' writes it\n");
            return;
        }
        answer(exchange, replica, view.wish(wish));
    }

    /// Has the same members go on in another order: `order=…`, and `faults=…` for another fault
    /// model.
    void switchOrder(AdminExchange exchange, Map<String, List<String>> parameters) {
        Replica replica = view.replica();
        if (replica == null) {
            notYet(exchange);
            return;
        }
        String order = parameters.getOrDefault("order", List.of("")).getFirst();
        String faults = parameters.getOrDefault("faults", List.of("")).getFirst();
        FaultModel model = faults.isEmpty() ? replica.reign().sign().faults() : faultModel(faults);
        if (order.isEmpty() || model == null) {
            exchange.answer(
                    HttpResponseStatus.BAD_REQUEST,
                    AdminExchange.TEXT,
                    "say order=…, and faults=crash, fail-stop or byzantine\n");
            return;
        }
        answer(exchange, replica, view.change(new MemberChange.Switch(model, order)));
    }

    private static @Nullable FaultModel faultModel(String written) {
        for (FaultModel model : FaultModel.values()) {
            if (YamlSection.written(model).equals(written)) {
                return model;
            }
        }
        return null;
    }

    private ChangeAnswer add(Replica replica, ReplicaId id) {
        LearnerStatus learner = learner(replica, id);
        if (learner != null) {
            return view.change(new MemberChange.Add(learner.member()));
        }
        if (!isMember(replica)) {
            return elsewhere(replica);
        }
        return replica.reign().members().contains(id) ? new ChangeAnswer.Done() : absent(id);
    }

    private ChangeAnswer replace(Replica replica, ReplicaId gone, @Nullable ReplicaId with) {
        if (!isMember(replica)) {
            return elsewhere(replica);
        }
        ReplicaId fresh = with == null ? gone : with;
        LearnerStatus learner = learner(replica, fresh);
        if (learner != null) {
            return view.change(new MemberChange.Replace(gone, learner.member()));
        }
        Member present = memberOf(replica.reign(), gone);
        if (!fresh.equals(gone)) {
            return replaceByOther(present != null, gone, fresh, replica.reign());
        }
        if (present == null) {
            return new ChangeAnswer.Refused("replica " + gone + " is not a member; add it", false);
        }
        return view.isHere(present) ? new ChangeAnswer.Done() : absent(gone);
    }

    /// By one that does not follow.
    private ChangeAnswer replaceByOther(
            boolean isThere, ReplicaId gone, ReplicaId fresh, Reign reign) {
        boolean isTaken = reign.members().contains(fresh);
        if (isThere && isTaken) {
            return new ChangeAnswer.Refused(
                    "replica %s is a member already; to let replica %s go, remove it"
                            .formatted(fresh, gone),
                    false);
        }
        if (!isThere && !isTaken) {
            return new ChangeAnswer.Refused(
                    "replica %s is not a member; add replica %s".formatted(gone, fresh), false);
        }
        return isTaken ? new ChangeAnswer.Done() : absent(fresh);
    }

    private static @Nullable Member memberOf(Reign reign, ReplicaId id) {
        int rank = reign.members().indexOf(id);
        return rank < 0 ? null : reign.members().members().get(rank);
    }

    private static @Nullable LearnerStatus learner(Replica replica, ReplicaId id) {
        for (LearnerStatus learner : replica.learners()) {
            if (learner.member().id().equals(id)) {
                return learner;
            }
        }
        return null;
    }

    private static boolean isMember(Replica replica) {
        return replica.status().member();
    }

    private ChangeAnswer elsewhere(Replica replica) {
        return new ChangeAnswer.Refused(
                "replica %s is not a member; ask one of %s"
                        .formatted(view.config().self(), replica.reign().members()),
                true);
    }

    private ChangeAnswer absent(ReplicaId id) {
        return new ChangeAnswer.Refused(
                "replica %s does not follow the cluster; start it, and see that it reaches replica %s"
                        .formatted(id, view.config().self()),
                true);
    }

    private void answer(AdminExchange exchange, Replica replica, ChangeAnswer answer) {
        ObjectNode page = page(replica);
        HttpResponseStatus status = HttpResponseStatus.OK;
        switch (answer) {
            case ChangeAnswer.Begun begun -> {
                page.put("answer", "begun");
                page.put("next", begun.next().value());
                page.put(
                        "sentence",
                        "epoch " + begun.next() + " is being ordered; ask again until it is done");
            }
            case ChangeAnswer.Done _ -> {
                page.put("answer", "done");
                page.put(
                        "sentence",
                        replica.isSettled()
                                ? "it is so, and a majority of the members has it"
                                : "it is so, but a majority of the members does not have it yet:"
                                        + " until then stop none that was a member before");
            }
            case ChangeAnswer.Refused refused -> {
                status = HttpResponseStatus.CONFLICT;
                page.put("answer", "refused");
                page.put("passing", refused.isPassing());
                page.put("sentence", refused.sentence());
            }
        }
        answer(exchange, status, page);
    }

    private ObjectNode page(Replica replica) {
        Reign reign = replica.reign();
        long position = replica.status().executedPosition();
        ObjectNode page = JsonNodeFactory.instance.objectNode();
        page.put("self", view.config().self().value());
        page.put("member", isMember(replica));
        page.put("epoch", reign.epoch().value());
        page.put("sign", signOf(reign));
        page.put("after", reign.after());
        page.put("faults", YamlSection.written(reign.sign().faults()));
        page.put("order", reign.sign().order());
        page.put("settled", isMember(replica) && replica.isSettled());
        page.put("position", position);
        ArrayNode members = page.putArray("members");
        for (Member member : reign.members().members()) {
            put(members.addObject(), member);
        }
        ArrayNode learners = page.putArray("learners");
        for (LearnerStatus learner : replica.learners()) {
            ObjectNode one = learners.addObject();
            put(one, learner.member());
            one.put("position", learner.position());
            one.put("behind", Math.max(0, position - learner.position()));
            one.put("agoMillis", learner.agoNanos() / 1_000_000);
        }
        return page;
    }

    /// The stop sign that began the epoch, which operators sign the next one after.
    private static String signOf(Reign reign) {
        BytesWriter out = new BytesWriter(256);
        StopSignCodec.encode(reign.sign(), out);
        return HexFormat.of().formatHex(out.toBytes().toByteArray());
    }

    private void put(ObjectNode one, Member member) {
        one.put("id", member.id().value());
        one.put("incarnation", member.incarnation().toString());
        one.put("connected", view.isHere(member));
        ReplicaAddress address = view.whereabouts().find(member.id());
        if (address != null) {
            one.put("host", address.host());
            one.put("peerPort", address.peerPort());
            one.put("clientPort", address.clientPort());
        }
        String admin = view.adminAddress(member.id());
        if (admin != null) {
            one.put("admin", admin);
        }
    }

    private static @Nullable ReplicaId replicaId(Map<String, List<String>> parameters, String name)
            throws BadQuestion {
        String written = parameters.getOrDefault(name, List.of("")).getFirst();
        if (written.isEmpty() && !parameters.containsKey(name)) {
            return null;
        }
        try {
            return new ReplicaId(Integer.parseInt(written));
        } catch (IllegalArgumentException e) {
            throw new BadQuestion(
                    "%s is the number of a replica, from 1 to %d, not '%s'"
                            .formatted(name, ReplicaId.MAX_VALUE, written));
        }
    }

    private static void notYet(AdminExchange exchange) {
        ObjectNode page = JsonNodeFactory.instance.objectNode();
        page.put("answer", "refused");
        page.put("passing", true);
        page.put("sentence", "the replica is starting");
        answer(exchange, HttpResponseStatus.SERVICE_UNAVAILABLE, page);
    }

    private static void answer(AdminExchange exchange, HttpResponseStatus status, ObjectNode page) {
        try {
            exchange.answer(status, AdminExchange.JSON, JSON.writeValueAsString(page) + "\n");
        } catch (IOException e) {
            throw new UncheckedIOException("a string cannot fail to be written", e);
        }
    }
}

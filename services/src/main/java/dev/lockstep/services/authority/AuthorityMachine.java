package dev.lockstep.services.authority;

import dev.lockstep.api.CommandContext;
import dev.lockstep.api.FrozenState;
import dev.lockstep.api.QueryContext;
import dev.lockstep.api.ReplyBuffer;
import dev.lockstep.api.StateMachine;
import dev.lockstep.core.ClusterId;
import dev.lockstep.core.StopSign;
import dev.lockstep.core.authority.Authority;
import dev.lockstep.core.authority.AuthorityAnswer;
import dev.lockstep.core.authority.AuthorityCodec;
import dev.lockstep.core.authority.AuthorityQuestion;
import dev.lockstep.core.wire.Bytes;
import dev.lockstep.core.wire.BytesReader;
import dev.lockstep.core.wire.BytesWriter;
import dev.lockstep.core.wire.MalformedException;
import dev.lockstep.core.wire.StopSignCodec;

import org.jspecify.annotations.Nullable;

import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.util.Map;
import java.util.TreeMap;

/// The configuration authority of any number of fail-stop clusters, each apart from the others.
///
/// A cluster becomes known by the first word of one of its members, which is in the epoch in which
/// it began. An authority that has forgotten a cluster refuses it when it is in a later one.
public final class AuthorityMachine implements StateMachine {

    /// More clusters than this are refused.
    static final int MAX_CLUSTERS = 1_024;

    private static final int VERSION = 1;

    /// @param first the epoch in which the cluster began
    private record Charge(StopSign first, Authority authority) {}

    private final long silenceNanos;

    /// By the cluster's id in hexadecimal.
    private TreeMap<String, Charge> charges = new TreeMap<>();

    /// An authority that knows of no cluster.
    ///
    /// @param silenceNanos a replica that is not heard of for so long is held to be dead
    public AuthorityMachine(long silenceNanos) {
        this.silenceNanos = silenceNanos;
    }

    @Override
    public void apply(CommandContext context, ByteBuffer command, ReplyBuffer reply) {
        AuthorityAnswer answer;
        try {
            answer = answer(question(command), context.timeNanos());
        } catch (MalformedException malformed) {
            answer = new AuthorityAnswer.Refused(String.valueOf(malformed.getMessage()));
        }
        reply.put(AuthorityCodec.encode(answer).toByteArray());
    }

    /// There are none: how things stand is told to whoever says a word.
    @Override
    public void query(QueryContext context, ByteBuffer query, ReplyBuffer reply) {
        AuthorityAnswer answer = new AuthorityAnswer.Refused("the authority answers no queries");
        reply.put(AuthorityCodec.encode(answer).toByteArray());
    }

    private static AuthorityQuestion question(ByteBuffer command) {
        return AuthorityCodec.decodeQuestion(Bytes.copyOf(command.duplicate()));
    }

    private AuthorityAnswer answer(AuthorityQuestion question, long nowNanos) {
        String key = question.cluster().toString();
        Charge charge = charges.get(key);
        if (charge == null) {
            String why = whyNot(question);
            if (why != null) {
                return new AuthorityAnswer.Refused(why);
            }
            StopSign first = question.first();
            charge = new Charge(first, new Authority(first, silenceNanos, nowNanos));
            charges.put(key, charge);
        } else if (!charge.first().equals(question.first())) {
            return new AuthorityAnswer.Refused(
                    "cluster %s began with members %s in order %s, and replica %s says with members %s in order %s: give all replicas the same cluster.yaml"
                            .formatted(
                                    key,
                                    charge.first().members(),
                                    charge.first().order(),
                                    question.by().id(),
                                    question.first().members(),
                                    question.first().order()));
        }
        return new AuthorityAnswer.Stands(
                charge.authority().answer(question.by(), question.word(), nowNanos));
    }

    /// Why a cluster is not begun with; null if it is.
    private @Nullable String whyNot(AuthorityQuestion question) {
        ClusterId cluster = question.cluster();
        boolean isInFirst =
                question.word() instanceof AuthorityQuestion.Heartbeat beat
                        && beat.epoch() == question.first().next().value();
        if (!isInFirst) {
            return "this authority has never heard of cluster "
                    + cluster
                    + ", which runs already: name the one that it began with";
        }
        return charges.size() < MAX_CLUSTERS
                ? null
                : "this authority has "
                        + MAX_CLUSTERS
                        + " clusters, and takes no more: begin another authority for "
                        + cluster;
    }

    @Override
    public String describe(ByteBuffer command) {
        try {
            AuthorityQuestion question = question(command);
            return question.word() + " by replica " + question.by().id();
        } catch (MalformedException malformed) {
            return "";
        }
    }

    @Override
    public FrozenState snapshot() {
        BytesWriter out = new BytesWriter(1_024);
        out.putByte(VERSION).putInt(charges.size());
        for (Map.Entry<String, Charge> each : charges.entrySet()) {
            ClusterId id = ClusterId.parse(each.getKey());
            out.putLong(id.high()).putLong(id.low());
            StopSignCodec.encode(each.getValue().first(), out);
            each.getValue().authority().encode(out);
        }
        byte[] state = out.toBytes().toByteArray();
        return stream -> stream.write(state);
    }

    @Override
    public void restore(InputStream stream) throws IOException {
        try {
            BytesReader in = new BytesReader(Bytes.wrap(stream.readAllBytes()));
            int version = in.getByte();
            if (version != VERSION) {
                throw new IOException("version " + version + " of an authority is not known");
            }
            TreeMap<String, Charge> read = new TreeMap<>();
            int count = in.getCount(MAX_CLUSTERS, 16, "clusters");
            for (int i = 0; i < count; i++) {
                ClusterId id = new ClusterId(in.getLong(), in.getLong());
                StopSign first = StopSignCodec.decode(in);
                Authority authority = Authority.decode(in, silenceNanos);
                read.put(id.toString(), new Charge(first, authority));
            }
            in.requireEnd();
            charges = read;
        } catch (MalformedException malformed) {
            throw new IOException("no authority's state: " + malformed.getMessage(), malformed);
        }
    }
}

package dev.lockstep.core.authority;

import dev.lockstep.core.ClusterId;
import dev.lockstep.core.Epoch;
import dev.lockstep.core.FaultModel;
import dev.lockstep.core.Incarnation;
import dev.lockstep.core.Member;
import dev.lockstep.core.Membership;
import dev.lockstep.core.ReplicaId;
import dev.lockstep.core.StopSign;
import dev.lockstep.core.wire.Bytes;
import dev.lockstep.core.wire.BytesReader;
import dev.lockstep.core.wire.BytesWriter;
import dev.lockstep.core.wire.MalformedException;
import dev.lockstep.fuzz.Target;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/// What the configuration authority is asked, answers and remembers; the first byte of an input
/// says which.
public final class AuthorityTarget implements Target {

    private static final Member ONE = new Member(new ReplicaId(1), new Incarnation(1, 1));
    private static final Member TWO = new Member(new ReplicaId(2), new Incarnation(1, 2));

    /// The target; it has no state.
    public AuthorityTarget() {}

    @Override
    public String name() {
        return "authority";
    }

    @Override
    public boolean takes(byte[] input) {
        if (input.length == 0) {
            return false;
        }
        Bytes rest = Bytes.wrap(input, 1, input.length - 1);
        Bytes again;
        try {
            again =
                    switch (input[0]) {
                        case 0 -> AuthorityCodec.encode(AuthorityCodec.decodeQuestion(rest));
                        case 1 -> AuthorityCodec.encode(AuthorityCodec.decodeAnswer(rest));
                        default -> state(rest);
                    };
        } catch (MalformedException refused) {
            return false;
        }
        // A refusal is text, and text that is no UTF-8 is read as something else.
        if (input[0] == 0 && !again.equals(rest)) {
            throw new AssertionError("encoded as " + again);
        }
        return true;
    }

    private static Bytes state(Bytes bytes) {
        BytesReader in = new BytesReader(bytes);
        Authority authority = Authority.decode(in, 1_000);
        in.requireEnd();
        BytesWriter out = new BytesWriter(256);
        authority.encode(out);
        return out.toBytes();
    }

    private static StopSign sign(long epoch, Member... members) {
        return new StopSign(
                new Epoch(epoch),
                new Membership(List.of(members)),
                FaultModel.FAIL_STOP,
                "replica-ids",
                members[0].id());
    }

    @Override
    public Map<String, byte[]> seeds() {
        StopSign first = sign(1, ONE, TWO);
        Map<String, byte[]> seeds = new LinkedHashMap<>();
        for (AuthorityQuestion.Word word :
                List.of(
                        new AuthorityQuestion.Heartbeat(3, true),
                        new AuthorityQuestion.Suspicion(TWO.id()),
                        new AuthorityQuestion.Sealed(sign(4, ONE), 7))) {
            AuthorityQuestion question =
                    new AuthorityQuestion(new ClusterId(5, 6), first, ONE, word);
            seeds.put(word.getClass().getSimpleName(), seed(0, AuthorityCodec.encode(question)));
        }
        AuthorityView view = new AuthorityView(first, 6, sign(2, ONE), 7);
        seeds.put("stands", seed(1, AuthorityCodec.encode(new AuthorityAnswer.Stands(view))));
        seeds.put("refused", seed(1, AuthorityCodec.encode(new AuthorityAnswer.Refused("no"))));
        BytesWriter state = new BytesWriter(256);
        new Authority(first, 1_000, 5).encode(state);
        seeds.put("state", seed(2, state.toBytes()));
        return seeds;
    }

    private static byte[] seed(int kind, Bytes content) {
        return new BytesWriter(256).putByte(kind).put(content).toBytes().toByteArray();
    }
}

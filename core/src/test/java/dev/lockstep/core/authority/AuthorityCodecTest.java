package dev.lockstep.core.authority;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lockstep.core.ClusterId;
import dev.lockstep.core.Epoch;
import dev.lockstep.core.FaultModel;
import dev.lockstep.core.Incarnation;
import dev.lockstep.core.Member;
import dev.lockstep.core.Membership;
import dev.lockstep.core.ReplicaId;
import dev.lockstep.core.StopSign;
import dev.lockstep.core.wire.Bytes;
import dev.lockstep.core.wire.BytesWriter;
import dev.lockstep.core.wire.MalformedException;

import org.junit.jupiter.api.Test;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.function.Function;

/// What replicas and their authority say to each other is frozen, read back as what it was, and
/// refused when it is cut. `-Dgolden.rewrite=true` writes the frozen bytes anew: a change that the
/// changelog names.
class AuthorityCodecTest {

    private static final Path GOLDEN = Path.of("src/test/resources/authority-codec.golden");
    private static final Member ONE = new Member(new ReplicaId(1), new Incarnation(1, 1));
    private static final Member TWO = new Member(new ReplicaId(2), new Incarnation(1, 2));

    private static StopSign sign(long epoch, Member... members) {
        return new StopSign(
                new Epoch(epoch),
                new Membership(List.of(members)),
                FaultModel.FAIL_STOP,
                "replica-ids",
                members[0].id());
    }

    private static List<AuthorityQuestion> questions() {
        StopSign first = sign(1, ONE, TWO);
        List<AuthorityQuestion> questions = new ArrayList<>();
        for (AuthorityQuestion.Word word :
                List.of(
                        new AuthorityQuestion.Heartbeat(3, true),
                        new AuthorityQuestion.Suspicion(TWO.id()),
                        new AuthorityQuestion.Sealed(sign(4, ONE), 7))) {
            questions.add(new AuthorityQuestion(new ClusterId(5, 6), first, ONE, word));
        }
        return questions;
    }

    private static List<AuthorityAnswer> answers() {
        StopSign active = sign(3, ONE, TWO);
        return List.of(
                new AuthorityAnswer.Stands(new AuthorityView(active, 6, null, 6)),
                new AuthorityAnswer.Stands(new AuthorityView(active, 6, sign(4, ONE), 7)),
                new AuthorityAnswer.Refused("it cannot be"));
    }

    @Test
    void bytesAreFrozen() throws IOException {
        List<String> lines = new ArrayList<>();
        questions().forEach(each -> lines.add(line(each.word(), AuthorityCodec.encode(each))));
        answers().forEach(each -> lines.add(line(each, AuthorityCodec.encode(each))));
        if (Boolean.getBoolean("golden.rewrite")) {
            Files.createDirectories(GOLDEN.getParent());
            Files.write(GOLDEN, lines);
        }
        assertThat(lines).isEqualTo(Files.readAllLines(GOLDEN));
    }

    private static String line(Object value, Bytes bytes) {
        return value.getClass().getSimpleName()
                + " "
                + HexFormat.of().formatHex(bytes.toByteArray());
    }

    @Test
    void whatIsWrittenIsReadBackAndNothingElse() {
        for (AuthorityQuestion question : questions()) {
            check(question, AuthorityCodec.encode(question), AuthorityCodec::decodeQuestion);
        }
        for (AuthorityAnswer answer : answers()) {
            check(answer, AuthorityCodec.encode(answer), AuthorityCodec::decodeAnswer);
        }
    }

    private static <T> void check(T value, Bytes whole, Function<Bytes, T> decode) {
        assertThat(decode.apply(whole)).isEqualTo(value);
        for (int size = 0; size < whole.size(); size++) {
            Bytes cut = whole.slice(0, size);
            assertThatThrownBy(() -> decode.apply(cut))
                    .as("%s cut to %d", value, size)
                    .isInstanceOf(MalformedException.class);
        }
        Bytes longer = new BytesWriter(64).put(whole).putByte(0).toBytes();
        assertThatThrownBy(() -> decode.apply(longer)).isInstanceOf(MalformedException.class);
    }
}

package dev.lockstep.replica;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lockstep.core.Incarnation;
import dev.lockstep.core.Member;
import dev.lockstep.core.ReplicaId;
import dev.lockstep.core.port.PeerPort;
import dev.lockstep.core.port.RecordIdentity;
import dev.lockstep.core.wire.Bytes;

import org.junit.jupiter.api.Test;

import java.util.ArrayList;
import java.util.List;

/// Who asks for records costs a step of a search a duty cycle, whatever it asks and how often.
class RecordServerTest {

    private static final ReplicaId TWO = new ReplicaId(2);
    private static final ReplicaId THREE = new ReplicaId(3);

    private record Sent(ReplicaId to, RepairFrames.Records records) {}

    private final MemoryJournal journal = new MemoryJournal();
    private final List<Sent> sent = new ArrayList<>();

    private final PeerPort peers =
            (to, head, body, _) -> {
                long epoch = PeerFrames.epoch(head);
                Bytes content = PeerFrames.content(head);
                sent.add(new Sent(to, RepairFrames.decodeRecords(epoch, content)));
                return true;
            };

    private final RecordServer server =
            new RecordServer(
                    journal,
                    peers,
                    new CurrentReign(
                            new Member(new ReplicaId(1), new Incarnation(7, 1)),
                            Group.reign().get()));

    private RecordIdentity append(int size) {
        byte[] content = new byte[size];
        content[0] = (byte) journal.records.size();
        Bytes bytes = Bytes.wrap(content);
        journal.append(RecordKind.PROTOCOL, 1, bytes, Bytes.EMPTY);
        journal.sync();
        return new RecordIdentity(RecordKind.PROTOCOL, 1, size, bytes.crc32c());
    }

    private void ask(ReplicaId from, List<RecordIdentity> wanted) {
        server.ask(from, PeerFrames.content(RepairFrames.needRecords(wanted)));
    }

    @Test
    void aSearchTakesAsManyDutyCyclesAsItNeeds() {
        List<RecordIdentity> wanted = List.of(append(10));
        journal.searchSteps = 4;
        for (int i = 0; i < 4; i++) {
            assertThat(sent).isEmpty();
            // Asked again and again, as by somebody without patience.
            ask(TWO, wanted);
            assertThat(server.isBusy()).isTrue();
            server.advance();
        }
        assertThat(sent).hasSize(1);
        assertThat(sent.getFirst().records().answers().getFirst().content()).isNotNull();
        assertThat(server.isBusy()).isFalse();
    }

    @Test
    void severalTakeTurns() {
        List<RecordIdentity> wanted = List.of(append(10));
        journal.searchSteps = 3;
        ask(TWO, wanted);
        ask(THREE, wanted);
        for (int i = 0; i < 5; i++) {
            server.advance();
        }
        assertThat(sent).extracting(Sent::to).containsExactly(TWO);
        server.advance();
        assertThat(sent).extracting(Sent::to).containsExactly(TWO, THREE);
        ask(TWO, wanted);
        server.forget(TWO);
        assertThat(server.isBusy()).isFalse();
    }

    /// No more is looked for, and held in memory, than fits in the answer.
    @Test
    void whatDoesNotFitIsToBeAskedForAgain() {
        RecordIdentity first = append(HistoryServer.CHUNK_BYTES - 10);
        RecordIdentity second = append(20);
        RecordIdentity unknown = new RecordIdentity(RecordKind.PROTOCOL, 9, 30, 1);
        ask(TWO, List.of(first, second, unknown));
        server.advance();
        List<RepairFrames.Answer> answers = sent.getFirst().records().answers();
        assertThat(answers.get(0).content()).isNotNull();
        assertThat(answers.get(1).content()).isNull();
        assertThat(answers.get(1).isThere()).isTrue();
        assertThat(answers.get(2).isThere()).as("nothing is known of it yet").isTrue();

        ask(TWO, List.of(second, unknown));
        server.advance();
        answers = sent.getLast().records().answers();
        assertThat(answers.get(0).content()).isNotNull();
        assertThat(answers.get(1).isThere()).isFalse();
    }
}

package dev.lockstep.node;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lockstep.core.ClusterId;
import dev.lockstep.core.ReplicaId;
import dev.lockstep.core.port.StoredFile;
import dev.lockstep.core.wire.Bytes;
import dev.lockstep.journal.MemoryStore;

import org.junit.jupiter.api.Test;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.List;

class EvidenceBookTest {

    private final MemoryStore store = new MemoryStore();

    private EvidenceBook open() throws IOException {
        return new EvidenceBook(store, TestNodes.CLUSTER);
    }

    private static Bytes proof(int number) {
        return Bytes.wrap(new byte[] {1, (byte) number, 3});
    }

    @Test
    void whatIsKeptIsThereAfterARestart() throws IOException {
        EvidenceBook book = open();
        assertThat(book.entries()).isEmpty();
        book.keep(new ReplicaId(2), proof(1));
        book.keep(new ReplicaId(4), proof(2));
        assertThat(book.entries()).hasSize(2);
        List<EvidenceBook.Entry> again = open().entries();
        assertThat(again).isEqualTo(book.entries());
        assertThat(again.getFirst().about()).isEqualTo(new ReplicaId(2));
        assertThat(again.getFirst().proof()).isEqualTo(proof(1));
    }

    @Test
    void ofOneMemberOnlySoMuchIsKept() throws IOException {
        EvidenceBook book = open();
        for (int i = 0; i < EvidenceBook.MOST_PER_REPLICA + 5; i++) {
            book.keep(new ReplicaId(1), proof(i));
        }
        book.keep(new ReplicaId(2), proof(0));
        assertThat(open().entries()).hasSize(EvidenceBook.MOST_PER_REPLICA + 1);
    }

    @Test
    void aDamagedLineIsPassedOverAndAnotherClustersFileIsBegunAnew() throws IOException {
        EvidenceBook book = open();
        book.keep(new ReplicaId(1), proof(1));
        book.keep(new ReplicaId(2), proof(2));
        String text = read();
        write(text.replaceFirst("replica 1 at", "replica one at"));
        assertThat(open().entries()).containsExactly(book.entries().getLast());
        EvidenceBook other = new EvidenceBook(store, new ClusterId(9, 9));
        assertThat(other.entries()).isEmpty();
        other.keep(new ReplicaId(3), proof(3));
        assertThat(read()).contains("cluster " + new ClusterId(9, 9)).doesNotContain("replica 2");
    }

    private String read() throws IOException {
        try (StoredFile file = store.open("evidence")) {
            ByteBuffer bytes = ByteBuffer.allocate((int) file.size());
            file.read(0, bytes);
            return StandardCharsets.UTF_8.decode(bytes.flip()).toString();
        }
    }

    private void write(String text) throws IOException {
        try (StoredFile file = store.open("evidence")) {
            file.truncate(0);
            file.write(0, ByteBuffer.wrap(text.getBytes(StandardCharsets.UTF_8)));
        }
    }
}

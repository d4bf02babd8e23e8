package dev.lockstep.net;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lockstep.core.Incarnation;
import dev.lockstep.core.ReplicaId;

import org.junit.jupiter.api.Test;

import java.util.SortedMap;
import java.util.TreeMap;

/// Where replicas are dialled.
class AddressBookTest {

    private static final ReplicaId SECOND = new ReplicaId(2);
    private static final ReplicaId THIRD = new ReplicaId(3);
    private static final ReplicaAddress CONFIGURED = new ReplicaAddress("127.0.0.1", 7, 8, 9);
    private static final ReplicaAddress SAID = new ReplicaAddress("127.0.0.1", 17, 8, 9);

    private static AddressBook book(boolean isFixed) {
        SortedMap<ReplicaId, ReplicaAddress> configured = new TreeMap<>();
        configured.put(SECOND, CONFIGURED);
        AddressBook book = new AddressBook(configured, isFixed);
        assertThat(book.onHandshake(known(SECOND))).isTrue();
        assertThat(book.onHandshake(known(THIRD))).isTrue();
        return book;
    }

    private static KnownReplica known(ReplicaId id) {
        return new KnownReplica(id, new Incarnation(1, id.value()), 1, 1, SAID);
    }

    @Test
    void whatAReplicaSaysIsTriedBeforeWhatWasConfigured() {
        assertThat(book(false).candidates(SECOND)).containsExactly(SAID, CONFIGURED);
    }

    @Test
    void aFixedAddressIsDialledWhateverIsSaid() {
        AddressBook book = book(true);
        assertThat(book.candidates(SECOND)).containsExactly(CONFIGURED);
        assertThat(book.candidates(THIRD))
                .as("of whom nothing was configured")
                .containsExactly(SAID);
    }
}

package dev.lockstep.core.wire;

import static org.assertj.core.api.Assertions.assertThat;

import net.jqwik.api.ForAll;
import net.jqwik.api.Property;

import org.junit.jupiter.api.Test;

import java.util.List;

/// A writer's content does not depend on whether its last bytes are shared or copied.
class BytesWriterTest {

    @Property
    void sharedBytesAreWrittenLikeCopiedOnes(@ForAll List<byte[]> pieces, @ForAll boolean marked) {
        BytesWriter copied = new BytesWriter(16);
        BytesWriter shared = new BytesWriter(16);
        for (byte[] piece : pieces) {
            if (marked) {
                copied.putInt(piece.length);
                shared.putInt(piece.length);
            }
            copied.put(Bytes.wrap(piece));
            shared.putShared(Bytes.wrap(piece));
            assertThat(shared.size()).isEqualTo(copied.size());
        }
        assertThat(shared.head().size() + shared.tail().size()).isEqualTo(copied.size());
        assertThat(shared.toBytes()).isEqualTo(copied.toBytes());
    }

    @Test
    void theTailIsHandedOnWithoutACopyWhileNothingFollows() {
        Bytes payload = Bytes.wrap(new byte[] {1, 2, 3});
        BytesWriter out = new BytesWriter(16).putByte(9).putShared(payload);
        assertThat(out.tail()).isSameAs(payload);
        assertThat(out.head()).isEqualTo(Bytes.wrap(new byte[] {9}));
        out.putByte(7);
        assertThat(out.tail()).isEqualTo(Bytes.EMPTY);
        assertThat(out.toBytes()).isEqualTo(Bytes.wrap(new byte[] {9, 1, 2, 3, 7}));
        out.putShared(payload).clear();
        assertThat(out.size()).isZero();
        assertThat(out.toBytes()).isEqualTo(Bytes.EMPTY);
    }
}

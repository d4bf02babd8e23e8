package dev.lockstep.node;

import dev.lockstep.core.wire.Bytes;
import dev.lockstep.core.wire.ClientReply;

import org.jspecify.annotations.Nullable;

import java.util.Arrays;

/// Replies for gateways between the moment the replica gives them and the moment it is safe to call
/// somebody who may issue the next command: the replica does not bear being called from within.
///
/// Two halves, of which one is filled while the other is told, so that memory is used again and
/// again. A large reply has memory of its own, so that a burst of them never takes more than they
/// are.
///
/// Threading: the loop's thread.
final class GatewayReplies {

    /// A half that a burst made larger than this is not kept.
    private static final int KEPT_BYTES = 4 << 20;

    /// A reply of so many bytes or more has memory of its own.
    private static final int LARGE_BYTES = 64 << 10;

    private static final int FIRST_REPLIES = 64;

    private Half filling = new Half();
    private Half telling = new Half();

    /// Copies a reply.
    void add(
            GatewayCallback callback,
            ClientReply.Status status,
            long position,
            byte[] bytes,
            int offset,
            int length) {
        filling.add(callback, status, position, bytes, offset, length);
    }

    boolean isEmpty() {
        return filling.count == 0;
    }

    /// Makes all calls that wait, and those that come to wait meanwhile.
    void tell() {
        while (filling.count > 0) {
            Half full = filling;
            filling = telling;
            telling = full;
            full.tell();
        }
    }

    private static final class Half {

        private byte[] bytes = new byte[4096];
        private int size;
        private GatewayCallback[] callbacks = new GatewayCallback[FIRST_REPLIES];
        private ClientReply.Status[] statuses = new ClientReply.Status[FIRST_REPLIES];
        private long[] positions = new long[FIRST_REPLIES];

        /// Where each reply ends in `bytes`; it begins where the one before ends.
        private int[] ends = new int[FIRST_REPLIES];

        /// The bytes of each large reply; null for the others.
        private @Nullable Bytes[] large = new Bytes[FIRST_REPLIES];

        private int count;

        void add(
                GatewayCallback callback,
                ClientReply.Status status,
                long position,
                byte[] source,
                int offset,
                int length) {
            if (count == ends.length) {
                callbacks = Arrays.copyOf(callbacks, 2 * count);
                statuses = Arrays.copyOf(statuses, 2 * count);
                positions = Arrays.copyOf(positions, 2 * count);
                ends = Arrays.copyOf(ends, 2 * count);
                large = Arrays.copyOf(large, 2 * count);
            }
            int end = size;
            if (length >= LARGE_BYTES) {
                large[count] = Bytes.wrap(Arrays.copyOfRange(source, offset, offset + length));
            } else {
                end = append(source, offset, length);
            }
            callbacks[count] = callback;
            statuses[count] = status;
            positions[count] = position;
            ends[count] = end;
            count++;
        }

        private int append(byte[] source, int offset, int length) {
            int end = Math.addExact(size, length);
            if (end > bytes.length) {
                int doubled = (int) Math.min(Integer.MAX_VALUE - 8, 2L * end);
                bytes = Arrays.copyOf(bytes, doubled);
            }
            System.arraycopy(source, offset, bytes, size, length);
            size = end;
            return end;
        }

        void tell() {
            int begin = 0;
            for (int i = 0; i < count; i++) {
                int end = ends[i];
                Bytes own = large[i];
                large[i] = null;
                if (own == null) {
                    callbacks[i].onReply(statuses[i], positions[i], bytes, begin, end - begin);
                } else {
                    byte[] array = own.backingArray();
                    callbacks[i].onReply(statuses[i], positions[i], array, 0, array.length);
                }
                begin = end;
            }
            Arrays.fill(callbacks, 0, count, null);
            count = 0;
            size = 0;
            if (bytes.length > KEPT_BYTES) {
                bytes = new byte[4096];
            }
        }
    }
}

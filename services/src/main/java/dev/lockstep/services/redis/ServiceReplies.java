package dev.lockstep.services.redis;

import io.netty.buffer.ByteBuf;

/// Gives connections the replies of the service, which are RESP2: in RESP3 its two kinds of null
/// are one.
final class ServiceReplies {

    private ServiceReplies() {}

    static void write(byte[] reply, int offset, int length, boolean resp3, ByteBuf out) {
        if (!resp3) {
            out.writeBytes(reply, offset, length);
        } else if (reply[offset] == '*') {
            writeItems(reply, offset, length, out);
        } else if (isNull(reply, offset, length)) {
            writeNull(out);
        } else {
            out.writeBytes(reply, offset, length);
        }
    }

    /// Where the reply that begins at `offset` ends.
    static int endOf(byte[] reply, int offset) {
        int end = offset;
        int left = 1;
        while (left > 0) {
            left--;
            int next = lineEnd(reply, end);
            if (reply[end] == '$') {
                int size = number(reply, end + 1);
                next += size < 0 ? 0 : size + 2;
            } else if (reply[end] == '*') {
                left += Math.max(0, number(reply, end + 1));
            }
            end = next;
        }
        return end;
    }

    /// The number of items of an array, -1 for null; what stands at `offset` is its header.
    static int items(byte[] reply, int offset) {
        return number(reply, offset + 1);
    }

    /// The value of an integer.
    static long integer(byte[] reply, int offset) {
        boolean negative = reply[offset + 1] == '-';
        long value = 0;
        for (int i = negative ? offset + 2 : offset + 1; reply[i] != '\r'; i++) {
            value = value * 10 - (reply[i] - '0');
        }
        return negative ? value : -value;
    }

    /// Where the line at `offset` ends, its end included.
    static int lineEnd(byte[] reply, int offset) {
        int end = offset;
        while (reply[end] != '\r') {
            end++;
        }
        return end + 2;
    }

    /// Copies what is between nulls in as few pieces as possible.
    private static void writeItems(byte[] reply, int offset, int length, ByteBuf out) {
        int copied = offset;
        int at = offset;
        int end = offset + length;
        while (at < end) {
            int next = lineEnd(reply, at);
            if (isNull(reply, at, next - at)) {
                out.writeBytes(reply, copied, at - copied);
                writeNull(out);
                copied = next;
            } else if (reply[at] == '$') {
                next += number(reply, at + 1) + 2;
            }
            at = next;
        }
        out.writeBytes(reply, copied, end - copied);
    }

    private static boolean isNull(byte[] reply, int offset, int length) {
        return length == 5
                && reply[offset + 1] == '-'
                && (reply[offset] == '$' || reply[offset] == '*');
    }

    private static void writeNull(ByteBuf out) {
        out.writeByte('_');
        out.writeShort('\r' << 8 | '\n');
    }

    private static int number(byte[] reply, int from) {
        return (int) integer(reply, from - 1);
    }
}

package dev.lockstep.services.kv;

import dev.lockstep.api.ReplyBuffer;

import org.jspecify.annotations.Nullable;

import java.nio.charset.StandardCharsets;

/// Writes replies in the encoding that the package describes.
final class ReplyWriter {

    private static final byte[] OK = "+OK\r\n".getBytes(StandardCharsets.US_ASCII);
    private static final byte[] NULL = "$-1\r\n".getBytes(StandardCharsets.US_ASCII);
    private static final byte[] NULL_ARRAY = "*-1\r\n".getBytes(StandardCharsets.US_ASCII);
    private static final byte[] LINE_END = {'\r', '\n'};

    /// Room for the digits of any `long`.
    private final byte[] digits = new byte[20];

    /// Where the reply of the call goes.
    private ReplyBuffer out = new ReplyBuffer(1);

    void reset(ReplyBuffer next) {
        out = next;
    }

    void ok() {
        out.put(OK);
    }

    void integer(long value) {
        header(':', value);
    }

    void bool(boolean value) {
        integer(value ? 1 : 0);
    }

    void bulk(byte[] bytes) {
        bulk(bytes, 0, bytes.length);
    }

    void bulk(byte[] bytes, int offset, int length) {
        header('$', length);
        out.put(bytes, offset, length).put(LINE_END);
    }

    void bulkOrNull(byte @Nullable [] bytes) {
        if (bytes == null) {
            nothing();
        } else {
            bulk(bytes);
        }
    }

    void nothing() {
        out.put(NULL);
    }

    void nothingArray() {
        out.put(NULL_ARRAY);
    }

    void simple(String text) {
        out.putByte('+').putUtf8(text).put(LINE_END);
    }

    /// An error in Latin-1, because it may have bytes of the request in it; line ends become
    /// spaces, as in Redis.
    void error(String text) {
        String line = text.replace('\r', ' ').replace('\n', ' ');
        out.putByte('-').put(line.getBytes(StandardCharsets.ISO_8859_1)).put(LINE_END);
    }

    /// The start of an array; its elements follow.
    void array(int elements) {
        header('*', elements);
    }

    private void header(int type, long value) {
        out.putByte(type);
        if (value >= 0 && value < 10) {
            out.putByte('0' + (int) value);
        } else {
            int first = Digits.write(value, digits);
            out.put(digits, first, digits.length - first);
        }
        out.put(LINE_END);
    }
}

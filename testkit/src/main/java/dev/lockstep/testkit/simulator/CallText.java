package dev.lockstep.testkit.simulator;

import java.nio.charset.StandardCharsets;
import java.util.HexFormat;

/// Bytes of which nobody knows what they mean, for people.
final class CallText {

    private static final int MOST_BYTES = 64;

    private CallText() {}

    static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    /// The text, if it is one, or the bytes.
    static String of(byte[] bytes) {
        int shown = Math.min(bytes.length, MOST_BYTES);
        boolean isText = shown > 0;
        for (int i = 0; i < shown; i++) {
            isText &= bytes[i] >= ' ' && bytes[i] < 0x7f;
        }
        String what =
                isText
                        ? "'" + new String(bytes, 0, shown, StandardCharsets.US_ASCII) + "'"
                        : "[" + HexFormat.of().formatHex(bytes, 0, shown) + "]";
        return shown < bytes.length ? what + "… of " + bytes.length + " bytes" : what;
    }
}

package dev.lockstep.services.redis;

import java.nio.charset.StandardCharsets;

/// How bytes, as Latin-1 text, are written down in the files of tests.
final class Escapes {

    private Escapes() {}

    /// Printable, on one line; a backslash is doubled.
    static String escape(String bytes) {
        StringBuilder text = new StringBuilder();
        for (int i = 0; i < bytes.length(); i++) {
            char c = bytes.charAt(i);
            switch (c) {
                case '\r' -> text.append("\\r");
                case '\n' -> text.append("\\n");
                case '\\' -> text.append("\\\\");
                default -> {
                    if (c < ' ' || c > '~') {
                        text.append("\\x%02x".formatted((int) c));
                    } else {
                        text.append(c);
                    }
                }
            }
        }
        return text.toString();
    }

    /// The words of an inline command.
    static String[] words(String line) {
        Words words = new Words();
        try {
            InlineSplitter.split(line.getBytes(StandardCharsets.ISO_8859_1), words);
        } catch (ProtocolError error) {
            throw new IllegalArgumentException(line, error);
        }
        String[] texts = new String[words.count()];
        for (int i = 0; i < texts.length; i++) {
            texts[i] = words.text(i);
        }
        return texts;
    }

    /// An inline command of these words.
    static String line(String... words) {
        StringBuilder line = new StringBuilder();
        for (String word : words) {
            boolean isPlain = word.matches("[!#-&(-\\[\\]-~]+");
            line.append(line.isEmpty() ? "" : " ");
            line.append(isPlain ? word : '"' + escape(word).replace("\"", "\\\"") + '"');
        }
        return line.toString();
    }
}

package dev.lockstep.services.kv;

import java.nio.charset.StandardCharsets;
import java.util.Locale;

/// A pattern as Redis's `KEYS` has it: `*`, `?`, `[abc]`, `[^a-z]` and `\` before what is to be
/// taken literally. Follows Redis's own matcher in what it does with half patterns.
public final class Glob {

    private final byte[] pattern;
    private final boolean ignoresCase;

    /// True once a star has met the end of the text: stars before it need not look further.
    private boolean skipLonger;

    private Glob(byte[] pattern, boolean ignoresCase) {
        this.pattern = pattern;
        this.ignoresCase = ignoresCase;
    }

    /// A pattern that tells cases apart.
    public static Glob of(byte[] pattern) {
        return new Glob(pattern, false);
    }

    /// A pattern that does not tell ASCII cases apart.
    public static Glob ignoringCase(String pattern) {
        return new Glob(
                pattern.toLowerCase(Locale.ROOT).getBytes(StandardCharsets.ISO_8859_1), true);
    }

    /// True if the whole of `text` matches.
    public boolean matches(byte[] text) {
        if (pattern.length == 1 && pattern[0] == '*') {
            return true;
        }
        skipLonger = false;
        return matches(0, text, 0, 0);
    }

    private boolean matches(int patternFrom, byte[] text, int textFrom, int nesting) {
        // Redis gives up at the same depth.
        if (nesting > 1000) {
            return false;
        }
        int p = patternFrom;
        int t = textFrom;
        while (p < pattern.length && t < text.length) {
            switch (pattern[p]) {
                case '*' -> {
                    return matchesStar(p, text, t, nesting);
                }
                case '?' -> t++;
                case '[' -> {
                    int end = endOfSet(p + 1);
                    if (!isInSet(p + 1, text[t])) {
                        return false;
                    }
                    p = end;
                    t++;
                }
                default -> {
                    if (pattern[p] == '\\' && p + 1 < pattern.length) {
                        p++;
                    }
                    if (!isSame(pattern[p], text[t])) {
                        return false;
                    }
                    t++;
                }
            }
            p++;
        }
        // As in Redis, not for a text that was empty from the start.
        if (t == text.length && t > textFrom) {
            while (p < pattern.length && pattern[p] == '*') {
                p++;
            }
        }
        return p >= pattern.length && t == text.length;
    }

    private boolean matchesStar(int star, byte[] text, int textFrom, int nesting) {
        int p = star;
        while (p + 1 < pattern.length && pattern[p + 1] == '*') {
            p++;
        }
        if (p + 1 == pattern.length) {
            return true;
        }
        for (int t = textFrom; t < text.length; t++) {
            if (matches(p + 1, text, t, nesting + 1)) {
                return true;
            }
            if (skipLonger) {
                return false;
            }
        }
        // There was no match for the rest of the pattern at any place of the text: an earlier star
        // that takes more of the text cannot help.
        skipLonger = true;
        return false;
    }

    /// The index of the bracket that ends the set whose content begins at `from`; the last index of
    /// the pattern if none does.
    private int endOfSet(int from) {
        int p = from < pattern.length && pattern[from] == '^' ? from + 1 : from;
        while (true) {
            if (p + 1 < pattern.length && pattern[p] == '\\') {
                p++;
            } else if (p >= pattern.length) {
                return pattern.length - 1;
            } else if (pattern[p] == ']') {
                return p;
            } else if (p + 2 < pattern.length && pattern[p + 1] == '-') {
                p += 2;
            }
            p++;
        }
    }

    private boolean isInSet(int from, byte letter) {
        boolean negated = from < pattern.length && pattern[from] == '^';
        int p = negated ? from + 1 : from;
        boolean found = false;
        while (p < pattern.length) {
            if (p + 1 < pattern.length && pattern[p] == '\\') {
                p++;
                found |= pattern[p] == letter;
            } else if (pattern[p] == ']') {
                break;
            } else if (p + 2 < pattern.length && pattern[p + 1] == '-') {
                int first = fold((byte) Math.min(pattern[p], pattern[p + 2]));
                int last = fold((byte) Math.max(pattern[p], pattern[p + 2]));
                int folded = fold(letter);
                found |= first <= folded && folded <= last;
                p += 2;
            } else {
                found |= isSame(pattern[p], letter);
            }
            p++;
        }
        return found != negated;
    }

    private boolean isSame(byte left, byte right) {
        return fold(left) == fold(right);
    }

    /// Bytes are signed, as C's characters are on x86.
    private int fold(byte letter) {
        return ignoresCase && letter >= 'A' && letter <= 'Z' ? letter + ('a' - 'A') : letter;
    }
}

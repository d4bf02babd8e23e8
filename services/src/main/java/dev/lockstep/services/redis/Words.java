package dev.lockstep.services.redis;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/// The words of one request; word 0 is the command's name. They lie in a shared array and are valid
/// until the request is done with.
final class Words {

    private byte[] array = new byte[0];
    private int[] starts = new int[16];
    private int[] lengths = new int[16];
    private int count;

    /// Starts over with words in `in`.
    void reset(byte[] in) {
        array = in;
        count = 0;
    }

    void add(int start, int length) {
        if (count == starts.length) {
            starts = Arrays.copyOf(starts, 2 * count);
            lengths = Arrays.copyOf(lengths, 2 * count);
        }
        starts[count] = start;
        lengths[count] = length;
        count++;
    }

    /// The words have moved to another place.
    void move(byte[] to, int by) {
        array = to;
        for (int i = 0; i < count; i++) {
            starts[i] += by;
        }
    }

    /// The size of all words together.
    int totalBytes() {
        int size = 0;
        for (int i = 0; i < count; i++) {
            size += lengths[i];
        }
        return size;
    }

    /// A copy that stays valid.
    Words copy() {
        Words copy = new Words();
        copy.reset(new byte[totalBytes()]);
        int at = 0;
        for (int i = 0; i < count; i++) {
            System.arraycopy(array, starts[i], copy.array, at, lengths[i]);
            copy.add(at, lengths[i]);
            at += lengths[i];
        }
        return copy;
    }

    /// Frees memory that a request of many words has taken.
    void trim(int mostWords) {
        if (starts.length > mostWords) {
            starts = new int[16];
            lengths = new int[16];
            count = 0;
        }
    }

    byte[] array() {
        return array;
    }

    int count() {
        return count;
    }

    int start(int word) {
        return starts[word];
    }

    int length(int word) {
        return lengths[word];
    }

    byte[] bytes(int word) {
        return Arrays.copyOfRange(array, starts[word], starts[word] + lengths[word]);
    }

    /// As Latin-1 text.
    String text(int word) {
        return new String(array, starts[word], lengths[word], StandardCharsets.ISO_8859_1);
    }

    /// As Latin-1 text up to the first NUL, as C prints it, at most `most` characters.
    String printed(int word, int most) {
        String text = text(word);
        int end = text.indexOf('\0');
        return text.substring(0, Math.min(end < 0 ? text.length() : end, most));
    }

    /// A word as a number of up to nine digits; -1 if it is none, or negative.
    int number(int word) {
        int value = 0;
        for (int i = 0; i < lengths[word]; i++) {
            int digit = array[starts[word] + i] - '0';
            if (digit < 0 || digit > 9 || i == 9) {
                return -1;
            }
            value = value * 10 + digit;
        }
        return lengths[word] == 0 ? -1 : value;
    }

    boolean is(int word, String upperCase) {
        return text(word).equalsIgnoreCase(upperCase);
    }
}

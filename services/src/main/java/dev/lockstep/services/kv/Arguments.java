package dev.lockstep.services.kv;

import dev.lockstep.core.wire.MalformedException;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/// Reads the bytes of a request: the arguments of the current command are numbered from 1, as Redis
/// numbers them, for which 0 is the command's name.
///
/// The bytes are believed only as far as they have been read: what is wrong with them is a
/// [MalformedException].
final class Arguments {

    private byte[] array = new byte[0];

    /// What is read next, and where the request ends.
    private int at;

    private int end;

    /// The arguments of the current command: argument `i` starts at `starts[i]`.
    private int count;

    private int[] starts = new int[16];
    private int[] lengths = new int[16];

    /// Starts at the first byte of `request`, whose position does not move.
    void reset(ByteBuffer request) {
        int size = request.remaining();
        if (request.hasArray()) {
            array = request.array();
            at = request.arrayOffset() + request.position();
        } else {
            array = new byte[size];
            at = 0;
            request.get(request.position(), array);
        }
        end = at + size;
        count = 1;
    }

    int readByte() {
        if (at == end) {
            throw new MalformedException("the request ends too soon");
        }
        return array[at++] & 0xff;
    }

    /// An unsigned LEB128 number, at most `most`.
    int readNumber(int most, String what) {
        long value = 0;
        for (int shift = 0; shift <= 28; shift += 7) {
            int next = readByte();
            value |= (long) (next & 0x7f) << shift;
            if (next < 0x80) {
                if (value > most) {
                    break;
                }
                return (int) value;
            }
        }
        throw new MalformedException(what + " is out of range");
    }

    long readLong() {
        long value = 0;
        for (int i = 0; i < Long.BYTES; i++) {
            value = value << 8 | readByte();
        }
        return value;
    }

    /// Reads one sized byte string as the only argument.
    void readOne() {
        count = 1;
        readArgument();
    }

    /// Reads `number` arguments, a command's all.
    void readAll(int number) {
        count = 1;
        if (number + 1 > starts.length) {
            int room = Math.max(number + 1, 2 * starts.length);
            starts = Arrays.copyOf(starts, room);
            lengths = Arrays.copyOf(lengths, room);
        }
        for (int i = 0; i < number; i++) {
            readArgument();
        }
    }

    /// Where the next read begins, for [#goTo].
    int position() {
        return at;
    }

    /// Reads again from where [#position] was.
    void goTo(int position) {
        at = position;
    }

    /// How many bytes have not been read.
    int remaining() {
        return end - at;
    }

    /// How many arguments there are, the name counted.
    int count() {
        return count;
    }

    byte[] array() {
        return array;
    }

    int start(int argument) {
        return starts[argument];
    }

    int length(int argument) {
        return lengths[argument];
    }

    byte[] copy(int argument) {
        int start = starts[argument];
        return Arrays.copyOfRange(array, start, start + lengths[argument]);
    }

    long hash(int argument) {
        return KeyHash.of(array, starts[argument], lengths[argument]);
    }

    boolean areEqual(int left, int right) {
        return Arrays.equals(
                array,
                starts[left],
                starts[left] + lengths[left],
                array,
                starts[right],
                starts[right] + lengths[right]);
    }

    /// True if the argument is `word`, which is in upper case, in whatever case.
    boolean is(int argument, String word) {
        int length = lengths[argument];
        if (length != word.length()) {
            return false;
        }
        int start = starts[argument];
        for (int i = 0; i < length; i++) {
            int letter = array[start + i];
            if (letter >= 'a' && letter <= 'z') {
                letter -= 'a' - 'A';
            }
            if (letter != word.charAt(i)) {
                return false;
            }
        }
        return true;
    }

    /// The argument as Latin-1 text, up to the first NUL, as C would print it.
    String text(int argument) {
        int start = starts[argument];
        int size = 0;
        while (size < lengths[argument] && array[start + size] != 0) {
            size++;
        }
        return new String(array, start, size, StandardCharsets.ISO_8859_1);
    }

    /// @throws RedisError if the argument is not an integer
    long toLong(int argument) {
        int start = starts[argument];
        int length = lengths[argument];
        if (!Digits.isLong(array, start, length)) {
            throw RedisError.notAnInteger();
        }
        return Digits.parse(array, start, length);
    }

    private void readArgument() {
        int length = readNumber(Integer.MAX_VALUE, "the size of an argument");
        if (length > end - at) {
            throw new MalformedException("an argument ends after the request");
        }
        starts[count] = at;
        lengths[count] = length;
        count++;
        at += length;
    }
}

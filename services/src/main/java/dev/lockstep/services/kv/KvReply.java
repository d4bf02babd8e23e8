package dev.lockstep.services.kv;

import dev.lockstep.core.wire.MalformedException;

import org.jspecify.annotations.Nullable;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/// An answer of the key-value service.
public sealed interface KvReply {

    /// Text that is not a value, such as `OK`.
    record Text(String text) implements KvReply {}

    /// The command failed.
    ///
    /// @param text with the code before it, as `ERR no such key`
    record Failure(String text) implements KvReply {}

    /// A number.
    record Number(long value) implements KvReply {}

    /// A value, given away.
    @SuppressWarnings("ArrayRecordComponent")
    record Value(byte[] value) implements KvReply {

        @Override
        public boolean equals(@Nullable Object other) {
            return other instanceof Value that && Arrays.equals(value, that.value);
        }

        @Override
        public int hashCode() {
            return Arrays.hashCode(value);
        }

        @Override
        public String toString() {
            return "Value[" + new String(value, StandardCharsets.UTF_8) + "]";
        }
    }

    /// There is nothing: no such key, or a condition did not hold.
    record Nothing() implements KvReply {}

    /// Several answers.
    record Items(List<KvReply> items) implements KvReply {}

    /// The value, or null if there is none.
    ///
    /// @throws IllegalStateException with the text of the failure, if it is one, or if it is
    /// another
    ///     kind of answer
    default byte @Nullable [] bytes() {
        return switch (this) {
            case Value value -> value.value();
            case Nothing _ -> null;
            case Failure failure -> throw new IllegalStateException(failure.text());
            case Text _, Number _, Items _ ->
                    throw new IllegalStateException("this is not a value: " + this);
        };
    }

    /// True if the answer is `OK`. Looks at the bytes only, for those who have many to look at.
    static boolean isOk(byte[] reply) {
        return reply.length == 5 && reply[0] == '+' && reply[1] == 'O' && reply[2] == 'K';
    }

    /// Reads a reply.
    ///
    /// @throws MalformedException if it is none
    static KvReply decode(byte[] reply) {
        Decoder decoder = new Decoder(reply);
        KvReply decoded = decoder.next(0);
        if (decoder.at != reply.length) {
            throw new MalformedException("bytes after the end of the reply");
        }
        return decoded;
    }

    /// Reads one reply after the other.
    final class Decoder {

        private static final int MOST_NESTING = 8;

        private final byte[] reply;
        private int at;

        private Decoder(byte[] reply) {
            this.reply = reply;
        }

        private KvReply next(int nesting) {
            int type = at < reply.length ? reply[at++] : -1;
            return switch (type) {
                case '+' -> new Text(line());
                case '-' -> new Failure(line());
                case ':' -> new Number(number(Long.MIN_VALUE, Long.MAX_VALUE));
                case '$' -> value((int) number(-1, reply.length));
                case '*' -> items((int) number(-1, reply.length), nesting);
                default -> throw new MalformedException("unknown type of reply: " + type);
            };
        }

        private KvReply value(int size) {
            if (size < 0) {
                return new Nothing();
            }
            if (size + 2L > reply.length - at) {
                throw new MalformedException("a value ends after the reply");
            }
            byte[] value = Arrays.copyOfRange(reply, at, at + size);
            at += size;
            if (!line().isEmpty()) {
                throw new MalformedException("a value is not followed by a line's end");
            }
            return new Value(value);
        }

        private KvReply items(int count, int nesting) {
            if (count < 0) {
                return new Nothing();
            }
            if (nesting == MOST_NESTING) {
                throw new MalformedException("a reply is nested too deeply");
            }
            List<KvReply> items = new ArrayList<>();
            for (int i = 0; i < count; i++) {
                items.add(next(nesting + 1));
            }
            return new Items(List.copyOf(items));
        }

        private long number(long least, long most) {
            String digits = line();
            try {
                long value = Long.parseLong(digits);
                if (value >= least && value <= most) {
                    return value;
                }
            } catch (NumberFormatException notANumber) {
                throw new MalformedException("not a number: " + digits);
            }
            throw new MalformedException("a number is out of range: " + digits);
        }

        private String line() {
            int end = at;
            while (end < reply.length && reply[end] != '\r' && reply[end] != '\n') {
                end++;
            }
            if (end + 1 >= reply.length || reply[end] != '\r' || reply[end + 1] != '\n') {
                throw new MalformedException("a line does not end, or not as lines do");
            }
            String line = new String(reply, at, end - at, StandardCharsets.UTF_8);
            at = end + 2;
            return line;
        }
    }
}

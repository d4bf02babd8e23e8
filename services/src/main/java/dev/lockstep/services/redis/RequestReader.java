package dev.lockstep.services.redis;

import io.netty.buffer.ByteBuf;

import java.util.Arrays;

/// Cuts the bytes of one connection into requests: arrays of bulk strings, or lines of words.
///
/// Requests are read in place, in memory that all connections share; only the unfinished end of
/// what was read is kept. Memory for a request that is still coming in grows with what has come, so
/// that a length that is only claimed costs nothing, and a request that is too large is read to its
/// end without being kept.
///
/// As lenient as Redis: a carriage return alone ends a count, and the two bytes after a bulk string
/// are not looked at.
final class RequestReader {

    /// What [#next] has found.
    enum Event {
        /// A whole request: see [#words].
        REQUEST,
        /// The end of a request that was too large, see [#refusedBytes].
        TOO_LARGE,
        /// The end of what has come.
        MORE
    }

    /// As Redis: longer lines are not read.
    static final int MOST_LINE_BYTES = 64 << 10;

    /// A request of more words is too large.
    static final int MOST_WORDS = 1 << 20;

    /// Redis's `proto-max-bulk-len`: more than this is not a request, however little of it is kept.
    static final int MOST_BULK_BYTES = 512 << 20;

    private static final byte[] NOTHING = new byte[0];
    private static final int KEPT_WORDS = 1024;

    private final Scratch scratch;
    private final int maxRequestBytes;
    private final Words words = new Words();

    /// Where the bytes are: the scratch memory while they are handed in, then this connection's
    /// own.
    private byte[] array = NOTHING;

    /// The current request begins here; `position` is read next; bytes end at `limit`.
    private int start;

    private int position;
    private int limit;

    /// Words of the current request that are still to come; 0 between requests.
    private int wordsLeft;

    /// The size of the word that comes next; -1 while its header comes.
    private int bulkBytes = -1;

    /// How many words the current request has.
    private int requestWords;

    /// The bytes of all words of the current request, as far as their sizes are known.
    private long requestBytes;

    /// Bytes of a request that is too large which are still to be passed over.
    private long skip;

    /// The size of the array, unless it is the scratch memory.
    private int ownBytes;

    private boolean tooLarge;

    /// True while a request that was found has not been consumed.
    private boolean found;

    private long refusedBytes;

    private int refusedWords;

    /// Memory that the connections of a port share.
    static final class Scratch {

        private final long mostHeldBytes;
        private byte[] memory = new byte[64 << 10];

        /// What the connections hold of their own.
        private long heldBytes;

        Scratch(long mostHeldBytes) {
            this.mostHeldBytes = mostHeldBytes;
        }

        /// True if the connections together hold too much that waits or is unfinished.
        boolean isOverfull() {
            return heldBytes > mostHeldBytes;
        }

        /// What the connections together hold that waits or is unfinished.
        long heldBytes() {
            return heldBytes;
        }

        private byte[] of(int size) {
            if (memory.length < size) {
                memory = new byte[size];
            }
            return memory;
        }
    }

    RequestReader(Scratch scratch, int maxRequestBytes) {
        this.scratch = scratch;
        this.maxRequestBytes = maxRequestBytes;
    }

    Words words() {
        return words;
    }

    /// How large the request was that [Event#TOO_LARGE] told of.
    long refusedBytes() {
        return refusedBytes;
    }

    /// How many words it had.
    int refusedWords() {
        return refusedWords;
    }

    /// How many bytes wait to be read.
    int waitingBytes() {
        return limit - start;
    }

    /// How much memory this connection holds of its own.
    int heldBytes() {
        return ownBytes;
    }

    /// Takes all of `in`. To be followed by [#next] until there is no more and then by [#keep].
    void take(ByteBuf in) {
        int more = in.readableBytes();
        if (limit == start) {
            moveTo(scratch.of(more), 0);
        } else if (limit + more > array.length) {
            int held = limit - start;
            int needed = Math.addExact(held, more);
            byte[] larger = needed > array.length ? new byte[roomFor(needed)] : array;
            System.arraycopy(array, start, larger, 0, held);
            moveTo(larger, held);
        }
        in.readBytes(array, limit, more);
        limit += more;
    }

    /// Makes what was not consumed the connection's own.
    void keep() {
        int held = limit - start;
        if (held == 0) {
            moveTo(NOTHING, 0);
            words.trim(KEPT_WORDS);
        } else if (array == scratch.memory) {
            byte[] own = new byte[roomFor(held)];
            System.arraycopy(array, start, own, 0, held);
            moveTo(own, held);
        }
    }

    /// Frees all memory.
    void release() {
        limit = start;
        moveTo(NOTHING, 0);
    }

    /// The request that was found has been dealt with.
    void consume() {
        found = false;
        start = position;
    }

    /// Looks for the next request; the same one again if it was not consumed.
    Event next() throws ProtocolError {
        while (!found) {
            if (skip > 0) {
                long passed = Math.min(skip, limit - position);
                skip -= passed;
                position += (int) passed;
                start = position;
                if (skip > 0) {
                    return Event.MORE;
                }
                wordsLeft--;
                if (wordsLeft == 0) {
                    return endTooLarge();
                }
            }
            if (!step()) {
                return Event.MORE;
            }
            if (tooLarge && wordsLeft == 0) {
                return endTooLarge();
            }
        }
        return Event.REQUEST;
    }

    private Event endTooLarge() {
        tooLarge = false;
        refusedBytes = requestBytes;
        refusedWords = requestWords;
        consume();
        return Event.TOO_LARGE;
    }

    /// Reads one header, word or line. False if it has not all come.
    private boolean step() throws ProtocolError {
        if (wordsLeft == 0) {
            if (position == limit) {
                return false;
            }
            start = position;
            return array[position] == '*' ? readCount() : readLine();
        }
        return bulkBytes < 0 ? readBulkHeader() : readBulk();
    }

    private boolean readCount() throws ProtocolError {
        int end = lineEnd("too big mbulk count string");
        if (end < 0) {
            return false;
        }
        long count = number(position + 1, end);
        if (count > Integer.MAX_VALUE || count == Long.MIN_VALUE) {
            throw new ProtocolError("invalid multibulk length");
        }
        position = end + 2;
        if (count <= 0) {
            start = position;
        } else {
            wordsLeft = (int) count;
            requestWords = wordsLeft;
            tooLarge = wordsLeft > MOST_WORDS;
            requestBytes = 0;
            words.reset(array);
        }
        return true;
    }

    private boolean readBulkHeader() throws ProtocolError {
        int end = lineEnd("too big bulk count string");
        if (end < 0) {
            return false;
        }
        if (array[position] != '$') {
            throw new ProtocolError("expected '$', got '" + (char) (array[position] & 0xff) + "'");
        }
        long size = number(position + 1, end);
        if (size < 0 || size > MOST_BULK_BYTES) {
            throw new ProtocolError("invalid bulk length");
        }
        position = end + 2;
        requestBytes += size;
        tooLarge |= requestBytes > maxRequestBytes;
        if (tooLarge) {
            skip = size + 2;
        } else {
            bulkBytes = (int) size;
        }
        return true;
    }

    private boolean readBulk() {
        if (limit - position < bulkBytes + 2) {
            return false;
        }
        words.add(position, bulkBytes);
        position += bulkBytes + 2;
        bulkBytes = -1;
        wordsLeft--;
        found = wordsLeft == 0;
        return true;
    }

    private boolean readLine() throws ProtocolError {
        int end = position;
        int last = Math.min(limit, position + MOST_LINE_BYTES);
        while (end < last && array[end] != '\n') {
            end++;
        }
        if (end == last) {
            if (limit - position >= MOST_LINE_BYTES) {
                throw new ProtocolError("too big inline request");
            }
            return false;
        }
        int textEnd = end > position && array[end - 1] == '\r' ? end - 1 : end;
        InlineSplitter.split(Arrays.copyOfRange(array, position, textEnd), words);
        position = end + 1;
        found = words.count() > 0;
        if (!found) {
            start = position;
        }
        return true;
    }

    /// Where the carriage return of the line at `position` is; -1 if it or the byte after it has
    /// not come.
    private int lineEnd(String otherwise) throws ProtocolError {
        int last = Math.min(limit, position + MOST_LINE_BYTES);
        for (int end = position; end < last; end++) {
            if (array[end] == '\r') {
                return end + 1 < limit ? end : -1;
            }
        }
        if (limit - position >= MOST_LINE_BYTES) {
            throw new ProtocolError(otherwise);
        }
        return -1;
    }

    /// A number as Redis reads it; `Long.MIN_VALUE` if it is none, or far out of range.
    private long number(int from, int end) {
        boolean negative = from < end && array[from] == '-';
        int first = negative ? from + 1 : from;
        if (first >= end
                || end - first > 18
                || (array[first] == '0' && (negative || end - first > 1))) {
            return Long.MIN_VALUE;
        }
        long value = 0;
        for (int i = first; i < end; i++) {
            int digit = array[i] - '0';
            if (digit < 0 || digit > 9) {
                return Long.MIN_VALUE;
            }
            value = value * 10 + digit;
        }
        return negative ? -value : value;
    }

    /// What is held has moved to the start of `to`.
    private void moveTo(byte[] to, int held) {
        if (words.array() == array) {
            words.move(to, -start);
        }
        position -= start;
        start = 0;
        limit = held;
        array = to;
        int own = to == scratch.memory ? 0 : to.length;
        scratch.heldBytes += own - ownBytes;
        ownBytes = own;
    }

    private static int roomFor(int bytes) {
        return (int) Math.min(Integer.MAX_VALUE - 8, Math.max(256, bytes + (long) bytes / 2));
    }
}

package dev.lockstep.services.kv;

import java.util.Arrays;

/// Writes requests in the encoding that the package describes. Reusable; not thread-safe.
public final class CommandWriter {

    private byte[] array;
    private int size;

    /// A writer with room for a small command.
    public CommandWriter() {
        this.array = new byte[256];
    }

    /// Starts over with a request of one command, whose arguments follow.
    public CommandWriter command(KvCommand command, int arguments) {
        size = 0;
        require(2);
        array[size++] = KvStateMachine.VERSION;
        array[size++] = KvStateMachine.FORM_COMMAND;
        return part(command, arguments);
    }

    /// Starts over with a transaction, whose watched keys follow.
    public CommandWriter transaction(int watched) {
        size = 0;
        require(2);
        array[size++] = KvStateMachine.VERSION;
        array[size++] = KvStateMachine.FORM_TRANSACTION;
        return number(watched);
    }

    /// Appends a watched key and what `WATCH` had answered for it.
    public CommandWriter watched(byte[] key, long version) {
        argument(key, 0, key.length);
        require(Long.BYTES);
        for (int shift = 56; shift >= 0; shift -= 8) {
            array[size++] = (byte) (version >>> shift);
        }
        return this;
    }

    /// Appends the number of a transaction's commands, which follow: each a [#part], or [#raw].
    public CommandWriter commands(int count) {
        return number(count);
    }

    /// Starts over with one command of a transaction that is to be put together later.
    public CommandWriter clear() {
        size = 0;
        return this;
    }

    /// Appends a command of a transaction, whose arguments follow.
    public CommandWriter part(KvCommand command, int arguments) {
        return number(command.code()).number(arguments);
    }

    /// Appends what another writer has written: whole parts.
    public CommandWriter raw(CommandWriter parts) {
        require(parts.size);
        System.arraycopy(parts.array, 0, array, size, parts.size);
        size += parts.size;
        return this;
    }

    /// Appends the next argument.
    public CommandWriter argument(byte[] source, int offset, int length) {
        number(length);
        require(length);
        System.arraycopy(source, offset, array, size, length);
        size += length;
        return this;
    }

    /// How many bytes were written.
    public int size() {
        return size;
    }

    /// The array that holds the bytes 0 to `size() - 1`; valid until the next write.
    public byte[] array() {
        return array;
    }

    /// A copy of what was written.
    public byte[] toByteArray() {
        return Arrays.copyOf(array, size);
    }

    /// Frees memory that a large request has taken.
    public void trim(int mostBytes) {
        if (array.length > mostBytes) {
            array = new byte[mostBytes];
            size = 0;
        }
    }

    private CommandWriter number(int value) {
        require(5);
        int rest = value;
        while (rest > 0x7f) {
            array[size++] = (byte) (rest | 0x80);
            rest >>>= 7;
        }
        array[size++] = (byte) rest;
        return this;
    }

    private void require(int more) {
        int needed = Math.addExact(size, more);
        if (needed > array.length) {
            array =
                    Arrays.copyOf(
                            array,
                            (int)
                                    Math.min(
                                            Integer.MAX_VALUE - 8,
                                            Math.max(needed, 2L * array.length)));
        }
    }
}

package dev.lockstep.services.kv;

import dev.lockstep.core.wire.MalformedException;

import java.nio.ByteBuffer;

/// A request's bytes as somebody would type the command: `SET a 1`, or
/// `MULTI; SET a 1; INCR b; EXEC`. What is not printable is written as in C, what is long is cut.
final class CommandWords {

    private static final int SHOWN_BYTES = 64;
    private static final int MOST_CHARACTERS = 200;

    private final Arguments args = new Arguments();
    private final StringBuilder line = new StringBuilder();

    private CommandWords() {}

    static String of(ByteBuffer request) {
        CommandWords words = new CommandWords();
        try {
            words.read(request);
            return words.line.toString();
        } catch (MalformedException noRequest) {
            return "";
        }
    }

    private void read(ByteBuffer request) {
        args.reset(request);
        if (args.readByte() != KvStateMachine.VERSION) {
            throw new MalformedException("another version");
        }
        if (args.readByte() == KvStateMachine.FORM_COMMAND) {
            putCommand();
            return;
        }
        for (int left = readCount(); left > 0; left--) {
            args.readOne();
            var _ = args.readLong();
            line.append("WATCH");
            putArgument(1);
            line.append("; ");
        }
        line.append("MULTI; ");
        for (int left = readCount(); left > 0 && line.length() < MOST_CHARACTERS; left--) {
            putCommand();
            line.append("; ");
        }
        line.append("EXEC");
    }

    private int readCount() {
        return args.readNumber(args.remaining(), "a count");
    }

    private void putCommand() {
        KvCommand command = CommandTable.find(args.readNumber(0xffff, "the code of a command"));
        if (command == null) {
            throw new MalformedException("the code of a command is not known");
        }
        args.readAll(readCount());
        line.append(command.spec().name().toUpperCase(java.util.Locale.ROOT));
        for (int i = 1; i < args.count() && line.length() < MOST_CHARACTERS; i++) {
            putArgument(i);
        }
    }

    private void putArgument(int argument) {
        line.append(' ');
        int length = args.length(argument);
        boolean isPlain = length > 0;
        for (int i = 0; i < Math.min(length, SHOWN_BYTES); i++) {
            int each = byteOf(argument, i);
            isPlain &= each > ' ' && each < 0x7f && each != '"' && each != '\\' && each != ';';
        }
        line.append(isPlain ? "" : "\"");
        for (int i = 0; i < Math.min(length, SHOWN_BYTES); i++) {
            putByte(byteOf(argument, i));
        }
        line.append(length > SHOWN_BYTES ? "… (%d bytes)".formatted(length) : "");
        line.append(isPlain ? "" : "\"");
    }

    private int byteOf(int argument, int index) {
        return args.array()[args.start(argument) + index] & 0xff;
    }

    private void putByte(int each) {
        if (each == '"' || each == '\\') {
            line.append('\\').append((char) each);
        } else if (each >= ' ' && each < 0x7f) {
            line.append((char) each);
        } else {
            line.append("\\x%02x".formatted(each));
        }
    }
}

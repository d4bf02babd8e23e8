package dev.lockstep.node;

import dev.lockstep.api.CommandContext;
import dev.lockstep.api.FrozenState;
import dev.lockstep.api.QueryContext;
import dev.lockstep.api.ReplyBuffer;
import dev.lockstep.api.StateMachine;

import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.util.SplittableRandom;

/// Pages of bytes, each written as a whole: a state of some size.
final class Pages implements StateMachine {

    private static final int PAGES = 64;
    private static final int PAGE_BYTES = 500;

    private final byte[] content = new byte[PAGES * PAGE_BYTES];

    /// A command that writes some page.
    static byte[] write(SplittableRandom random) {
        byte[] command = new byte[1 + PAGE_BYTES];
        random.nextBytes(command);
        command[0] = (byte) random.nextInt(PAGES);
        return command;
    }

    @Override
    public void apply(CommandContext context, ByteBuffer command, ReplyBuffer reply) {
        int page = command.get();
        command.get(content, page * PAGE_BYTES, PAGE_BYTES);
        reply.putLong(page);
    }

    @Override
    public void query(QueryContext context, ByteBuffer query, ReplyBuffer reply) {
        reply.putLong(content[query.getInt()]);
    }

    @Override
    public FrozenState snapshot() {
        byte[] frozen = content.clone();
        return out -> out.write(frozen);
    }

    @Override
    public void restore(InputStream in) throws IOException {
        byte[] read = in.readNBytes(content.length);
        System.arraycopy(read, 0, content, 0, content.length);
    }
}

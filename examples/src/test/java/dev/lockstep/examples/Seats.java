package dev.lockstep.examples;

import dev.lockstep.api.*;

import java.io.*;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.TreeMap;

/// Twenty seats. A command is a name, which gets the first free seat and is told its number, or 0
/// if none is free. A query asks how many are taken.
class Seats implements StateMachine {
    private static final int SEATS = 20;

    private final TreeMap<Integer, String> taken = new TreeMap<>();

    @Override
    public void apply(CommandContext context, ByteBuffer command, ReplyBuffer reply) {
        int seat = choose();
        if (seat != 0) {
            taken.put(seat, StandardCharsets.UTF_8.decode(command).toString());
        }
        reply.putUtf8("seat " + seat);
    }

    /// A seat that is free, 0 if none is.
    int choose() {
        for (int seat = 1; seat <= SEATS; seat++) {
            if (!taken.containsKey(seat)) {
                return seat;
            }
        }
        return 0;
    }

    @Override
    public void query(QueryContext context, ByteBuffer query, ReplyBuffer reply) {
        reply.putUtf8(taken.size() + " taken");
    }

    @Override
    public FrozenState snapshot() {
        var frozen = new TreeMap<>(taken);
        return out -> {
            DataOutputStream data = new DataOutputStream(out);
            data.writeInt(frozen.size());
            for (var entry : frozen.entrySet()) {
                data.writeInt(entry.getKey());
                data.writeUTF(entry.getValue());
            }
        };
    }

    @Override
    public void restore(InputStream in) throws IOException {
        DataInputStream data = new DataInputStream(in);
        taken.clear();
        for (int left = data.readInt(); left > 0; left--) {
            taken.put(data.readInt(), data.readUTF());
        }
    }
}

package dev.lockstep.testkit.simulator;

import dev.lockstep.api.CommandContext;
import dev.lockstep.api.FrozenState;
import dev.lockstep.api.QueryContext;
import dev.lockstep.api.ReplyBuffer;
import dev.lockstep.api.StateMachine;

import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.random.RandomGenerator;

/// Accounts with a hundred each. A command moves an amount, if there is as much, and replies 1 or 0
/// and the two balances; the query asks for all balances.
final class BankMachine implements StateMachine {

    static final int ACCOUNTS = 5;
    static final int BEGINNING = 100;

    private final long[] balances = new long[ACCOUNTS];

    BankMachine() {
        Arrays.fill(balances, BEGINNING);
    }

    /// Transfers between any two accounts, of more than there is now and then.
    static final class Transfers implements Requests {
        @Override
        public byte[] command(RandomGenerator random) {
            int from = random.nextInt(ACCOUNTS);
            int to = (from + 1 + random.nextInt(ACCOUNTS - 1)) % ACCOUNTS;
            return new byte[] {(byte) from, (byte) to, (byte) random.nextInt(BEGINNING)};
        }

        @Override
        public byte[] query(RandomGenerator random) {
            return new byte[0];
        }
    }

    /// Money is neither made nor lost, and nobody owes any.
    static final class Conserved implements ReplyCheck {
        @Override
        public void onCommand(CommandContext context, ByteBuffer command, ByteBuffer reply) {
            reply.get();
            while (reply.hasRemaining()) {
                check(reply.getLong() >= 0, "nobody owes any");
            }
        }

        @Override
        public void onQuery(QueryContext context, ByteBuffer query, ByteBuffer reply) {
            long sum = 0;
            for (int i = 0; i < ACCOUNTS; i++) {
                sum += reply.getLong();
            }
            check(sum == ACCOUNTS * BEGINNING, "money is neither made nor lost: " + sum);
        }

        private static void check(boolean holds, String promise) {
            if (!holds) {
                throw new AssertionError(promise);
            }
        }
    }

    static final SimulatedService SERVICE =
            SimulatedService.of(BankMachine::new, Transfers::new).withCheck(Conserved::new);

    @Override
    public void apply(CommandContext context, ByteBuffer command, ReplyBuffer reply) {
        int from = command.get();
        int to = command.get();
        int amount = command.get();
        boolean isCovered = amount <= balances[from];
        if (isCovered) {
            balances[from] -= amount;
            balances[to] += amount;
        }
        reply.putByte(isCovered ? 1 : 0).putLong(balances[from]).putLong(balances[to]);
    }

    @Override
    public void query(QueryContext context, ByteBuffer query, ReplyBuffer reply) {
        for (long balance : balances) {
            reply.putLong(balance);
        }
    }

    @Override
    public FrozenState snapshot() {
        long[] frozen = balances.clone();
        return out -> {
            DataOutputStream data = new DataOutputStream(out);
            for (long balance : frozen) {
                data.writeLong(balance);
            }
        };
    }

    @Override
    public void restore(InputStream in) throws IOException {
        DataInputStream data = new DataInputStream(in);
        for (int i = 0; i < ACCOUNTS; i++) {
            balances[i] = data.readLong();
        }
    }
}

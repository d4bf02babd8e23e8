package dev.lockstep.testkit.simulator;

import dev.lockstep.core.port.ClientPort;
import dev.lockstep.core.wire.Bytes;
import dev.lockstep.core.wire.ClientReply;

import java.util.Arrays;
import java.util.TreeMap;

/// The way back to clients of a replica that lies to them.
final class LyingReplies implements ClientPort {

    private static final byte[] SENTENCE = {'n', 'o'};

    private final Liar liar;
    private final ClientPort clients;

    /// By connection: what was answered last.
    private final TreeMap<Long, Bytes> last = new TreeMap<>();

    /// What anybody was answered last.
    private Bytes lastOfAll = Bytes.EMPTY;

    LyingReplies(Liar liar, ClientPort clients) {
        this.liar = liar;
        this.clients = clients;
    }

    @Override
    public void reply(
            long connection,
            ClientReply.Kind kind,
            ClientReply.Status status,
            long session,
            long sequence,
            long position,
            byte[] bytes,
            int offset,
            int length) {
        byte[] right = Arrays.copyOfRange(bytes, offset, offset + length);
        boolean isResult =
                status == ClientReply.Status.OK
                        && (kind == ClientReply.Kind.COMMAND || kind == ClientReply.Kind.QUERY);
        byte[] said = isResult ? lie(connection, right) : right;
        ClientReply.Status told = status;
        if (isResult && liar.tells(Lie.FALSE_REFUSALS)) {
            told = ClientReply.Status.REFUSED;
            said = SENTENCE;
        }
        if (isResult && liar.tells(Lie.TWO_REPLIES)) {
            byte[] wrong = wrong(right);
            clients.reply(connection, kind, status, session, sequence, position, Bytes.wrap(wrong));
        }
        clients.reply(connection, kind, told, session, sequence, position, Bytes.wrap(said));
        if (isResult) {
            last.put(connection, Bytes.wrap(right));
            lastOfAll = Bytes.wrap(right);
        }
    }

    private byte[] lie(long connection, byte[] right) {
        Bytes old = last.get(connection);
        if (old != null && liar.tells(Lie.OLD_REPLIES)) {
            return old.toByteArray();
        }
        if (!lastOfAll.isEmpty() && liar.tells(Lie.OTHERS_REPLIES)) {
            return lastOfAll.toByteArray();
        }
        // Always, so that several liars say the same.
        return liar.tells(Lie.WRONG_RESULTS, 1) ? wrong(right) : right;
    }

    private static byte[] wrong(byte[] right) {
        byte[] wrong = right.clone();
        for (int i = 0; i < wrong.length; i++) {
            wrong[i] ^= 1;
        }
        return wrong.length == 0 ? SENTENCE : wrong;
    }

    @Override
    public void preferredEntry(long connection, int replica) {
        clients.preferredEntry(connection, replica);
    }
}

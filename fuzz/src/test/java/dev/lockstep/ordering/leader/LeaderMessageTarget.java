package dev.lockstep.ordering.leader;

import dev.lockstep.core.wire.Bytes;
import dev.lockstep.core.wire.BytesWriter;
import dev.lockstep.core.wire.MalformedException;
import dev.lockstep.fuzz.Target;
import dev.lockstep.ordering.leader.LeaderMessage.Echo;
import dev.lockstep.ordering.leader.LeaderMessage.Pulse;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/// The messages of leader ordering.
public final class LeaderMessageTarget implements Target {

    private static final LeaderCodec CODEC = new LeaderCodec();

    /// The target; it has no state.
    public LeaderMessageTarget() {}

    @Override
    public String name() {
        return "leader-messages";
    }

    @Override
    public boolean takes(byte[] input) {
        LeaderMessage message;
        try {
            message = CODEC.decodeMessage(Bytes.wrap(input));
        } catch (MalformedException refused) {
            return false;
        }
        BytesWriter again = new BytesWriter(input.length);
        CODEC.encodeMessage(message, again);
        if (!again.toBytes().equals(Bytes.wrap(input))) {
            throw new AssertionError(message + " is encoded as " + again.toBytes());
        }
        return true;
    }

    @Override
    public Map<String, byte[]> seeds() {
        Mark mark = new Mark(7, 3, 0x1122334455667788L);
        Pulse pulse = new Pulse(5, 6, 7, true);
        Echo echo = new Echo(5, 6, 1_700_000_000_000_000_000L);
        Map<String, byte[]> seeds = new LinkedHashMap<>();
        for (LeaderMessage message :
                List.of(
                        new LeaderMessage.Append(3, mark, 6, pulse, List.of()),
                        new LeaderMessage.AppendAck(3, 8, 7, echo),
                        new LeaderMessage.AppendReject(3, 8, mark, true, echo),
                        new LeaderMessage.Behind(3, 100, pulse),
                        new LeaderMessage.PreVote(4, mark),
                        new LeaderMessage.PreVoteReply(4, true, 9),
                        new LeaderMessage.RequestVote(4, mark, true),
                        new LeaderMessage.Vote(4, false, 9),
                        new LeaderMessage.TimeoutNow(3),
                        new LeaderMessage.Forward(3, 16, Examples.batch("payload")),
                        new LeaderMessage.ProposeStop(3, Examples.sign()),
                        new LeaderMessage.ReadRequest(3, 12, -1),
                        new LeaderMessage.ReadReply(3, 12, -1, 99))) {
            seeds.put(message.getClass().getSimpleName(), encoded(message));
        }
        seeds.put(
                "Append-entries",
                encoded(new LeaderMessage.Append(4, mark, 6, pulse, Examples.entries())));
        return seeds;
    }

    private static byte[] encoded(LeaderMessage message) {
        BytesWriter out = new BytesWriter(256);
        CODEC.encodeMessage(message, out);
        return out.toBytes().toByteArray();
    }
}

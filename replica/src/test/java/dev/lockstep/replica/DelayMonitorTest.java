package dev.lockstep.replica;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lockstep.core.Now;
import dev.lockstep.core.ReplicaId;
import dev.lockstep.core.wire.Bytes;
import dev.lockstep.core.wire.BytesWriter;

import org.junit.jupiter.api.Test;

import java.util.ArrayList;
import java.util.List;

/// How a replica notices that messages take longer than its order relies on. Four members, one may
/// lie, the bound is 1,000.
class DelayMonitorTest {

    private final Group group = new Group(4);
    private final List<String> told = new ArrayList<>();
    private final List<String> sent = new ArrayList<>();
    private final CurrentReign current =
            Group.reign(
                    ReplicaOptions.of(
                            Group.CLUSTER,
                            new ReplicaId(1),
                            Group.incarnation(new ReplicaId(1)),
                            1,
                            group.members));
    private final DelayMonitor monitor = monitor();

    private DelayMonitor monitor() {
        ReplicaListener listener =
                new ReplicaListener() {
                    @Override
                    public void onDelayBroken(ReplicaId who, long tookNanos, long boundNanos) {
                        told.add(who + " took " + tookNanos);
                    }
                };
        return new DelayMonitor(
                1_000,
                new Jury(_ -> 2, false),
                current,
                new CurrentEngine(),
                (to, head, body, token) -> sent.add(PeerFrames.kind(head) + " to " + to),
                listener);
    }

    private void answer(int from, long stamp, long at) {
        Bytes content = new BytesWriter(8).putLong(stamp).toBytes();
        monitor.onFrame(
                new Now(at, 0), Group.member(new ReplicaId(from)), DelayMonitor.PONG, content);
    }

    @Test
    void one_late_member_may_be_a_liar_and_two_are_not() {
        answer(2, 0, 5_000);
        assertThat(monitor.violations()).isEqualTo(1);
        assertThat(monitor.suspects(5_000)).isFalse();

        answer(3, 4_000, 5_500);

        assertThat(monitor.suspects(5_500)).isTrue();
        assertThat(monitor.suspects(15_500)).isFalse();
        assertThat(told).containsExactly("3 took 1500");
    }

    @Test
    void what_was_late_long_ago_counts_no_more_and_what_is_in_time_never() {
        answer(2, 0, 5_000);
        answer(3, 19_000, 20_500);
        answer(4, 20_000, 20_500);

        assertThat(monitor.violations()).isEqualTo(2);
        assertThat(monitor.suspects(20_500)).isFalse();
    }

    @Test
    void a_question_is_answered_and_nobody_is_asked_without_a_protocol() {
        Bytes content = new BytesWriter(8).putLong(7).toBytes();
        monitor.onFrame(new Now(9, 0), Group.member(new ReplicaId(2)), DelayMonitor.PING, content);
        monitor.advance(new Now(9, 0));

        assertThat(sent).containsExactly("24 to 2");
        assertThat(monitor.nextDeadlineNanos()).isEqualTo(Long.MAX_VALUE);
    }
}

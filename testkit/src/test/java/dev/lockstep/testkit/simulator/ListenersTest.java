package dev.lockstep.testkit.simulator;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lockstep.core.BatchId;
import dev.lockstep.core.Incarnation;
import dev.lockstep.core.ReplicaId;
import dev.lockstep.replica.ReplicaListener;

import org.junit.jupiter.api.Test;

import java.util.ArrayList;
import java.util.List;

/// Both hear everything, and what one throws ends the run.
class ListenersTest {

    private static ReplicaListener noting(String name, List<String> heard) {
        return new ReplicaListener() {
            @Override
            public void onSessionOpened(long position, long session) {
                heard.add(name + " opened " + session + " at " + position);
            }

            @Override
            public void onRepeated(long position, BatchId batch) {
                throw new Violation(name);
            }
        };
    }

    @Test
    void bothHearInOrder() {
        List<String> heard = new ArrayList<>();
        ReplicaListener both = Listeners.of(noting("one", heard), noting("two", heard));
        both.onSessionOpened(3, 7);
        both.onRelease(5);
        assertThat(heard).containsExactly("one opened 7 at 3", "two opened 7 at 3");
        assertThat(both.toString()).isNotEmpty();
    }

    @Test
    void aViolationLeavesAsItIs() {
        ReplicaListener both = Listeners.of(ReplicaListener.NONE, noting("two", new ArrayList<>()));
        BatchId batch = new BatchId(new ReplicaId(1), new Incarnation(7, 1), 1, 1);
        assertThatThrownBy(() -> both.onRepeated(1, batch))
                .isInstanceOf(Violation.class)
                .hasMessage("two");
    }

    @Test
    void nobodyNeedNotBeTold() {
        ReplicaListener one = noting("one", new ArrayList<>());
        assertThat(Listeners.of(one, ReplicaListener.NONE)).isSameAs(one);
    }
}

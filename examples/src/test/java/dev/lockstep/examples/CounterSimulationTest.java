package dev.lockstep.examples;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lockstep.api.*;
import dev.lockstep.testkit.simulator.*;

import org.junit.jupiter.api.Test;

import java.nio.ByteBuffer;
import java.util.random.RandomGenerator;

final class CounterSimulationTest {

    /// What clients ask for.
    static final class Additions implements Requests {
        @Override
        public byte[] command(RandomGenerator random) {
            return ByteBuffer.allocate(8).putLong(random.nextInt(100)).array();
        }

        @Override
        public byte[] query(RandomGenerator random) {
            return new byte[0];
        }
    }

    /// What they must be told, call after call in the order of execution.
    static final class Sum implements ReplyCheck {
        private long sum;

        @Override
        public void onCommand(CommandContext context, ByteBuffer command, ByteBuffer reply) {
            sum += command.getLong();
            assertThat(reply.getLong()).isEqualTo(sum);
        }

        @Override
        public void onQuery(QueryContext context, ByteBuffer query, ByteBuffer reply) {
            assertThat(reply.getLong()).isEqualTo(sum);
        }
    }

    @Test
    void the_counter_survives_whatever_happens() {
        SimulatedService counter =
                SimulatedService.of(CounterMachine::new, Additions::new).withCheck(Sum::new);
        SimulationSetup setup = SimulationSetup.of("leader").withService(counter);
        SimulationRunner.of(setup).run(1, 50).requireNoFailure();
    }
}

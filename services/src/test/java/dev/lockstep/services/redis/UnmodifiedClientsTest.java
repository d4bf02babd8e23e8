package dev.lockstep.services.redis;

import org.junit.jupiter.api.Test;

/// Java's usual clients against the port.
final class UnmodifiedClientsTest {

    @Test
    void jedisWorks() {
        try (LocalPort port = LocalPort.start()) {
            UnmodifiedClients.jedis(port.port());
        }
    }

    @Test
    void lettuceWorks() {
        try (LocalPort port = LocalPort.start()) {
            UnmodifiedClients.lettuce(port.port());
        }
    }
}

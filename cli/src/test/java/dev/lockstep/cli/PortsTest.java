package dev.lockstep.cli;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;

final class PortsTest {

    private static final InetAddress LOOPBACK = InetAddress.getLoopbackAddress();

    @Test
    void a_taken_port_is_passed_over() throws IOException {
        int port = new Ports(LOOPBACK).any();
        try (ServerSocket taken = new ServerSocket()) {
            taken.bind(new InetSocketAddress(LOOPBACK, port));
            assertThat(new Ports(LOOPBACK).isFree(port)).isFalse();
            assertThat(new Ports(LOOPBACK).near(port)).isGreaterThan(port);
        }
    }

    @Test
    void no_port_is_given_twice() {
        Ports ports = new Ports(LOOPBACK);
        int first = ports.any();
        assertThat(ports.near(first)).isNotEqualTo(first);
    }
}

package dev.lockstep.examples;

import dev.lockstep.testkit.junit.SimulatedTest;
import dev.lockstep.testkit.simulator.*;

class CarelessSeatsExperiment {

    @SimulatedTest(machine = CarelessSeats.class, replicas = 3, seeds = 200)
    void everybody_gets_a_seat(SimulatedCluster cluster) {
        SimulatedClient client = cluster.client();
        cluster.crash(cluster.awaitLeader());
        for (int i = 0; i < 20; i++) {
            client.send(new byte[] {'A'});
        }
    }
}

package dev.lockstep.cli.soak;

import dev.lockstep.cli.RedisConnection;
import dev.lockstep.testkit.history.KeyValueModel;
import dev.lockstep.testkit.history.Linearizability;
import dev.lockstep.testkit.history.LinearizabilityChecker;
import dev.lockstep.testkit.history.Operation;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.SortedSet;

/// Clients work, faults come and go, and what the clients saw is judged.
///
/// Threading: one thread.
final class Round {

    private final int number;
    private final Episode episode;
    private final SoakCluster cluster;
    private final SoakLoad load;
    private final Carried carried;

    Round(int number, Episode episode, SoakCluster cluster, SoakLoad load, Carried carried) {
        this.number = number;
        this.episode = episode;
        this.cluster = cluster;
        this.load = load;
        this.carried = carried;
    }

    /// Runs it to its end.
    ///
    /// @throws ViolationException if something that must hold does not
    void run() throws IOException, InterruptedException, ViolationException {
        load.begin(number);
        try {
            load.awaitProgress("before anything is done");
            carryOut();
            cluster.awaitServing();
            cluster.awaitRightTime(cluster.replicas());
            load.awaitProgress("after " + episode);
        } finally {
            load.pause();
        }
        readEverything();
        cluster.awaitEqualStates();
        load.check();
        judge();
        carried.take(number, history());
        load.witness().retainAll(carried.keys());
        load.check();
    }

    private void carryOut() throws IOException, InterruptedException, ViolationException {
        try {
            for (Fault fault : episode.faults()) {
                fault.begin();
            }
            long halfMillis = episode.hold().toMillis() / 2;
            Thread.sleep(halfMillis);
            for (Fault fault : episode.faults()) {
                fault.stir();
            }
            Thread.sleep(halfMillis);
            if (!episode.stopsAll()) {
                load.awaitProgress("during " + episode);
            }
        } finally {
            undo();
        }
    }

    /// Everything, also if some of it fails; the last first, because it lies over the others.
    private void undo() throws IOException, InterruptedException, ViolationException {
        IOException failure = null;
        for (Fault fault : episode.faults().reversed()) {
            try {
                fault.end();
            } catch (IOException e) {
                failure = e;
            }
        }
        if (failure != null) {
            throw failure;
        }
    }

    /// Through every replica: what is there in the end is part of the history.
    private void readEverything() throws InterruptedException, ViolationException {
        SortedSet<String> keys = carried.keys();
        keys.addAll(Keys.all(number));
        for (SoakReplica replica : cluster.replicas()) {
            Patience.until(
                    "a read of every key through " + replica,
                    () -> {
                        replica.check();
                        return read(replica, List.copyOf(keys));
                    });
        }
    }

    private boolean read(SoakReplica replica, List<String> keys) {
        List<Witness.Call> calls = new ArrayList<>();
        List<List<String>> words = new ArrayList<>();
        for (String key : keys) {
            calls.add(load.witness().invoke(0, key, "get", ""));
            words.add(List.of("GET", key));
        }
        try (RedisConnection redis =
                new RedisConnection(replica.ports().host(), replica.ports().redis())) {
            List<String> values = redis.askAll(words);
            for (int i = 0; i < calls.size(); i++) {
                calls.get(i).returned(values.get(i));
            }
            return true;
        } catch (IOException notNow) {
            calls.forEach(Witness.Call::hadNoEffect);
            return false;
        }
    }

    /// What is to be explained: this round, on top of what is known of former ones.
    List<Operation> history() {
        List<Operation> all = carried.operations();
        all.addAll(load.witness().history().operations());
        return all;
    }

    /// What was found, with the operations that show it: a check that came first may have seen no
    /// more than a consequence.
    ViolationException explain(ViolationException found) {
        if (!found.window().isEmpty()) {
            return found;
        }
        try {
            judge();
            return found;
        } catch (ViolationException shown) {
            return new ViolationException(
                    found.sentence() + "; and " + shown.sentence(), shown.window());
        }
    }

    /// @throws ViolationException if no order explains what the clients saw
    void judge() throws ViolationException {
        switch (new LinearizabilityChecker(new KeyValueModel()).check(history())) {
            case Linearizability.Holds _ -> {
                // As it must be.
            }
            case Linearizability.Violated found ->
                    throw Witness.violation(
                            found.key(), found.culprit().toString(), found.window());
            case Linearizability.Undecided open ->
                    throw new ViolationException(
                            "the history of key %s could not be judged within %d configurations"
                                    .formatted(open.key(), open.configurations()));
        }
    }
}

package dev.lockstep.node;

import dev.lockstep.core.wire.ClientReply;
import dev.lockstep.node.NodeView.Sample;

import io.micrometer.core.instrument.DistributionSummary;
import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MultiGauge;
import io.micrometer.core.instrument.Tags;
import io.micrometer.core.instrument.Timer;
import io.micrometer.core.instrument.binder.jvm.JvmGcMetrics;
import io.micrometer.core.instrument.binder.jvm.JvmMemoryMetrics;
import io.micrometer.core.instrument.binder.jvm.JvmThreadMetrics;
import io.micrometer.core.instrument.binder.system.ProcessorMetrics;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;

import org.jspecify.annotations.Nullable;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.ToDoubleFunction;

/// What a node measures, in Prometheus's format.
///
/// The loop hands over the values of a moment; the page is written on another thread, which is all
/// that a scrape costs the loop.
///
/// Threading: one thread at a time.
final class PrometheusPage implements AutoCloseable {

    private static final Duration[] SYNC_BUCKETS = {
        Duration.ofNanos(50_000),
        Duration.ofNanos(100_000),
        Duration.ofNanos(200_000),
        Duration.ofNanos(500_000),
        Duration.ofMillis(1),
        Duration.ofMillis(2),
        Duration.ofMillis(5),
        Duration.ofMillis(10),
        Duration.ofMillis(50),
        Duration.ofMillis(200),
        Duration.ofSeconds(1)
    };

    private static final double[] GROUP_BUCKETS = {
        256, 1024, 4096, 16_384, 65_536, 262_144, 1_048_576, 4_194_304, 16_777_216
    };

    private final PrometheusMeterRegistry registry =
            new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);
    private final JvmGcMetrics gcMetrics = new JvmGcMetrics();
    private final MultiGauge orderValues =
            MultiGauge.builder("lockstep.order.value")
                    .description("Numbers of the ordering protocol, such as its term and commit")
                    .register(registry);
    private final MultiGauge orderStates =
            MultiGauge.builder("lockstep.order.state")
                    .description("1 for each word of the ordering protocol, such as its role")
                    .register(registry);

    /// The moment that is shown; null before the replica has recovered.
    private volatile @Nullable Sample sample;

    PrometheusPage(NodeView view) {
        registry.config()
                .commonTags(
                        Tags.of(
                                "cluster",
                                view.cluster().toString(),
                                "replica",
                                view.config().self().toString()));
        Gauge.builder("lockstep.info", () -> 1)
                .description("1, with the build and the configuration as tags")
                .tags(
                        "version",
                        Version.text(),
                        "order",
                        view.config().order(),
                        "faults",
                        YamlSection.written(view.config().faults()),
                        "durability",
                        YamlSection.written(view.config().durability()))
                .register(registry);
        registerRequests();
        registerReplica();
        registerJournal(view.metrics());
        registerConnections();
        new JvmMemoryMetrics().bindTo(registry);
        new JvmThreadMetrics().bindTo(registry);
        new ProcessorMetrics().bindTo(registry);
        gcMetrics.bindTo(registry);
    }

    private void registerRequests() {
        counter(
                "client.requests",
                "Requests received from clients",
                s -> s.metrics().clientRequests);
        counter("client.replies", "Replies given to clients", s -> s.metrics().clientReplies);
        counter(
                "gateway.commands",
                "Commands received on the ports of other protocols, such as Redis",
                s -> s.metrics().gatewayCommands);
        counter("queries", "Queries received from clients and gateways", s -> s.metrics().queries);
        counter("batches", "Batches that this replica admitted", s -> s.metrics().batches);
        counter(
                "batched.requests",
                "Requests in the batches that this replica admitted",
                s -> s.metrics().batchedRequests);
        counter(
                "batches.repeated",
                "Batches that were ordered twice, and skipped the second time",
                s -> s.metrics().repeatedBatches);
        for (ClientReply.Status status : ClientReply.Status.values()) {
            if (status != ClientReply.Status.OK) {
                FunctionCounter.builder(
                                "lockstep.not.admitted",
                                this,
                                page -> page.read(s -> s.metrics().notAdmitted(status)))
                        .description(
                                "Requests that were not admitted, by what their clients were told")
                        .tag("status", YamlSection.written(status))
                        .register(registry);
            }
        }
    }

    private void registerReplica() {
        gauge("serving", "1 while requests are admitted", s -> s.status().serving() ? 1 : 0);
        gauge(
                "member",
                "1 while this replica takes part; 0 while it only follows",
                s -> s.status().member() ? 1 : 0);
        gauge(
                "lives.begun",
                "How often this process has begun a new life because its directory was empty or damaged",
                Sample::livesBegun);
        gauge(
                "entry.known",
                "1 while a member is known that orders requests; 0 without a majority",
                s -> s.status().preferredEntry() == null ? 0 : 1);
        gauge(
                "quarantined",
                "1 while this replica executes nothing because its replies or its state differed from the majority's",
                s -> s.status().quarantineReason() == null ? 0 : 1);
        gauge("epoch", "The epoch that this replica is in", s -> s.status().epoch());
        gauge(
                "executed.position",
                "Position through which batches are executed",
                s -> s.status().executedPosition());
        counter(
                "commands",
                "Commands executed, those replayed at the start included",
                s -> s.status().commands());
        counter(
                "service.failures",
                "Commands and deadlines on which the service threw",
                s -> s.status().serviceFailures());
        gauge(
                "agreed.time.seconds",
                "Agreed time, in seconds since 1970",
                s -> s.status().agreedTimeNanos() / 1e9);
        gauge(
                "sessions",
                "Sessions that have neither ended nor expired",
                s -> s.status().sessions());
        counter("sessions.opened", "Sessions opened", s -> s.metrics().sessionsOpened);
        counter("sessions.closed", "Sessions their clients ended", s -> s.metrics().sessionsClosed);
        counter("sessions.expired", "Sessions that expired", s -> s.metrics().sessionsExpired);
        gauge(
                "in.flight.bytes",
                "Bytes of requests admitted here and not yet executed",
                s -> s.status().inFlightBytes());
        gauge(
                "in.flight.batches",
                "Batches admitted here and not yet executed",
                s -> s.status().inFlightBatches());
        gauge(
                "waiting.requests",
                "Commands whose clients wait here for the reply",
                s -> s.status().waitingRequests());
        gauge(
                "waiting.queries",
                "Queries that wait until this replica has executed far enough",
                s -> s.status().waitingQueries());
        gauge(
                "held.sends",
                "Messages to members that wait until the journal is durable",
                s -> s.status().heldSends());
    }

    private void registerJournal(NodeMetrics metrics) {
        gauge(
                "snapshot.position",
                "Position of the newest snapshot; 0 without one",
                s -> s.status().snapshotPosition());
        counter("snapshots", "Snapshots written", s -> s.metrics().snapshots);
        counter(
                "snapshots.failed",
                "Snapshots for which there was no room",
                s -> s.metrics().snapshotsFailed);
        gauge(
                "journal.first.sequence",
                "Sequence of the first record that the journal still has",
                s -> s.status().firstSequence());
        gauge(
                "journal.sequence",
                "Sequence of the last record of the journal",
                s -> s.status().journalSequence());
        gauge(
                "journal.durable.sequence",
                "Sequence through which the journal is durable",
                s -> s.status().durableSequence());
        gauge(
                "journal.pending.bytes",
                "Bytes appended to the journal and not yet durable",
                Sample::journalPendingBytes);
        gauge("journal.has.room", "0 while the disk is full", s -> s.journalHasRoom() ? 1 : 0);
        Timer sync =
                Timer.builder("lockstep.journal.sync")
                        .description(
                                "Time to write and sync a group of records, since the first scrape")
                        .serviceLevelObjectives(SYNC_BUCKETS)
                        .register(registry);
        DistributionSummary group =
                DistributionSummary.builder("lockstep.journal.group.bytes")
                        .description("Size of a group of records, since the first scrape")
                        .serviceLevelObjectives(GROUP_BUCKETS)
                        .register(registry);
        metrics.observeGroups(
                (bytes, nanos) -> {
                    sync.record(Duration.ofNanos(nanos));
                    group.record((double) bytes);
                });
    }

    private void registerConnections() {
        counter(
                "forged.messages",
                "Messages of members whose signatures were not genuine",
                s -> s.metrics().forgedMessages);
        counter(
                "forged.requests",
                "Requests that no client of the cluster has signed",
                s -> s.metrics().forgedRequests);
        counter(
                "evidence",
                "How often it was proved that a member lies",
                s -> s.metrics().evidence().values().stream().mapToLong(Long::longValue).sum());
        gauge("client.connections", "Clients that are connected", Sample::clients);
        counter("clients.accepted", "Clients that connected", s -> s.metrics().clientsAccepted);
        counter(
                "clients.too.slow",
                "Clients disconnected for not reading their replies",
                s -> s.metrics().clientsTooSlow);
        gauge(
                "client.pending.bytes",
                "Bytes of replies that wait to be sent",
                Sample::clientPendingBytes);
        gauge("peers.connected", "Members that are connected", Sample::peers);
        counter(
                "peers.lost",
                "Connections to members that were lost or could not be made",
                s -> s.metrics().peersLost);
        counter(
                "journal.mendings",
                "Times at which the journal was damaged and is again as it was",
                s -> s.metrics().journalsMended);
        counter(
                "journal.records.repaired",
                "Damaged records of the journal that came back from other replicas",
                s -> s.metrics().recordsRepaired);
        counter(
                "snapshots.damaged",
                "Snapshots that were found damaged and passed over or replaced",
                Sample::snapshotsDamaged);
        counter(
                "quarantines",
                "Times at which this replica was found to differ from the majority",
                Sample::quarantines);
        counter(
                "states.healed",
                "Times at which it has taken the majority's state for that",
                Sample::statesHealed);
        counter("peer.frames", "Frames received from members", s -> s.metrics().peerFrames);
        gauge(
                "peer.pending.bytes",
                "Bytes of messages to members that wait to be sent",
                Sample::peerPendingBytes);
    }

    private void counter(String name, String description, ToDoubleFunction<Sample> value) {
        FunctionCounter.builder("lockstep." + name, this, page -> page.read(value))
                .description(description)
                .register(registry);
    }

    private void gauge(String name, String description, ToDoubleFunction<Sample> value) {
        Gauge.builder("lockstep." + name, this, page -> page.read(value))
                .description(description)
                .register(registry);
    }

    private double read(ToDoubleFunction<Sample> value) {
        Sample now = sample;
        return now == null ? 0 : value.applyAsDouble(now);
    }

    /// The page with the values of `now`; null while the replica recovers.
    synchronized String show(@Nullable Sample now) {
        sample = now;
        if (now != null) {
            List<MultiGauge.Row<?>> values = new ArrayList<>();
            List<MultiGauge.Row<?>> states = new ArrayList<>();
            now.status()
                    .order()
                    .forEach(
                            (word, value) -> {
                                Long number = Amounts.number(value);
                                if (number == null) {
                                    states.add(
                                            MultiGauge.Row.of(
                                                    Tags.of("word", word, "value", value), 1));
                                } else {
                                    values.add(MultiGauge.Row.of(Tags.of("word", word), number));
                                }
                            });
            orderValues.register(values, true);
            orderStates.register(states, true);
        }
        return registry.scrape();
    }

    @Override
    public void close() {
        gcMetrics.close();
        registry.close();
    }
}

package dev.lockstep.node;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lockstep.api.Client;
import dev.lockstep.replica.ReplicaLimits;
import dev.lockstep.replica.SnapshotOptions;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.CompletableFuture;

/// Flips bits in the files of a stopped replica, one at a time and several, starts it, and looks at
/// what becomes of each: a sample in every build, thousands with `./flip-campaign`.
///
/// What must hold after every start: the replica comes back by itself as a member with the state of
/// the others, whatever was hit, and meanwhile the others take commands.
class FlipCampaignTest {

    private static final int FLIPS = Integer.getInteger("flips.count", 40);
    private static final long SEED = Long.getLong("flips.seed", 1);
    private static final String TABLE = System.getProperty("flips.file", "");

    private static final int SEGMENT_BYTES = 16 << 10;
    private static final SnapshotOptions OFTEN =
            new SnapshotOptions(64 << 10, Long.MAX_VALUE, 1L << 30);

    /// Of so many starts, one has several bits flipped.
    private static final int SEVERAL = 8;

    private static final int MOST_AT_ONCE = 6;

    /// Progress is printed after so many flips.
    private static final int STRIDE = 100;

    @TempDir Path directory;

    private final List<Node> nodes = new ArrayList<>();
    private final SplittableRandom random = new SplittableRandom(SEED);
    private final FlipTable table = new FlipTable();

    @AfterEach
    void stop() {
        nodes.forEach(Node::kill);
    }

    private Node start(NodeConfig config) {
        Node node =
                Node.start(
                        new NodePlan(
                                config,
                                Services.ordering(config.faults(), config.order()),
                                Pages::new,
                                List.of(),
                                StoreSource.directory(config.dataDirectory()),
                                SEGMENT_BYTES,
                                true));
        nodes.add(node);
        return node;
    }

    @Test
    void whateverBitFlipsTheReplicaComesBackWithTheStateOfTheOthers() throws IOException {
        List<NodeConfig> configs = new ArrayList<>();
        TestNodes.cluster(3, directory, Durability.FSYNC, ReplicaLimits.DEFAULT)
                .forEach(config -> configs.add(config.withSnapshots(OFTEN)));
        configs.forEach(Node::init);
        Node first = start(configs.get(0));
        Node second = start(configs.get(1));
        Node third = start(configs.get(2));
        NodeConfig config = configs.get(2);
        try (Client client = TestNodes.clientOf(first)) {
            write(client, 1_000);
            Node begun = third;
            Conditions.await(() -> begun.status().snapshotPosition() > 0);
            int flipped = 0;
            while (flipped < FLIPS) {
                awaitWhole(third, first);
                third.close();
                nodes.remove(third);
                int count = random.nextInt(SEVERAL) > 0 ? 1 : 2 + random.nextInt(MOST_AT_ONCE - 1);
                List<Flip> flips = flip(config, count);
                write(client, 3);
                third = start(config);
                awaitWhole(third, first);
                assertThat(third.stateDigest().state())
                        .as(flips.toString())
                        .isEqualTo(second.stateDigest().state());
                table.note(flips);
                flipped += count;
                if (flipped / STRIDE > (flipped - count) / STRIDE) {
                    System.out.println(flipped + " of " + FLIPS + " bits flipped");
                }
                write(client, random.nextInt(40));
            }
        }
        System.out.println(table.rows());
        if (!TABLE.isEmpty()) {
            Files.writeString(Path.of(TABLE), table.page(SEED));
        }
        assertThat(table.flips()).isGreaterThanOrEqualTo(FLIPS);
    }

    /// The replica is a member, in whatever life, and as far as the other.
    private static void awaitWhole(Node node, Node other) {
        Conditions.await(
                () -> {
                    long position = other.status().executedPosition();
                    return node.status().member()
                            && node.status().epoch() == other.status().epoch()
                            && node.status().executedPosition() == position
                            && other.status().executedPosition() == position;
                });
    }

    private List<Flip> flip(NodeConfig config, int count) throws IOException {
        List<Path> files = Flip.files(config.dataDirectory());
        List<Flip> flips = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            flips.add(Flip.draw(files.get(random.nextInt(files.size())), random));
        }
        for (Flip flip : flips) {
            flip.strike();
        }
        return flips;
    }

    private void write(Client client, int commands) {
        List<CompletableFuture<?>> sent = new ArrayList<>();
        for (int i = 0; i < commands; i++) {
            sent.add(client.command(Pages.write(random)).toCompletableFuture());
            if (sent.size() == 50) {
                sent.forEach(CompletableFuture::join);
                sent.clear();
            }
        }
        sent.forEach(CompletableFuture::join);
    }
}

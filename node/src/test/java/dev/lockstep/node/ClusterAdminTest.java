package dev.lockstep.node;

import static dev.lockstep.node.TestNodes.add;
import static dev.lockstep.node.TestNodes.clientOf;
import static dev.lockstep.node.TestNodes.read;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lockstep.api.Client;
import dev.lockstep.replica.ReplicaLimits;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/// The members of a running cluster change as an operator asks.
@Timeout(120)
class ClusterAdminTest {

    private static final Duration PATIENCE = Duration.ofSeconds(30);

    @TempDir private Path directory;

    private final List<Node> nodes = new ArrayList<>();
    private final List<ChangeProgress> heard = new ArrayList<>();
    private ClusterAdmin admin;

    @BeforeEach
    void start() {
        for (NodeConfig config :
                TestNodes.cluster(3, directory, Durability.OS, ReplicaLimits.DEFAULT)) {
            Node.init(config);
            nodes.add(Node.start(config));
        }
        admin = new ClusterAdmin(nodes.stream().map(ClusterAdminTest::address).toList());
        Conditions.await(() -> nodes.getFirst().status().preferredEntry() != null);
    }

    @AfterEach
    void stop() {
        nodes.forEach(Node::kill);
    }

    private static String address(Node node) {
        return "127.0.0.1:" + node.adminPort();
    }

    private static List<Integer> ids(ClusterMembers members) {
        return members.members().stream().map(ClusterMembers.Entry::id).toList();
    }

    @Test
    void theMembersAreThoseOfTheConfigurationAtFirst() throws Exception {
        ClusterMembers members = admin.members();

        assertThat(members.isMember()).isTrue();
        assertThat(members.epoch()).isEqualTo(1);
        assertThat(members.order()).isEqualTo("leader");
        assertThat(ids(members)).containsExactly(1, 2, 3);
        assertThat(members.learners()).isEmpty();
        assertThat(members.members().get(members.teller() - 1).adminAddress())
                .isEqualTo(address(nodes.get(members.teller() - 1)));
    }

    @Test
    void aMemberGoesAndComesBack() throws Exception {
        long sum;
        try (Client client = clientOf(nodes.get(0))) {
            sum = add(client, 5);
        }
        ClusterMembers removed = admin.remove(3, PATIENCE, heard::add);
        assertThat(ids(removed)).containsExactly(1, 2);
        assertThat(removed.epoch()).isEqualTo(2);
        assertThat(removed.isSettled()).isTrue();
        assertThat(admin.remove(3, PATIENCE, heard::add).epoch()).isEqualTo(2);

        Conditions.await(() -> nodes.get(2).status().epoch() == 2);
        assertThat(nodes.get(2).status().member()).isFalse();
        try (Client client = clientOf(nodes.get(1))) {
            sum = add(client, 1);
        }
        ClusterMembers added = admin.add(3, PATIENCE, heard::add);
        assertThat(ids(added)).containsExactly(1, 2, 3);
        assertThat(added.epoch()).isEqualTo(3);
        assertThat(admin.add(3, PATIENCE, heard::add).epoch()).isEqualTo(3);

        Conditions.await(() -> nodes.get(2).status().serving());
        try (Client client = clientOf(nodes.get(2))) {
            assertThat(read(client)).isEqualTo(sum);
        }
    }

    @Test
    void oneThatFollowsTakesThePlaceOfAMember() throws Exception {
        admin.remove(3, PATIENCE, heard::add);

        ClusterMembers replaced = admin.replace(2, 3, PATIENCE, heard::add);

        assertThat(ids(replaced)).containsExactly(1, 3);
        assertThat(ids(admin.replace(2, 3, PATIENCE, heard::add))).containsExactly(1, 3);
    }

    @Test
    void aMemberThatIsHereNeedsNotBeReplacedByItself() throws Exception {
        assertThat(admin.replace(2, PATIENCE, heard::add).epoch()).isEqualTo(1);
        nodes.get(1).kill();
        // The others notice that it is gone when they do.
        String refusal = "";
        while (refusal.isEmpty()) {
            try {
                var _ = admin.replace(2, Duration.ofMillis(500), heard::add);
            } catch (MemberChangeException refused) {
                refusal = String.valueOf(refused.getMessage());
            }
        }
        assertThat(refusal).contains("replica 2 does not follow the cluster");
    }

    @Test
    void whatCannotBeIsRefusedInASentence() {
        assertThatThrownBy(() -> admin.switchOrder("by-lot", PATIENCE, heard::add))
                .isInstanceOf(MemberChangeException.class)
                .hasMessage(
                        "there is no order by-lot under faults: crash in this build; the order is"
                                + " leader and stays so");
        assertThatThrownBy(() -> admin.switchOrder("by lot&faults=byzantine", PATIENCE, heard::add))
                .isInstanceOf(MemberChangeException.class)
                .hasMessageStartingWith(
                        "there is no order by lot&faults=byzantine under faults: crash");
        assertThatThrownBy(() -> admin.replace(2, 3, PATIENCE, heard::add))
                .isInstanceOf(MemberChangeException.class)
                .hasMessage("replica 3 is a member already; to let replica 2 go, remove it");
        assertThatThrownBy(() -> admin.replace(7, 8, PATIENCE, heard::add))
                .isInstanceOf(MemberChangeException.class)
                .hasMessage("replica 7 is not a member; add replica 8");
        assertThatThrownBy(() -> admin.replace(7, PATIENCE, heard::add))
                .isInstanceOf(MemberChangeException.class)
                .hasMessage("replica 7 is not a member; add it");
    }

    @Test
    void aNewcomerThatDoesNotComeIsNotWaitedForForEver() {
        assertThatThrownBy(() -> admin.add(9, Duration.ofMillis(300), heard::add))
                .isInstanceOf(MemberChangeException.class)
                .hasMessageMatching(
                        "not done after 0 s: replica 9 does not follow the cluster; start it, and"
                                + " see that it reaches replica [123]");
        assertThat(heard).isNotEmpty();
        assertThat(heard)
                .allSatisfy(
                        step -> assertThat(step.phase()).isEqualTo(ChangeProgress.Phase.WAITING));
    }

    @Test
    void theOrderThatIsThereNeedsNoSwitch() throws Exception {
        assertThat(admin.switchOrder("leader", PATIENCE, heard::add).epoch()).isEqualTo(1);
    }

    @Test
    void nobodyIsAskedThatIsNotThere() {
        nodes.forEach(Node::kill);

        assertThatThrownBy(() -> admin.members())
                .isInstanceOf(MemberChangeException.class)
                .hasMessageStartingWith("no replica answers: 127.0.0.1:");
    }

    @Test
    void nonsenseIsAnswered400AndChangesNothing() throws Exception {
        try (HttpClient http = HttpClient.newHttpClient()) {
            for (String path :
                    List.of(
                            "/member",
                            "/member?add=0",
                            "/member?add=x",
                            "/member?add=1&remove=2",
                            "/member?replace=1&with=0",
                            "/switch",
                            "/switch?order=leader&faults=none")) {
                assertThat(send(http, path, "POST").statusCode()).as(path).isEqualTo(400);
            }
            assertThat(send(http, "/member?remove=1", "GET").statusCode()).isEqualTo(405);
            assertThat(send(http, "/switch?order=leader", "GET").statusCode()).isEqualTo(405);
        }
        assertThat(admin.members().epoch()).isEqualTo(1);
    }

    private HttpResponse<String> send(HttpClient http, String path, String method)
            throws Exception {
        return http.send(
                HttpRequest.newBuilder(URI.create("http://" + address(nodes.getFirst()) + path))
                        .method(method, HttpRequest.BodyPublishers.noBody())
                        .build(),
                HttpResponse.BodyHandlers.ofString());
    }
}

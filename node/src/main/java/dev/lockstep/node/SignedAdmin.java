package dev.lockstep.node;

import com.fasterxml.jackson.databind.JsonNode;

import dev.lockstep.core.Member;
import dev.lockstep.core.Membership;
import dev.lockstep.core.ReplicaId;
import dev.lockstep.core.StopSign;
import dev.lockstep.core.wire.Bytes;
import dev.lockstep.core.wire.BytesReader;
import dev.lockstep.core.wire.MalformedException;
import dev.lockstep.core.wire.StopSignCodec;
import dev.lockstep.net.keys.KeyOwner;
import dev.lockstep.net.keys.KeyRefusedException;
import dev.lockstep.net.keys.OperatorKeys;
import dev.lockstep.net.keys.Resilience;
import dev.lockstep.node.ChangeProgress.Phase;
import dev.lockstep.replica.Wish;

import org.jspecify.annotations.Nullable;

import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.function.Consumer;
import java.util.function.Predicate;

/// Changes the members of a cluster of which some may lie: believes of replicas what so many say
/// alike that one of them is honest, and signs what the next epoch is to be.
///
/// Each replica is asked at the admin port that cluster.yaml gives it, and has one voice.
///
/// Threading: one thread at a time.
final class SignedAdmin {

    private static final long POLL_MILLIS = 50;

    /// A newcomer that lacks no more positions is up to date: some are always under way.
    private static final long MOST_BEHIND = 256;

    /// A wish that was brought is brought again after this.
    private static final long AGAIN_NANOS = 1_000_000_000L;

    /// What does not come nearer for so long does not come.
    private static final long STANDS_NANOS = 60_000_000_000L;

    /// Which members there are to be.
    ///
    /// @param gone who is to go; null if nobody is
    /// @param fresh who is to come, in the life that it is in then; null if nobody is
    record Wanted(@Nullable ReplicaId gone, @Nullable ReplicaId fresh) {}

    /// What the replicas say at a time.
    ///
    /// @param begun how the epoch began, as one honest replica at least says
    /// @param pages by replica: what each has answered
    private record View(StopSign begun, SortedMap<ReplicaId, JsonNode> pages) {

        /// How many members of the epoch say something of it.
        int voices(Predicate<JsonNode> says) {
            int voices = 0;
            for (var page : pages.entrySet()) {
                boolean isOfEpoch = page.getValue().path("epoch").asLong() == begun.next().value();
                boolean isMember = begun.members().contains(page.getKey());
                voices += isOfEpoch && isMember && says.test(page.getValue()) ? 1 : 0;
            }
            return voices;
        }
    }

    private final NodeConfig config;
    private final OperatorKeys keys;
    private final Resilience resilience;

    /// @throws ConfigException if the operator's key is not here and in order
    SignedAdmin(NodeConfig config) {
        this.config = config;
        this.resilience = NodeKeys.resilience(config);
        try {
            this.keys =
                    OperatorKeys.load(config.signatures().keys(), config.signatures().operator());
        } catch (KeyRefusedException refused) {
            throw new ConfigException(String.valueOf(refused.getMessage()), refused);
        }
    }

    /// Who the members are, as so many replicas say that one of them is honest.
    ///
    /// @throws MemberChangeException if too few say the same
    ClusterMembers members() throws InterruptedException {
        return membersOf(look());
    }

    private ClusterMembers membersOf(View view) {
        for (var page : view.pages().entrySet()) {
            if (view.begun().members().contains(page.getKey())
                    && view.begun().equals(signOf(page.getValue()))) {
                return ClusterMembers.of(page.getValue());
            }
        }
        throw new IllegalStateException("a member has said so");
    }

    private View look() throws InterruptedException {
        SortedMap<ReplicaId, JsonNode> pages = new TreeMap<>();
        StringBuilder failures = new StringBuilder();
        askAll("GET", MemberPages.PATH, null, pages, failures);
        StopSign best = null;
        for (JsonNode page : pages.values()) {
            StopSign sign = signOf(page);
            boolean isLater =
                    sign != null && (best == null || sign.next().compareTo(best.next()) > 0);
            if (isLater && voices(sign, pages) > tolerated(sign.members().size())) {
                best = sign;
            }
        }
        if (best == null) {
            throw new MemberChangeException(
                    "too few replicas say alike who the members are%s%s: see whether they run, and whether %s has their admin ports"
                            .formatted(failures.isEmpty() ? "" : "; ", failures, config.source()));
        }
        return new View(best, pages);
    }

    private static int voices(StopSign sign, SortedMap<ReplicaId, JsonNode> pages) {
        int voices = 0;
        for (var page : pages.entrySet()) {
            boolean isMember = sign.members().contains(page.getKey());
            voices += isMember && sign.equals(signOf(page.getValue())) ? 1 : 0;
        }
        return voices;
    }

    private int tolerated(int size) {
        return resilience.tolerated(size);
    }

    /// Null if it is none.
    private static @Nullable StopSign signOf(JsonNode page) {
        try {
            byte[] written = HexFormat.of().parseHex(page.path("sign").asText());
            BytesReader in = new BytesReader(Bytes.wrap(written));
            StopSign sign = StopSignCodec.decode(in);
            in.requireEnd();
            return sign;
        } catch (IllegalArgumentException | MalformedException _) {
            return null;
        }
    }

    /// Has it changed.
    ///
    /// @return the members when it is done
    /// @throws MemberChangeException if it is not done, and why
    ClusterMembers change(Wanted wanted, Duration timeout, Consumer<ChangeProgress> progress)
            throws InterruptedException {
        return new Run(wanted, timeout, progress).run();
    }

    /// One change, asked for until it is there.
    private final class Run {

        private final Wanted wanted;
        private final Duration timeout;
        private final Consumer<ChangeProgress> progress;
        private final long begun = System.nanoTime();
        private long movedAt = begun;
        private long reached = -1;
        private Phase phase = Phase.WAITING;
        private long broughtAt = begun - AGAIN_NANOS;

        Run(Wanted wanted, Duration timeout, Consumer<ChangeProgress> progress) {
            this.wanted = wanted;
            this.timeout = timeout;
            this.progress = progress;
        }

        ClusterMembers run() throws InterruptedException {
            while (true) {
                View view = null;
                try {
                    view = look();
                } catch (MemberChangeException few) {
                    pause(Phase.WAITING, 0, 0, 0, String.valueOf(few.getMessage()));
                }
                ClusterMembers done = view == null ? null : goOn(view);
                if (done != null) {
                    return done;
                }
            }
        }

        /// Null if it is not done yet.
        private @Nullable ClusterMembers goOn(View view) throws InterruptedException {
            StopSign present = view.begun();
            ReplicaId gone = wanted.gone();
            ReplicaId fresh = wanted.fresh();
            Member newcomer = fresh == null ? null : newcomer(view, fresh);
            boolean isIn = fresh == null || (present.members().contains(fresh) && newcomer == null);
            boolean isOut = gone == null || gone.equals(fresh) || !present.members().contains(gone);
            if (isIn && isOut) {
                return settled(view);
            }
            long position = membersOf(view).position();
            if (!isIn && newcomer == null) {
                String sentence =
                        "too few members say that replica %s follows the cluster; start it, and see that it reaches them"
                                .formatted(fresh);
                pause(Phase.WAITING, 0, 0, position, sentence);
                return null;
            }
            if (newcomer != null && !isUpToDate(view, newcomer)) {
                long at = positionOf(view, newcomer);
                pause(
                        Phase.CATCHING_UP,
                        at,
                        at,
                        position,
                        "replica %s is at position %d; wait until it has caught up"
                                .formatted(fresh, at));
                return null;
            }
            bring(view, next(view, isOut ? null : gone, newcomer));
            pause(
                    Phase.ORDERING,
                    present.next().value(),
                    0,
                    position,
                    "the wish for epoch %s is being ordered".formatted(present.next().next()));
            return null;
        }

        private @Nullable ClusterMembers settled(View view) throws InterruptedException {
            int size = view.begun().members().size();
            if (view.voices(_ -> true) >= size - tolerated(size)) {
                return membersOf(view);
            }
            pause(
                    Phase.SETTLING,
                    view.begun().next().value(),
                    0,
                    membersOf(view).position(),
                    "it is so, but too few of the members have it yet: until then stop none that"
                            + " was a member before");
            return null;
        }

        private void bring(View view, StopSign sign) throws InterruptedException {
            if (System.nanoTime() - broughtAt < AGAIN_NANOS) {
                return;
            }
            broughtAt = System.nanoTime();
            Bytes content = Wish.signedBytes(keys.cluster(), keys.operator(), sign);
            Wish wish = new Wish(sign, keys.operator(), keys.sign(content));
            String query = "wish=" + HexFormat.of().formatHex(wish.encode().toByteArray());
            SortedMap<ReplicaId, JsonNode> answers = new TreeMap<>();
            askAll("POST", MemberPages.WISH_PATH, query, answers, new StringBuilder());
            SortedMap<String, Integer> refusals = new TreeMap<>();
            for (var answer : answers.entrySet()) {
                JsonNode page = answer.getValue();
                boolean isRefused =
                        page.path("answer").asText().equals("refused")
                                && !page.path("passing").asBoolean()
                                && view.begun().members().contains(answer.getKey());
                if (isRefused) {
                    refusals.merge(page.path("sentence").asText(), 1, Integer::sum);
                }
            }
            for (var refusal : refusals.entrySet()) {
                if (refusal.getValue() > tolerated(view.begun().members().size())) {
                    throw new MemberChangeException(refusal.getKey());
                }
            }
        }

        /// @throws MemberChangeException if nothing has come nearer for too long
        private void pause(Phase now, long measure, long learner, long position, String sentence)
                throws InterruptedException {
            progress.accept(new ChangeProgress(now, learner, position, sentence));
            long nanos = System.nanoTime();
            if (now != phase || measure > reached) {
                phase = now;
                reached = measure;
                movedAt = nanos;
            }
            boolean isOver = nanos - begun >= timeout.toNanos();
            if (isOver || nanos - movedAt >= STANDS_NANOS) {
                long seconds = (nanos - (isOver ? begun : movedAt)) / 1_000_000_000L;
                throw new MemberChangeException(
                        isOver
                                ? "not done after %d s: %s".formatted(seconds, sentence)
                                : "nothing has changed for %d s: %s".formatted(seconds, sentence));
            }
            Thread.sleep(POLL_MILLIS);
        }
    }

    /// The replica that follows under this number, in the life that so many members say it is in
    /// that one of them is honest; null if there is none.
    private @Nullable Member newcomer(View view, ReplicaId id) {
        for (JsonNode page : view.pages().values()) {
            ClusterMembers.Learner learner = ClusterMembers.of(page).learner(id.value());
            if (learner != null) {
                Member member = new Member(id, learner.replica().incarnation());
                if (isSaid(view, member, _ -> true)) {
                    return member;
                }
            }
        }
        return null;
    }

    private boolean isUpToDate(View view, Member newcomer) {
        return isSaid(view, newcomer, learner -> learner.behind() <= MOST_BEHIND);
    }

    private boolean isSaid(View view, Member of, Predicate<ClusterMembers.Learner> what) {
        int enough = tolerated(view.begun().members().size()) + 1;
        return view.voices(page -> says(page, of, what)) >= enough;
    }

    private static boolean says(JsonNode page, Member of, Predicate<ClusterMembers.Learner> what) {
        ClusterMembers.Learner learner = ClusterMembers.of(page).learner(of.id().value());
        return learner != null
                && learner.replica().incarnation().equals(of.incarnation())
                && what.test(learner);
    }

    /// The least that a member says: for people.
    private static long positionOf(View view, Member newcomer) {
        long least = Long.MAX_VALUE;
        for (JsonNode page : view.pages().values()) {
            ClusterMembers.Learner learner = ClusterMembers.of(page).learner(newcomer.id().value());
            least = learner == null ? least : Math.min(least, learner.position());
        }
        return least == Long.MAX_VALUE ? 0 : least;
    }

    private StopSign next(View view, @Nullable ReplicaId gone, @Nullable Member newcomer) {
        StopSign present = view.begun();
        List<Member> list = new ArrayList<>(present.members().members());
        list.removeIf(
                member ->
                        member.id().equals(gone)
                                || (newcomer != null && member.id().equals(newcomer.id())));
        if (newcomer != null) {
            list.add(newcomer);
        }
        if (list.isEmpty() || tolerated(list.size()) < 1) {
            throw new MemberChangeException(
                    "of %d members none may lie under resilience: %s; add one before"
                            .formatted(list.size(), resilience.word()));
        }
        if (list.size() > Membership.MAX_MEMBERS) {
            throw new MemberChangeException(
                    "there are %d members, and there may be no more; remove one first"
                            .formatted(present.members().size()));
        }
        Membership members = new Membership(list);
        List<Bytes> known = new ArrayList<>();
        for (Member member : members.members()) {
            known.add(keyOf(present, member.id()));
        }
        return new StopSign(
                present.next().next(),
                members,
                present.faults(),
                present.order(),
                firstLeader(view, members),
                known);
    }

    /// A member that others are connected to.
    private static ReplicaId firstLeader(View view, Membership members) {
        for (Member member : members.members()) {
            if (view.begun().members().members().contains(member)
                    && view.pages().containsKey(member.id())) {
                return member.id();
            }
        }
        return members.idAt(0);
    }

    /// The key that the public keys here say it has in the next epoch. If they do not have the one
    /// that it has now, they are older than that.
    private Bytes keyOf(StopSign present, ReplicaId id) {
        Bytes here = keys.keyOf(id, present.next().next());
        int rank = present.members().indexOf(id);
        Bytes now = rank < 0 || present.keys().isEmpty() ? null : present.keys().get(rank);
        boolean isOlder = now != null && keys.ring().entryOf(KeyOwner.replica(id), now) == null;
        Bytes key = isOlder || here == null ? now : here;
        if (key == null) {
            throw new MemberChangeException(
                    "%s has no key of replica %s: bring its line here, which 'lockstep keys init --id %s' has written on its machine"
                            .formatted(config.signatures().keys().publicKeys(), id, id));
        }
        return key;
    }

    /// At once: a machine that does not answer delays the others by one timeout only.
    private void askAll(
            String method,
            String path,
            @Nullable String query,
            SortedMap<ReplicaId, JsonNode> answers,
            StringBuilder failures)
            throws InterruptedException {
        SortedMap<ReplicaId, Future<JsonNode>> asked = new TreeMap<>();
        try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            for (MemberConfig member : config.members()) {
                if (member.adminPort() > 0) {
                    String address = member.adminHost() + ":" + member.adminPort();
                    asked.put(
                            member.id(),
                            threads.submit(() -> AdminCalls.ask(address, method, path, query)));
                }
            }
            for (var each : asked.entrySet()) {
                try {
                    JsonNode page = each.getValue().get();
                    if (page.has("members")) {
                        answers.put(each.getKey(), page);
                    }
                } catch (ExecutionException e) {
                    if (!(e.getCause() instanceof IOException)) {
                        throw new IllegalStateException(e.getCause());
                    }
                    failures.append(failures.isEmpty() ? "" : "; ")
                            .append("replica ")
                            .append(each.getKey())
                            .append(": ")
                            .append(e.getCause().getMessage());
                }
            }
        }
    }
}

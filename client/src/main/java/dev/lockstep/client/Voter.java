package dev.lockstep.client;

import dev.lockstep.core.wire.Bytes;
import dev.lockstep.core.wire.BytesWriter;
import dev.lockstep.core.wire.ClientCodec;
import dev.lockstep.core.wire.ClientReply.Kind;
import dev.lockstep.core.wire.ClientReply.Status;
import dev.lockstep.core.wire.ClientRequest;
import dev.lockstep.net.keys.SignedRequests;

import org.jspecify.annotations.Nullable;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.IntUnaryOperator;
import java.util.random.RandomGenerator;

/// Asks every replica and believes what enough of them say alike, for clusters of which some
/// replicas do anything at all: among that many is one that is honest.
///
/// To the session's engine all replicas together are one, which is connected while as many as are
/// needed are. That one never says that it did not take a command: some replica may have.
///
/// A replica has one vote on each request, its last. Where so many refuse a request for now that
/// the rest cannot agree, the engine sends it again after a pause, to all.
///
/// Where clients sign, what was asked since the last [#flush] is signed with one signature, for the
/// latest epoch that one honest replica at least is in; what is not decided when there is a later
/// one
/// is signed again.
///
/// Threading: as [ClientInputs].
public final class Voter implements ClientInputs {

    private static final Bytes IN_CONTRADICTION =
            Bytes.wrap(
                    "the replicas contradict one another, so that more of them lie than the cluster survives; compare what they are, and believe none of them"
                            .getBytes(StandardCharsets.UTF_8));

    /// What all replicas together are to the engine.
    private static final int EVERYBODY = 1;

    /// What a replica says of a request.
    ///
    /// @param position 0 where it is not part of what replicas agree on
    private record Vote(Status status, long session, long position, Bytes bytes) {}

    /// The last vote of one replica.
    private record Cast(int replica, Vote vote) {}

    /// A request on which replicas vote.
    private static final class Ballot {
        private final ClientRequest request;

        /// By what number the engine knows it.
        private final long number;

        /// One a replica. There are few replicas and many ballots, so it is a list.
        private final List<Cast> votes = new ArrayList<>(4);

        /// The replicas that cannot take it now; null before the first.
        private @Nullable TreeSet<Integer> refusals;

        /// The content of its frame, and what proves whose it is; empty before it is signed.
        private Bytes content = Bytes.EMPTY;

        private Bytes proof = Bytes.EMPTY;

        private boolean isDecided;

        Ballot(ClientRequest request, long number) {
            this.request = request;
            this.number = number;
        }

        private void refuse(int replica) {
            votes.removeIf(cast -> cast.replica == replica);
            TreeSet<Integer> all = refusals == null ? new TreeSet<>() : refusals;
            all.add(replica);
            refusals = all;
        }

        private void cast(int replica, Vote vote) {
            if (refusals != null) {
                refusals.remove(replica);
            }
            Cast cast = new Cast(replica, vote);
            for (int i = 0; i < votes.size(); i++) {
                if (votes.get(i).replica == replica) {
                    votes.set(i, cast);
                    return;
                }
            }
            votes.add(cast);
        }

        private int refused() {
            return refusals == null ? 0 : refusals.size();
        }

        /// How many have voted so.
        private int votesFor(Vote vote) {
            int equal = 0;
            for (Cast cast : votes) {
                equal += cast.vote.equals(vote) ? 1 : 0;
            }
            return equal;
        }

        private int bodyBytes() {
            return switch (request) {
                case ClientRequest.Command it -> it.command().size();
                case ClientRequest.Query it -> it.query().size();
                case ClientRequest.Open _,
                        ClientRequest.Skip _,
                        ClientRequest.KeepAlive _,
                        ClientRequest.Close _ ->
                        0;
            };
        }

        private SignedRequests.Unsigned unsigned() {
            return new SignedRequests.Unsigned(ClientCodec.frameKind(request), content);
        }
    }

    /// What the engine sends goes to every replica that is connected.
    private final class Everybody implements ClientTransport {

        @Override
        public int copies() {
            return members;
        }

        @Override
        public void connect(int replica) {
            isWanted = true;
        }

        @Override
        public boolean hasRoom(int replica, int bytes) {
            int ready = 0;
            for (int each : connected) {
                ready += transport.hasRoom(each, bytes) ? 1 : 0;
            }
            return ready >= enough();
        }

        @Override
        public void command(
                int replica, long session, long sequence, long acknowledged, byte[] command) {
            // The caller has it back when it has waited for long enough; the replicas may not.
            Bytes copy = Bytes.wrap(command.clone());
            ask(
                    Kind.COMMAND,
                    sequence,
                    new Ballot(
                            new ClientRequest.Command(session, sequence, acknowledged, copy),
                            sequence));
        }

        @Override
        public void send(int replica, ClientRequest request) {
            switch (request) {
                case ClientRequest.Open it -> ask(Kind.OPEN, it.nonce(), new Ballot(it, 0));
                case ClientRequest.KeepAlive it ->
                        ask(Kind.SESSION, it.session(), new Ballot(it, 0));
                case ClientRequest.Close it -> ask(Kind.SESSION, it.session(), new Ballot(it, 0));
                case ClientRequest.Skip it ->
                        ask(Kind.COMMAND, it.sequence(), new Ballot(it, it.sequence()));
                case ClientRequest.Command it ->
                        ask(Kind.COMMAND, it.sequence(), new Ballot(it, it.sequence()));
                case ClientRequest.Query it -> {
                    forgetOldest();
                    long name = nameOf(it.number());
                    ClientRequest named =
                            new ClientRequest.Query(name, it.freshness(), it.atLeast(), it.query());
                    ask(Kind.QUERY, name, new Ballot(named, it.number()));
                }
            }
        }
    }

    private final IntUnaryOperator enoughOf;
    private final ClientTransport transport;
    private final @Nullable Signatory signatory;
    private final RandomGenerator random;
    private final Entries entries;
    private final ClientEngine engine;

    /// So many queries are remembered at most.
    private final int window;

    /// How many replicas there are.
    private int members;

    private final TreeSet<Integer> connected = new TreeSet<>();

    /// By kind and number: what is not decided.
    private final EnumMap<Kind, TreeMap<Long, Ballot>> ballots = new EnumMap<>(Kind.class);

    /// By the engine's number: how queries that are not decided are named to replicas. No two
    /// clients may have the same name for theirs.
    private final TreeMap<Long, Long> names = new TreeMap<>();

    /// Asked and not signed yet, in this order; empty where clients do not sign.
    private final List<Ballot> unsigned = new ArrayList<>();

    /// By replica: the epoch that it says it is in.
    private final TreeMap<Integer, Long> epochs = new TreeMap<>();

    /// The one that is signed for; 0 before enough replicas have told theirs.
    private long epoch;

    /// True while the engine waits to be connected.
    private boolean isWanted;

    /// True while the engine thinks that it is.
    private boolean isUp;

    private long contradictions;

    /// A client that has not dialled yet; the first [#advance] does.
    ///
    /// @param replicas the numbers of the replicas, until [#onMembers]
    /// @param enoughOf of so many replicas, how many must agree: one more than may lie
    /// @param random for the session's nonce and the names of queries: nobody must be able to guess
    ///     them
    public Voter(
            EngineOptions options,
            int[] replicas,
            IntUnaryOperator enoughOf,
            ClientTransport transport,
            RandomGenerator random) {
        this(options, replicas, enoughOf, transport, random, null);
    }

    /// The same for a client that signs.
    ///
    /// @param signatory null for one that does not
    public Voter(
            EngineOptions options,
            int[] replicas,
            IntUnaryOperator enoughOf,
            ClientTransport transport,
            RandomGenerator random,
            @Nullable Signatory signatory) {
        this.signatory = signatory;
        this.enoughOf = enoughOf;
        this.transport = transport;
        this.random = random;
        this.members = replicas.length;
        this.window = options.window();
        this.entries = new Entries(replicas, options.reconnectNanos());
        for (Kind kind : Kind.values()) {
            ballots.put(kind, new TreeMap<>());
        }
        this.engine = new ClientEngine(options, new int[] {EVERYBODY}, new Everybody(), random);
    }

    /// The session: what is issued there is voted on.
    public ClientEngine engine() {
        return engine;
    }

    /// How often a request was decided against the word of some replica.
    public long contradictions() {
        return contradictions;
    }

    private int enough() {
        return enoughOf.applyAsInt(members);
    }

    private Map<Long, Ballot> of(Kind kind) {
        Map<Long, Ballot> found = ballots.get(kind);
        return found == null ? new TreeMap<>() : found;
    }

    private long nameOf(long number) {
        return names.computeIfAbsent(number, _ -> random.nextLong());
    }

    /// Queries that the engine has given up go first; of one that it has not, it asks again.
    private void forgetOldest() {
        while (names.size() >= window) {
            of(Kind.QUERY).remove(names.pollFirstEntry().getValue());
        }
    }

    private void ask(Kind kind, long number, Ballot ballot) {
        Ballot former = of(kind).put(number, ballot);
        if (former != null) {
            former.isDecided = true;
        }
        if (signatory != null) {
            BytesWriter out = new BytesWriter(32 + ballot.bodyBytes());
            ClientCodec.encode(ballot.request, out);
            ballot.content = out.toBytes();
            unsigned.add(ballot);
        } else {
            for (int replica : connected) {
                tell(replica, ballot);
            }
        }
    }

    private void tell(int replica, Ballot ballot) {
        if (signatory != null) {
            tellSigned(replica, ballot);
        } else if (ballot.request instanceof ClientRequest.Command it) {
            if (transport.hasRoom(replica, it.command().size())) {
                transport.command(
                        replica,
                        it.session(),
                        it.sequence(),
                        it.acknowledged(),
                        it.command().toByteArray());
            }
        } else {
            transport.send(replica, ballot.request);
        }
    }

    private void tellSigned(int replica, Ballot ballot) {
        boolean mayWait = ballot.request instanceof ClientRequest.Command;
        if (!ballot.proof.isEmpty()
                && (!mayWait || transport.hasRoom(replica, ballot.content.size()))) {
            transport.signed(
                    replica, ClientCodec.frameKind(ballot.request), ballot.content, ballot.proof);
        }
    }

    /// Signs what was asked since the last time, and sends it.
    @Override
    public void flush() {
        Signatory signs = signatory;
        if (signs == null || epoch == 0 || unsigned.isEmpty()) {
            return;
        }
        List<Ballot> open = unsigned.stream().filter(ballot -> !ballot.isDecided).toList();
        unsigned.clear();
        for (int from = 0; from < open.size(); from += SignedRequests.MAX_BURST) {
            int end = Math.min(open.size(), from + SignedRequests.MAX_BURST);
            List<Ballot> burst = open.subList(from, end);
            List<Bytes> proofs = signs.prove(epoch, burst.stream().map(Ballot::unsigned).toList());
            for (int i = 0; i < burst.size(); i++) {
                burst.get(i).proof = proofs.get(i);
                for (int replica : connected) {
                    tellSigned(replica, burst.get(i));
                }
            }
        }
    }

    /// So many replicas that one of them is honest say so, or are further.
    @Override
    public void onEpoch(long now, int replica, long told) {
        epochs.put(replica, told);
        List<Long> latest = epochs.values().stream().sorted(Comparator.reverseOrder()).toList();
        if (latest.size() < enough() || latest.get(enough() - 1) <= epoch) {
            return;
        }
        epoch = latest.get(enough() - 1);
        if (signatory != null) {
            unsigned.clear();
            ballots.values().forEach(each -> unsigned.addAll(each.values()));
        }
    }

    /// What is not decided is asked of whoever comes: what it was asked before, it may have lost.
    @Override
    public void onConnected(long now, int replica) {
        entries.connected(replica);
        connected.add(replica);
        for (TreeMap<Long, Ballot> each : List.copyOf(ballots.values())) {
            each.values().forEach(ballot -> tell(replica, ballot));
        }
        advance(now);
    }

    @Override
    public void onDisconnected(long now, int replica) {
        entries.disconnected(replica, now);
        connected.remove(replica);
        advance(now);
    }

    @Override
    public void onMembers(long now, int[] numbers) {
        if (numbers.length == 0) {
            return;
        }
        members = numbers.length;
        List<Integer> gone = entries.become(numbers);
        connected.removeAll(gone);
        gone.forEach(epochs::remove);
        advance(now);
    }

    /// All are asked.
    @Override
    public void onPreferredEntry(int replica) {}

    @Override
    public void onReply(
            long now,
            int from,
            Kind kind,
            Status status,
            long replySession,
            long sequence,
            long position,
            byte[] bytes,
            int offset,
            int length) {
        long number = kind == Kind.SESSION ? replySession : sequence;
        Ballot ballot = of(kind).get(number);
        if (ballot == null || !connected.contains(from)) {
            return;
        }
        boolean isAgreed =
                (kind == Kind.COMMAND || kind == Kind.QUERY)
                        && (status == Status.OK || status == Status.SERVICE_FAILURE);
        Vote vote =
                new Vote(
                        status,
                        replySession,
                        isAgreed ? position : 0,
                        Bytes.wrap(Arrays.copyOfRange(bytes, offset, offset + length)));
        boolean isDecided;
        if (isRefusal(status)) {
            ballot.refuse(from);
            isDecided = members - ballot.refused() < enough();
        } else {
            ballot.cast(from, vote);
            int equal = ballot.votesFor(vote);
            isDecided = equal >= enough();
            contradictions += isDecided && equal < ballot.votes.size() ? 1 : 0;
        }
        if (isDecided) {
            of(kind).remove(number);
            decide(now, kind, ballot, vote);
        } else if (isAgreed && cannotAgree(ballot)) {
            of(kind).remove(number);
            contradictions++;
            decide(now, kind, ballot, new Vote(Status.UNKNOWN, replySession, 0, IN_CONTRADICTION));
        }
    }

    /// True if all have answered, and so many of them differently that more lie than may.
    private boolean cannotAgree(Ballot ballot) {
        return ballot.votes.size() == members
                && ballot.votes.stream()
                        .allMatch(
                                cast ->
                                        cast.vote.status == Status.OK
                                                || cast.vote.status == Status.SERVICE_FAILURE);
    }

    /// A replica cannot take it now; it says nothing of what it will come to.
    private static boolean isRefusal(Status status) {
        return switch (status) {
            case OVERLOADED, UNAVAILABLE, OUT_OF_ORDER -> true;
            case OK, SERVICE_FAILURE, SESSION_EXPIRED, REFUSED, FORGOTTEN, UNKNOWN -> false;
        };
    }

    private void decide(long now, Kind kind, Ballot ballot, Vote vote) {
        ballot.isDecided = true;
        long number = ballot.number;
        if (kind == Kind.OPEN && ballot.request instanceof ClientRequest.Open open) {
            number = open.nonce();
        }
        if (kind == Kind.QUERY) {
            names.remove(number);
        }
        engine.onReply(
                now,
                EVERYBODY,
                kind,
                vote.status,
                vote.session,
                number,
                vote.position,
                vote.bytes.backingArray(),
                vote.bytes.backingOffset(),
                vote.bytes.size());
    }

    @Override
    public void advance(long now) {
        entries.dialDue(now, transport);
        if (isUp && connected.size() < enough()) {
            isUp = false;
            engine.onDisconnected(now, EVERYBODY);
        }
        engine.advance(now);
        if (isWanted && connected.size() >= enough()) {
            isWanted = false;
            isUp = true;
            engine.onConnected(now, EVERYBODY);
        }
        if (engine.isClosed()) {
            ballots.values().forEach(Map::clear);
            unsigned.clear();
        }
        flush();
    }

    @Override
    public long nextDeadlineNanos() {
        return engine.isClosed()
                ? Long.MAX_VALUE
                : Math.min(engine.nextDeadlineNanos(), entries.nextDialNanos());
    }
}

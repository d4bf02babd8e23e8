package dev.lockstep.ordering.stability;

import dev.lockstep.core.BatchId;
import dev.lockstep.core.Membership;
import dev.lockstep.core.OrderingStatus;
import dev.lockstep.core.ProtocolMessage;
import dev.lockstep.core.ProtocolRecord;
import dev.lockstep.core.Reign;
import dev.lockstep.core.ReplicaId;
import dev.lockstep.replica.ReplicaListener;

import org.jspecify.annotations.Nullable;

import java.util.Comparator;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;

/// What stability ordering promises, for ever and whatever happens to processes in between, seen
/// from outside in what members say. The names of the invariants are those of the package's
/// description.
///
/// All of it holds for one epoch: who lost its disk is a member again in a later one only. What a
/// member wrote and never spoke of may be lost with its disk's cache, so only what was said counts.
final class StabilityChecks {

    private static final CommandId LOWEST = new CommandId(new ReplicaId(1), 1);

    /// A command of one epoch.
    private record Key(long epoch, CommandId id) implements Comparable<Key> {
        private static final Comparator<Key> ORDER =
                Comparator.comparingLong(Key::epoch).thenComparing(Key::id);

        @Override
        public int compareTo(Key other) {
            return ORDER.compare(this, other);
        }
    }

    /// What everybody's words come to for one command.
    private static final class Ghost {
        /// Null before its coordinator has written it down.
        private @Nullable Command command;

        /// The unique id; 0 before anybody spoke of one.
        private long decided;

        /// True if it was spoken of before any ballot above 0 had a value.
        private boolean isFast;

        /// By ballot: the value proposed.
        private final TreeMap<Long, Long> values = new TreeMap<>();

        /// By member: the candidate it wrote last.
        private final TreeMap<ReplicaId, Long> written = new TreeMap<>();
    }

    /// What one member said of one command.
    private static final class Said {
        private long candidate;
        private boolean isLate;
        private long promised;
        private long accepted;
    }

    /// One member in one epoch.
    private static final class Speaker {
        private final TreeMap<CommandId, Said> said = new TreeMap<>();

        /// All candidates spoken of.
        private final TreeSet<Mark> candidates = new TreeSet<>();

        /// The highest floor that it told anybody.
        private long told;

        /// The same when its present process began, until that has told one itself.
        private long toldBefore;

        /// Its present process; null for one that only follows.
        private @Nullable Overview protocol;

        /// Through here everything is decided at it, as it says.
        private long stable;
    }

    private final JournalChecks journals = new JournalChecks();

    private final TreeMap<Key, Ghost> commands = new TreeMap<>();
    private final TreeMap<Long, TreeMap<ReplicaId, Speaker>> speakers = new TreeMap<>();

    /// By epoch and position: what was executed there.
    private final TreeMap<Long, TreeMap<Long, Mark>> executed = new TreeMap<>();

    /// By epoch: all unique ids spoken of.
    private final TreeMap<Long, TreeSet<Mark>> decided = new TreeMap<>();

    /// By epoch: how many members it has.
    private final TreeMap<Long, Reign> reigns = new TreeMap<>();

    private final Coverage coverage;

    /// @param coverage counts what is seen
    StabilityChecks(Coverage coverage) {
        this.coverage = coverage;
    }

    ReplicaListener boot(ReplicaId id) {
        return new ReplicaListener() {
            private long epoch;

            @Override
            public void onEpoch(Reign reign) {
                epoch = reign.epoch().value();
                reigns.put(epoch, reign);
                Speaker speaker = speaker(epoch, id);
                speaker.toldBefore = speaker.told;
                speaker.stable = 0;
                speaker.protocol = null;
                journals.onBoot(epoch, id);
                journals.onSnapshot(epoch, id, reign.after());
            }

            @Override
            public void onTakesPart(OrderingStatus status) {
                if (status.details() instanceof Overview overview) {
                    speaker(epoch, id).protocol = overview;
                    journals.onTakesPart(epoch, id, overview);
                }
            }

            @Override
            public void onDurable(long sequence) {
                journals.onDurable(epoch, id, sequence);
            }

            @Override
            public void onSnapshotWritten(long position, long sizeBytes) {
                journals.onSnapshot(epoch, id, position);
            }

            @Override
            public void onRelease(long throughSequence) {
                if (speaker(epoch, id).protocol != null) {
                    journals.onRelease(epoch, id, throughSequence);
                }
            }

            /// Only another epoch may bring a batch again.
            @Override
            public void onRepeated(long position, BatchId batch) {
                fail("a batch is delivered once: " + batch + " at " + position);
            }

            @Override
            public void onPersisted(long sequence, ProtocolRecord record) {
                journals.onPersisted(epoch, id, sequence, record);
                switch (record) {
                    case StabilityRecord.Known known -> {
                        ghost(epoch, known.command().id()).command = known.command();
                        onVote(epoch, id, known.command().id(), known.vote());
                    }
                    case StabilityRecord.Voted voted -> onVote(epoch, id, voted.id(), voted.vote());
                    case StabilityRecord.Executed done ->
                            onOrdered(
                                    epoch, id, done.position(), done.mark(), done.empty() != null);
                    default -> {}
                }
            }

            @Override
            public void onSent(ReplicaId to, ProtocolMessage message, int frameBytes) {
                if (message instanceof StabilityMessage said) {
                    journals.onSent(epoch, id, said);
                    onHeader(epoch, id, said.header());
                    onBody(epoch, id, said.body());
                    if (said.body() instanceof StabilityMessage.Heartbeat) {
                        onStable(epoch, id);
                    }
                }
            }
        };
    }

    private static void fail(String sentence) {
        throw new AssertionError(sentence);
    }

    private Ghost ghost(long epoch, CommandId id) {
        return commands.computeIfAbsent(new Key(epoch, id), _ -> new Ghost());
    }

    private Speaker speaker(long epoch, ReplicaId member) {
        return speakers.computeIfAbsent(epoch, _ -> new TreeMap<>())
                .computeIfAbsent(member, _ -> new Speaker());
    }

    private static Said said(Speaker speaker, CommandId id) {
        return speaker.said.computeIfAbsent(id, _ -> new Said());
    }

    /// I6: a candidate is above every floor ever told.
    private void onVote(long epoch, ReplicaId member, CommandId id, Vote vote) {
        if (vote.candidate() == 0) {
            return;
        }
        Ghost ghost = ghost(epoch, id);
        Long before = ghost.written.put(member, vote.candidate());
        boolean isNew = before == null || before != vote.candidate();
        long told = speaker(epoch, member).told;
        if (isNew && vote.candidate() <= told) {
            fail(
                    "I6: a candidate is above every floor told: %s of %s told %d and makes %d"
                            .formatted(id, member, told, vote.candidate()));
        }
    }

    /// I1, I5: the same command at the same unique id everywhere, ascending.
    private void onOrdered(
            long epoch, ReplicaId member, long position, Mark mark, boolean isEmpty) {
        coverage.note(isEmpty ? "positions left empty" : "positions");
        TreeMap<Long, Mark> order = executed.computeIfAbsent(epoch, _ -> new TreeMap<>());
        Mark known = order.putIfAbsent(position, mark);
        if (known != null && !known.equals(mark)) {
            fail(
                    "I1: position %d is %s, and %s executes %s there"
                            .formatted(position, known, member, mark));
        }
        Map.Entry<Long, Mark> lower = order.lowerEntry(position);
        if (lower != null && lower.getValue().compareTo(mark) >= 0) {
            fail("I5: %s at %d is not after %s".formatted(mark, position, lower));
        }
        onDecided(epoch, mark.id(), mark.timestamp(), false);
    }

    /// I8, I20: a header names all candidates between its floors; a restarted member's floor is no
    /// lower than it was.
    private void onHeader(long epoch, ReplicaId member, Header header) {
        Speaker speaker = speaker(epoch, member);
        for (Mark candidate : header.listed()) {
            speaker.candidates.add(candidate);
            disclose(epoch, member, candidate.id(), candidate.timestamp());
        }
        Mark from = new Mark(header.from() + 1, LOWEST);
        for (Mark candidate : speaker.candidates.tailSet(from, true)) {
            if (candidate.timestamp() > header.through()) {
                break;
            }
            if (!header.listed().contains(candidate)) {
                fail(
                        "I8: %s made %s and leaves it out between %d and %d"
                                .formatted(member, candidate, header.from(), header.through()));
            }
        }
        if (speaker.toldBefore > header.through()) {
            fail(
                    "I20: %s told floor %d and tells %d after a restart"
                            .formatted(member, speaker.toldBefore, header.through()));
        }
        speaker.toldBefore = 0;
        speaker.told = Math.max(speaker.told, header.through());
    }

    private void disclose(long epoch, ReplicaId member, CommandId id, long candidate) {
        Speaker speaker = speaker(epoch, member);
        Said said = said(speaker, id);
        if (said.candidate != 0 && said.candidate != candidate) {
            fail(
                    "I7: the candidate of %s for %s is %d and becomes %d"
                            .formatted(member, id, said.candidate, candidate));
        }
        said.candidate = candidate;
        speaker.candidates.add(new Mark(candidate, id));
    }

    private void onBody(long epoch, ReplicaId member, StabilityMessage.Body body) {
        coverage.note(body.getClass().getSimpleName());
        switch (body) {
            case StabilityMessage.Propose propose ->
                    disclose(epoch, member, propose.command().id(), propose.command().least());
            case StabilityMessage.ProposeAck ack -> onProposeAck(epoch, member, ack);
            case StabilityMessage.Consensus ask -> onConsensus(epoch, member, ask);
            case StabilityMessage.ConsensusAck ack -> onConsensusAck(epoch, member, ack);
            case StabilityMessage.RecoverAck ack -> onRecoverAck(epoch, member, ack);
            case StabilityMessage.Commit commit ->
                    onDecided(epoch, commit.id(), commit.timestamp(), true);
            default -> {}
        }
    }

    /// I13: who has promised a ballot acknowledges no proposal any more.
    private void onProposeAck(long epoch, ReplicaId member, StabilityMessage.ProposeAck ack) {
        disclose(epoch, member, ack.id(), ack.candidate());
        Said said = said(speaker(epoch, member), ack.id());
        if (said.promised > 0 || said.isLate) {
            fail(
                    "I13: %s has promised ballot %d for %s and acknowledges its proposal"
                            .formatted(member, said.promised, ack.id()));
        }
    }

    /// I12: one value a ballot. I16: what the fast path decided stays.
    private void onConsensus(long epoch, ReplicaId member, StabilityMessage.Consensus ask) {
        Ghost ghost = ghost(epoch, ask.command().id());
        Long known = ghost.values.putIfAbsent(ask.ballot(), ask.timestamp());
        if (known != null && known != ask.timestamp()) {
            fail(
                    "I12: ballot %d of %s has %d and %d"
                            .formatted(ask.ballot(), ask.command().id(), known, ask.timestamp()));
        }
        if (ghost.isFast && ghost.decided != ask.timestamp()) {
            fail(
                    "I16: %s was decided as %d, and %s proposes %d"
                            .formatted(ask.command().id(), ghost.decided, member, ask.timestamp()));
        }
    }

    private void onConsensusAck(long epoch, ReplicaId member, StabilityMessage.ConsensusAck ack) {
        Said said = said(speaker(epoch, member), ack.id());
        if (ack.ballot() < said.promised) {
            fail(
                    "I11: %s promised ballot %d for %s and accepts at %d"
                            .formatted(member, said.promised, ack.id(), ack.ballot()));
        }
        said.promised = ack.ballot();
        said.accepted = Math.max(said.accepted, ack.ballot());
    }

    /// I7, I11: neither candidates nor ballots nor what was accepted is ever taken back.
    private void onRecoverAck(long epoch, ReplicaId member, StabilityMessage.RecoverAck ack) {
        Vote vote = ack.vote();
        if (vote.candidate() != 0) {
            disclose(epoch, member, ack.id(), vote.candidate());
        }
        Said said = said(speaker(epoch, member), ack.id());
        if (vote.ballot() < said.promised || vote.acceptedBallot() < said.accepted) {
            fail(
                    "I11: %s promised ballot %d and accepted at %d for %s, and says %s"
                            .formatted(member, said.promised, said.accepted, ack.id(), vote));
        }
        Long proposed = ghost(epoch, ack.id()).values.get(vote.acceptedBallot());
        if (vote.acceptedBallot() > 0 && (proposed == null || proposed != vote.accepted())) {
            fail(
                    "I12: at ballot %d of %s the value is %s, and %s accepted %d"
                            .formatted(
                                    vote.acceptedBallot(),
                                    ack.id(),
                                    proposed,
                                    member,
                                    vote.accepted()));
        }
        if (said.isLate && !vote.isLate()) {
            fail("I7: the candidate of %s for %s was late".formatted(member, ack.id()));
        }
        said.promised = vote.ballot();
        said.accepted = vote.acceptedBallot();
        said.isLate = vote.isLate();
    }

    /// I2: one unique id. I9: a majority has candidates at or below it.
    private void onDecided(long epoch, CommandId id, long timestamp, boolean isSaid) {
        Ghost ghost = ghost(epoch, id);
        if (ghost.decided != 0 && ghost.decided != timestamp) {
            fail("I2: %s is decided as %d and %d".formatted(id, ghost.decided, timestamp));
        }
        Reign reign = reigns.get(epoch);
        if (ghost.decided != 0 || reign == null || !isSaid) {
            return;
        }
        ghost.decided = timestamp;
        ghost.isFast = ghost.values.isEmpty();
        long cover = ghost.written.values().stream().filter(each -> each <= timestamp).count();
        // Where no crash is tolerated the fast quorum is a majority too.
        if (cover < reign.members().majority()) {
            fail(
                    "I9: %s is decided as %d, and only %s have candidates at or below it"
                            .formatted(id, timestamp, ghost.written));
        }
        if (ghost.isFast) {
            onFast(epoch, id, ghost, reign.members());
        } else {
            coverage.note("decided at a ballot");
        }
        isNotLate(epoch, new Mark(timestamp, id));
    }

    /// I15: ballot 0 decides the largest candidate of its fast quorum, if f have it, at a
    /// coordinator that has promised nothing. I14: that is durable, or evident.
    private void onFast(long epoch, CommandId id, Ghost ghost, Membership members) {
        coverage.note("decided fast");
        Command command = ghost.command;
        if (command == null) {
            throw new AssertionError("I15: " + id + " is decided before it was written down");
        }
        // Usually says it first; else others have its history.
        ReplicaId coordinator = id.origin();
        Vote last = journals.last(epoch, coordinator, id);
        int tolerated =
                Math.min(
                        Long.bitCount(command.fastQuorum()) - members.size() / 2,
                        (members.size() - 1) / 2);
        long largest = 0;
        long largestOfAll = 0;
        int made = 0;
        int holders = 0;
        int holdersOfAll = 0;
        for (int rank = 0; rank < members.size(); rank++) {
            Vote vote = journals.said(epoch, members.idAt(rank), id);
            long candidate = vote.isLate() ? 0 : vote.candidate();
            made += candidate == 0 ? 0 : 1;
            largestOfAll = Math.max(largestOfAll, candidate);
            holdersOfAll += candidate == ghost.decided ? 1 : 0;
            if (command.isFast(rank)) {
                largest = candidate == 0 ? Long.MAX_VALUE : Math.max(largest, candidate);
                holders += candidate == ghost.decided ? 1 : 0;
            }
        }
        if (last.ballot() != 0 || largest != ghost.decided || holders < tolerated) {
            fail(
                    "I15: %s is decided as %d at ballot 0: promised is %d, the largest candidate %d, and %d have it"
                            .formatted(id, ghost.decided, last.ballot(), largest, holders));
        }
        boolean isEvident =
                made == members.size() && largestOfAll == ghost.decided && holdersOfAll > tolerated;
        boolean isDurable = journals.hasDecided(epoch, coordinator, id);
        if (!isDurable && !isEvident) {
            fail(
                    "I14: %s is told to be decided as %d before that is durable: %d have made a candidate, the largest is %d, and %d have it"
                            .formatted(id, ghost.decided, made, largestOfAll, holdersOfAll));
        }
        coverage.note(isDurable ? "decided durably" : "decided evidently");
    }

    /// I10: what is decided is larger than what is stable where it is not known.
    private void isNotLate(long epoch, Mark mark) {
        decided.computeIfAbsent(epoch, _ -> new TreeSet<>()).add(mark);
        TreeMap<ReplicaId, Speaker> members = speakers.getOrDefault(epoch, new TreeMap<>());
        members.forEach((member, speaker) -> isKnownIfStable(member, speaker, mark));
    }

    private static void isKnownIfStable(ReplicaId member, Speaker speaker, Mark mark) {
        Overview protocol = speaker.protocol;
        boolean isUnknown =
                protocol != null
                        && !protocol.isExecuted(mark.id())
                        && protocol.vote(mark.id()).decided() == 0;
        if (isUnknown && mark.timestamp() <= speaker.stable) {
            fail(
                    "I10: everything through %d is stable at %s, which does not know of %s"
                            .formatted(speaker.stable, member, mark));
        }
    }

    /// I10: what is decided anywhere and stable at a member is known to be decided there.
    private void onStable(long epoch, ReplicaId member) {
        Speaker speaker = speaker(epoch, member);
        Overview protocol = speaker.protocol;
        if (protocol == null || protocol.stableThrough() <= speaker.stable) {
            return;
        }
        long before = speaker.stable;
        speaker.stable = protocol.stableThrough();
        TreeSet<Mark> all = decided.getOrDefault(epoch, new TreeSet<>());
        for (Mark mark : all.tailSet(new Mark(before + 1, LOWEST), true)) {
            if (mark.timestamp() > speaker.stable) {
                return;
            }
            isKnownIfStable(member, speaker, mark);
        }
    }
}

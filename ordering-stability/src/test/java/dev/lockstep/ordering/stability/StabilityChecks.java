package dev.lockstep.ordering.stability;

import dev.lockstep.core.BatchId;
import dev.lockstep.core.ProtocolMessage;
import dev.lockstep.core.ProtocolRecord;
import dev.lockstep.core.Reign;
import dev.lockstep.core.ReplicaId;
import dev.lockstep.replica.ReplicaListener;

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
    }

    private final TreeMap<Key, Ghost> commands = new TreeMap<>();
    private final TreeMap<Long, TreeMap<ReplicaId, Speaker>> speakers = new TreeMap<>();

    /// By epoch and position: what was executed there.
    private final TreeMap<Long, TreeMap<Long, Mark>> executed = new TreeMap<>();

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
            }

            /// Only another epoch may bring a batch again.
            @Override
            public void onRepeated(long position, BatchId batch) {
                fail("a batch is delivered once: " + batch + " at " + position);
            }

            @Override
            public void onPersisted(long sequence, ProtocolRecord record) {
                switch (record) {
                    case StabilityRecord.Known known ->
                            onVote(epoch, id, known.command().id(), known.vote());
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
                    onHeader(epoch, id, said.header());
                    onBody(epoch, id, said.body());
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
        coverage.note(ghost.isFast ? "decided fast" : "decided at a ballot");
        long cover = ghost.written.values().stream().filter(each -> each <= timestamp).count();
        // Where no crash is tolerated the fast quorum is a majority too.
        if (cover < reign.members().majority()) {
            fail(
                    "I9: %s is decided as %d, and only %s have candidates at or below it"
                            .formatted(id, timestamp, ghost.written));
        }
    }
}

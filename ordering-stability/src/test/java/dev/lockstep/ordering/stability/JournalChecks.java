package dev.lockstep.ordering.stability;

import dev.lockstep.core.ProtocolRecord;
import dev.lockstep.core.ReplicaId;

import java.util.Map;
import java.util.TreeMap;

/// What must be in journals: whatever a member says is durable when it is sent (I14), nothing that
/// still counts is released (I19), and who starts again remembers all that it said.
///
/// What an earlier process wrote and was not told to be durable may have survived or not: before
/// [#onTakesPart], which tells, it counts as if it had.
final class JournalChecks {

    /// What one member has written of one command.
    private static final class Written {
        /// Of the last record with a vote; 0 if an earlier process wrote it.
        private long sequence;

        /// The last vote written.
        private Vote last = Vote.NONE;

        /// Of the record that gives it its position.
        private long positionSequence;

        /// All that is durable of it, at most.
        private Vote durable = Vote.NONE;

        /// All that was said of it.
        private Vote said = Vote.NONE;

        /// True if its position has survived a restart.
        private boolean isSettled;

        /// The position that it took; 0 before.
        private long position;
    }

    /// A record with a vote that is not durable yet.
    private record Fresh(CommandId id, Vote vote) {}

    /// One member in one epoch.
    private static final class Journal {
        private final TreeMap<CommandId, Written> commands = new TreeMap<>();

        /// By sequence: votes that are not durable.
        private final TreeMap<Long, Fresh> fresh = new TreeMap<>();

        /// By sequence: floors that are promised and not durable.
        private final TreeMap<Long, StabilityRecord.Reserved> promised = new TreeMap<>();

        /// The highest floor that is promised durably, at most.
        private long reserved;

        /// The record with the last promise.
        private long reservedSequence;

        /// No candidate at or below it is spoken of any more, as is durable.
        private long base;

        /// The highest floor told.
        private long told;

        /// Everything through here is in a durable snapshot.
        private long snapshot;
    }

    private final TreeMap<Long, TreeMap<ReplicaId, Journal>> journals = new TreeMap<>();

    private Journal journal(long epoch, ReplicaId member) {
        return journals.computeIfAbsent(epoch, _ -> new TreeMap<>())
                .computeIfAbsent(member, _ -> new Journal());
    }

    private static Written written(Journal journal, CommandId id) {
        return journal.commands.computeIfAbsent(id, _ -> new Written());
    }

    private static void fail(String sentence) {
        throw new AssertionError(sentence);
    }

    /// Votes only grow.
    private static Vote both(Vote one, Vote other) {
        Vote later = one.acceptedBallot() >= other.acceptedBallot() ? one : other;
        return new Vote(
                Math.max(one.candidate(), other.candidate()),
                one.isLate() || other.isLate(),
                Math.max(one.ballot(), other.ballot()),
                later.acceptedBallot(),
                later.accepted(),
                Math.max(one.decided(), other.decided()));
    }

    // --- writing ---

    /// A process begins: what the last one wrote may have survived.
    void onBoot(long epoch, ReplicaId member) {
        onDurable(epoch, member, Long.MAX_VALUE);
        for (Written written : journal(epoch, member).commands.values()) {
            written.sequence = 0;
            written.positionSequence = Long.MAX_VALUE;
        }
    }

    void onPersisted(long epoch, ReplicaId member, long sequence, ProtocolRecord record) {
        Journal journal = journal(epoch, member);
        switch (record) {
            case StabilityRecord.Known known ->
                    onVote(journal, member, sequence, known.command().id(), known.vote());
            case StabilityRecord.Voted voted ->
                    onVote(journal, member, sequence, voted.id(), voted.vote());
            case StabilityRecord.Reserved reserved -> {
                journal.promised.put(sequence, reserved);
                journal.reservedSequence = sequence;
            }
            case StabilityRecord.Executed executed ->
                    onExecuted(journal, sequence, executed.position(), executed.mark().id());
            case StabilityRecord.Learnt learnt -> {
                Anchor anchor = Anchor.decode(learnt.entry().anchor());
                if (anchor != null) {
                    onExecuted(journal, sequence, learnt.entry().position(), anchor.mark().id());
                }
            }
            default -> {}
        }
    }

    private static void onExecuted(Journal journal, long sequence, long position, CommandId id) {
        Written written = written(journal, id);
        written.position = position;
        written.positionSequence = sequence;
    }

    private static void onVote(
            Journal journal, ReplicaId member, long sequence, CommandId id, Vote vote) {
        Written written = written(journal, id);
        if (written.position > 0 && vote.candidate() > written.last.candidate()) {
            // What it executed it has forgotten, and takes for new.
            fail(
                    "I19: %s executed %s at %d and makes the candidate %d for it"
                            .formatted(member, id, written.position, vote.candidate()));
        }
        journal.fresh.put(sequence, new Fresh(id, vote));
        written.last = both(written.last, vote);
        written.sequence = sequence;
    }

    void onDurable(long epoch, ReplicaId member, long sequence) {
        Journal journal = journal(epoch, member);
        while (!journal.fresh.isEmpty() && journal.fresh.firstKey() <= sequence) {
            Fresh fresh = journal.fresh.pollFirstEntry().getValue();
            Written written = written(journal, fresh.id);
            written.durable = both(written.durable, fresh.vote);
        }
        while (!journal.promised.isEmpty() && journal.promised.firstKey() <= sequence) {
            StabilityRecord.Reserved record = journal.promised.pollFirstEntry().getValue();
            journal.reserved = Math.max(journal.reserved, record.floor());
            journal.base = Math.max(journal.base, record.base());
        }
    }

    // --- what is said (I14) ---

    void onSent(long epoch, ReplicaId member, StabilityMessage message) {
        Journal journal = journal(epoch, member);
        onHeader(journal, member, message.header());
        switch (message.body()) {
            case StabilityMessage.Propose propose -> {
                Command command = propose.command();
                onSaid(
                        journal,
                        member,
                        command.id(),
                        Vote.NONE.withCandidate(command.least(), false));
            }
            case StabilityMessage.ProposeAck ack ->
                    onSaid(
                            journal,
                            member,
                            ack.id(),
                            Vote.NONE.withCandidate(ack.candidate(), false));
            case StabilityMessage.RecoverAck ack -> onSaid(journal, member, ack.id(), ack.vote());
            case StabilityMessage.Recover ask ->
                    onSaid(journal, member, ask.command().id(), Vote.NONE.withBallot(ask.ballot()));
            case StabilityMessage.ConsensusAck ack -> {
                long value = written(journal, ack.id()).durable.accepted();
                onSaid(journal, member, ack.id(), Vote.NONE.withAccepted(ack.ballot(), value));
            }
            default -> {}
        }
    }

    private static void onHeader(Journal journal, ReplicaId member, Header header) {
        if (header.through() > journal.told && header.through() > journal.reserved) {
            fail(
                    "I14: %s tells floor %d, and has promised its journal %d durably"
                            .formatted(member, header.through(), journal.reserved));
        }
        if (header.through() > journal.told) {
            for (Fresh fresh : journal.fresh.values()) {
                boolean isNew = written(journal, fresh.id).durable.candidate() == 0;
                if (isNew && isBelow(fresh.vote, header.through())) {
                    fail(
                            "I14: %s tells floor %d, and its candidate %d for %s is not durable"
                                    .formatted(
                                            member,
                                            header.through(),
                                            fresh.vote.candidate(),
                                            fresh.id));
                }
            }
        }
        journal.told = Math.max(journal.told, header.through());
        for (Mark candidate : header.listed()) {
            onSaid(
                    journal,
                    member,
                    candidate.id(),
                    Vote.NONE.withCandidate(candidate.timestamp(), false));
        }
    }

    private static boolean isBelow(Vote vote, long floor) {
        return vote.candidate() != 0 && vote.candidate() <= floor;
    }

    /// A candidate, a promise and an acceptance are durable before they are spoken of.
    private static void onSaid(Journal journal, ReplicaId member, CommandId id, Vote said) {
        Written written = written(journal, id);
        Vote durable = written.durable;
        boolean isDurable =
                (said.candidate() == 0 || said.candidate() == durable.candidate())
                        && said.ballot() <= durable.ballot()
                        && said.acceptedBallot() <= durable.acceptedBallot();
        if (!isDurable) {
            fail(
                    "I14: %s says %s of %s, and what is durable is %s"
                            .formatted(member, said, id, durable));
        }
        written.said = both(written.said, said);
    }

    /// What a member said of a command, in any process; all of it was durable.
    Vote said(long epoch, ReplicaId member, CommandId id) {
        return written(journal(epoch, member), id).said;
    }

    /// True if a crash does not take the decision from a member, at most.
    boolean hasDecided(long epoch, ReplicaId member, CommandId id) {
        Written written = written(journal(epoch, member), id);
        return written.durable.decided() != 0 || written.isSettled;
    }

    /// What a member wrote of a command last.
    Vote last(long epoch, ReplicaId member, CommandId id) {
        return written(journal(epoch, member), id).last;
    }

    // --- what is forgotten (I19) ---

    void onSnapshot(long epoch, ReplicaId member, long position) {
        Journal journal = journal(epoch, member);
        journal.snapshot = Math.max(journal.snapshot, position);
    }

    /// Released records are in a snapshot, or were written again.
    void onRelease(long epoch, ReplicaId member, long through) {
        Journal journal = journal(epoch, member);
        if (journal.reservedSequence <= through) {
            fail(
                    "I19: %s releases records through %d, and its floor is in %d"
                            .formatted(member, through, journal.reservedSequence));
        }
        for (Map.Entry<CommandId, Written> entry : journal.commands.entrySet()) {
            Written written = entry.getValue();
            boolean isNamed = written.durable.candidate() > journal.base;
            boolean isOpen = written.position == 0 && !written.durable.equals(Vote.NONE);
            if ((isOpen || isNamed) && written.sequence <= through) {
                fail(
                        "I19: %s releases records through %d, and what it said of %s (%s) is in %d"
                                .formatted(
                                        member,
                                        through,
                                        entry.getKey(),
                                        written.durable,
                                        written.sequence));
            }
            boolean isAbove = written.position > journal.snapshot;
            if (isAbove && written.positionSequence <= through) {
                fail(
                        "I19: %s releases records through %d, and its position %d is in %d"
                                .formatted(
                                        member,
                                        through,
                                        written.position,
                                        written.positionSequence));
            }
        }
    }

    // --- what is remembered ---

    /// A member has read its journal and takes part: it remembers what it said.
    void onTakesPart(long epoch, ReplicaId member, Overview protocol) {
        Journal journal = journal(epoch, member);
        if (protocol.promised() < journal.told) {
            fail(
                    "who starts again remembers its floor: %s told %d and starts with %d"
                            .formatted(member, journal.told, protocol.promised()));
        }
        for (Map.Entry<CommandId, Written> entry : journal.commands.entrySet()) {
            Written written = entry.getValue();
            CommandId id = entry.getKey();
            if (protocol.isExecuted(id)) {
                written.position = Math.max(written.position, 1);
                written.isSettled = true;
                written.durable = Vote.NONE.withCandidate(protocol.named(id), false);
                written.last = written.durable;
                continue;
            }
            Vote now = protocol.vote(id);
            Vote said = written.said;
            boolean remembers =
                    (said.candidate() == 0 || said.candidate() == now.candidate())
                            && said.ballot() <= now.ballot()
                            && said.acceptedBallot() <= now.acceptedBallot();
            if (!remembers) {
                fail(
                        "who starts again remembers what it said: %s said %s of %s and knows %s"
                                .formatted(member, said, id, now));
            }
            written.position = 0;
            written.durable = now;
            written.last = now;
        }
    }
}

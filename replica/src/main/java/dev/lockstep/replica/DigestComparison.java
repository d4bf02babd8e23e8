package dev.lockstep.replica;

import dev.lockstep.core.Membership;
import dev.lockstep.core.ReplicaId;

import java.util.HexFormat;

/// Compares a digest that every member has at equal positions: its reply chain, or its whole state.
///
/// What enough of them have is right: a majority, or where members lie so many that one of them is
/// honest. Positions come in any order, because members execute at their
/// own pace; the last [#REMEMBERED] of each member are kept.
final class DigestComparison {

    /// Reply chains are compared at multiples of this.
    static final int CHAIN_INTERVAL = 256;

    /// How many positions are kept for each member.
    static final int REMEMBERED = 64;

    /// How long a disagreement may wait for the other members to decide it.
    static final long PATIENCE_NANOS = 10_000_000_000L;

    /// What a comparison says about this replica.
    sealed interface Finding {

        /// Nothing new.
        record Nothing() implements Finding {}

        /// The majority, this replica among it, differs from `peer`.
        record PeerDiverged(ReplicaId peer, long afterPosition, long throughPosition)
                implements Finding {}

        /// The majority differs from this replica.
        ///
        /// @param peer one of the majority
        /// @param agreedThrough the last position at which it was seen to have the same
        /// @param position where it has another
        record Outvoted(ReplicaId peer, long agreedThrough, long position, String sentence)
                implements Finding {}

        /// There is no majority to say who is right.
        record Undecided(String sentence) implements Finding {}
    }

    private static final Finding NOTHING = new Finding.Nothing();

    /// What is compared, and how it is called.
    enum Subject {
        CHAIN(CHAIN_INTERVAL) {
            @Override
            String outvoted() {
                return "this replica's replies differ from those of the majority: ";
            }

            @Override
            String undecided() {
                return "replicas give different replies and no majority agrees: ";
            }

            @Override
            String difference(long agreedThrough, long position) {
                return "between positions %d and %d the reply chain became"
                        .formatted(agreedThrough + 1, position);
            }

            @Override
            String advice() {
                return "; replay the journals of both and look for a command that depends on more"
                        + " than the state, the command and the context";
            }
        },
        STATE(1) {
            @Override
            String outvoted() {
                return "this replica's state differs from that of the majority: ";
            }

            @Override
            String undecided() {
                return "replicas have different states and no majority agrees: ";
            }

            @Override
            String difference(long agreedThrough, long position) {
                return agreedThrough == 0
                        ? "after position %d its digest is".formatted(position)
                        : "equal after position %d, after position %d its digest is"
                                .formatted(agreedThrough, position);
            }

            @Override
            String advice() {
                return "; look for a command that depends on more than the state, the command and"
                        + " the context, and test the memory and the disk of the machine";
            }
        };

        /// Digests are compared at multiples of this.
        private final int interval;

        Subject(int interval) {
            this.interval = interval;
        }

        int interval() {
            return interval;
        }

        /// How a sentence about this replica begins.
        abstract String outvoted();

        /// How one begins when nobody is right.
        abstract String undecided();

        /// Where the digests differ.
        abstract String difference(long agreedThrough, long position);

        /// What a person may do.
        abstract String advice();
    }

    /// The digests of one member at the last positions that it was heard of, in that order.
    private static final class Column {
        private final long[] positions = new long[REMEMBERED];
        private final long[] digests = new long[REMEMBERED];

        /// Where the next one goes.
        private int next;

        /// The last position at which it was seen to equal this replica's.
        private long agreedThrough;

        /// True once it was reported to differ.
        private boolean reported;

        void set(long position, long digest) {
            int slot = slotOf(position);
            if (slot < 0) {
                slot = next;
                next = (next + 1) % REMEMBERED;
            }
            positions[slot] = position;
            digests[slot] = digest;
        }

        boolean knows(long position) {
            return slotOf(position) >= 0;
        }

        /// Of a position that it knows.
        long digest(long position) {
            return digests[slotOf(position)];
        }

        private int slotOf(long position) {
            for (int slot = 0; slot < REMEMBERED; slot++) {
                if (positions[slot] == position) {
                    return slot;
                }
            }
            return -1;
        }
    }

    private final Subject subject;
    private final Membership members;
    private final int self;
    private final Column[] columns;
    private final int enough;

    /// The position of a disagreement that waits for more members to be heard; 0 if none does.
    private long disputed;

    /// When [#disputed] is decided at the latest, monotonic.
    private long disputedUntil = Long.MAX_VALUE;

    /// @param self this replica's rank; -1 if it is no member, and then nothing is compared
    /// @param enough so many members have the same if it is right
    DigestComparison(Subject subject, Membership members, int self, int enough) {
        this.enough = enough;
        this.subject = subject;
        this.members = members;
        this.self = self;
        this.columns = new Column[members.size()];
        for (int i = 0; i < columns.length; i++) {
            columns[i] = new Column();
        }
    }

    /// This replica's digest after `position`, a multiple of the subject's interval.
    Finding onOwn(long nowNanos, long position, long digest) {
        if (self < 0) {
            return NOTHING;
        }
        columns[self].set(position, digest);
        return compare(nowNanos, position);
    }

    /// There is a new connection to a member: it may have another state than the one that was
    /// reported.
    void onConnected(ReplicaId peer) {
        int index = members.indexOf(peer);
        if (index >= 0) {
            columns[index].reported = false;
        }
    }

    /// A member says what it has after `position`.
    Finding onPeer(long nowNanos, ReplicaId peer, long position, long digest) {
        int index = members.indexOf(peer);
        if (self < 0
                || index < 0
                || index == self
                || position <= 0
                || position % subject.interval() != 0) {
            return NOTHING;
        }
        columns[index].set(position, digest);
        return compare(nowNanos, position);
    }

    /// When [#onTime] is to be called at the latest.
    long deadlineNanos() {
        return disputedUntil;
    }

    /// A disagreement has waited long enough.
    Finding onTime(long nowNanos) {
        if (nowNanos < disputedUntil) {
            return NOTHING;
        }
        Finding finding = compare(nowNanos, disputed);
        settle(disputed);
        return finding;
    }

    private Finding compare(long nowNanos, long position) {
        Column own = columns[self];
        if (!own.knows(position)) {
            return NOTHING;
        }
        int differing = -1;
        int heard = 0;
        for (int i = 0; i < columns.length; i++) {
            if (columns[i].knows(position)) {
                heard++;
                if (columns[i].digest(position) != own.digest(position)) {
                    differing = columns[i].reported ? differing : i;
                } else {
                    columns[i].agreedThrough = Math.max(columns[i].agreedThrough, position);
                    columns[i].reported = false;
                }
            }
        }
        if (differing < 0) {
            settle(position);
            return NOTHING;
        }
        return judge(nowNanos, position, differing, heard);
    }

    private Finding judge(long nowNanos, long position, int differing, int heard) {
        Column own = columns[self];
        Column other = columns[differing];
        ReplicaId peer = members.idAt(differing);
        if (votes(position, own.digest(position)) >= enough) {
            settle(position);
            other.reported = true;
            return new Finding.PeerDiverged(peer, other.agreedThrough, position);
        }
        for (int i = 0; i < columns.length; i++) {
            Column column = columns[i];
            if (column.knows(position) && votes(position, column.digest(position)) >= enough) {
                return new Finding.Outvoted(
                        members.idAt(i),
                        column.agreedThrough,
                        position,
                        subject.outvoted() + sentence(position, members.idAt(i), column));
            }
        }
        if (heard == columns.length || (disputed == position && nowNanos >= disputedUntil)) {
            settle(position);
            return new Finding.Undecided(subject.undecided() + sentence(position, peer, other));
        }
        if (disputed == 0) {
            disputed = position;
            disputedUntil = nowNanos + PATIENCE_NANOS;
        }
        return NOTHING;
    }

    private void settle(long position) {
        if (disputed == position) {
            disputed = 0;
            disputedUntil = Long.MAX_VALUE;
        }
    }

    private int votes(long position, long digest) {
        int votes = 0;
        for (Column column : columns) {
            if (column.knows(position) && column.digest(position) == digest) {
                votes++;
            }
        }
        return votes;
    }

    private String sentence(long position, ReplicaId peer, Column other) {
        HexFormat hex = HexFormat.of();
        return subject.difference(other.agreedThrough, position)
                + " "
                + hex.toHexDigits(columns[self].digest(position))
                + " here and "
                + hex.toHexDigits(other.digest(position))
                + " at replica "
                + peer
                + subject.advice();
    }
}

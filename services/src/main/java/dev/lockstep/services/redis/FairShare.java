package dev.lockstep.services.redis;

import org.jspecify.annotations.Nullable;

import java.util.LinkedHashSet;

/// An amount that connections share: each that wants some has an equal part, and who wants little
/// is not kept waiting by those who want much.
///
/// Three rules:
///
/// 1. **A little is free.** A connection that holds no more than `least` takes it from a reserve of
///    its own, which those who hold more cannot touch.
/// 2. **The rest is divided** among those who hold some of it or wait for it: nobody takes more
///    than [#partOf] while others are there. A single demand that is larger is met, when the
///    connection holds nothing else.
/// 3. **Nobody overtakes.** Who finds too little left waits in line; the first in line is asked
///    again as soon as something is given back, and takes as much as its part is. A demand larger
///    than everything is met when nothing else is taken: nobody starves. Only who has its turn in
///    another line goes first here, because it may need of both; [#MOST_OVERTAKING] in a row.
///
/// Threading: the loop's thread.
final class FairShare {

    /// So often in a row those who wait are overtaken from other lines.
    static final int MOST_OVERTAKING = 16;

    private final long least;
    private final long reserved;
    private long most;

    private long taken;
    private long reservedTaken;

    /// How many connections have taken something beyond the reserve or wait in line.
    private int contenders;

    private final LinkedHashSet<Claim> line = new LinkedHashSet<>();

    /// How often those who wait were overtaken since one of them came by something.
    private int overtaken;

    /// Who has its turn in this line; null if nobody.
    private @Nullable Claim turn;

    /// One connection, with claims to several amounts.
    static final class Claimant {

        private final Runnable retry;

        /// True while it has its turn in one line, and no other line is before it either: it may
        /// need something of each.
        private boolean hasTurn;

        /// @param retry tries again what was denied
        Claimant(Runnable retry) {
            this.retry = retry;
        }
    }

    /// What one connection has of it.
    static final class Claim {

        private final Claimant claimant;
        private long held;
        private long heldBeyondReserve;
        private boolean contends;
        private boolean waits;

        /// True if it came into this line by overtaking.
        private boolean overtook;

        Claim(Claimant claimant) {
            this.claimant = claimant;
        }

        /// What it holds.
        long held() {
            return held;
        }
    }

    /// What was taken for one request, to be given back when that is answered. Reused.
    static final class Part {

        private long amount;
        private boolean isReserve;
    }

    /// @param most what there is beside the reserve
    /// @param least what each may have of the reserve
    /// @param reserved the reserve of all together
    FairShare(long most, long least, long reserved) {
        this.most = most;
        this.least = least;
        this.reserved = reserved;
    }

    /// What there is beside the reserve.
    long most() {
        return most;
    }

    /// Changes what there is. What is taken stays so.
    void most(long amount) {
        most = amount;
    }

    /// What is taken, with that of the reserve.
    long taken() {
        return taken + reservedTaken;
    }

    /// True if a connection may take so much now. Otherwise it is asked again when its turn comes;
    /// or by itself when something of its own is given back, if it is that which stands in the way.
    boolean grants(Claim claim, long amount) {
        if (isFree(claim, amount)) {
            return true;
        }
        if (claim.held > 0 && claim.held + amount > partOf(claim)) {
            return false;
        }
        boolean overtakes = claim.claimant.hasTurn && turn != claim && overtaken < MOST_OVERTAKING;
        boolean isFirst = line.isEmpty() || turn == claim || overtakes;
        if (isFirst && (taken == 0 || taken + amount <= most)) {
            return true;
        }
        join(claim, overtakes);
        note(claim);
        return false;
    }

    private void join(Claim claim, boolean overtakes) {
        if (overtakes) {
            overtaken += line.isEmpty() ? 0 : 1;
            line.addFirst(claim);
            claim.overtook = true;
        } else {
            // In its own turn a claim is out of the line for the moment only.
            boolean isTurn = turn == claim;
            overtaken = line.isEmpty() && !isTurn ? 0 : overtaken;
            claim.overtook &= !line.add(claim) || isTurn;
        }
        claim.waits = true;
    }

    /// What a connection may hold while it does not wait for others.
    long partOf(Claim claim) {
        int others = claim.contends ? contenders - 1 : contenders;
        return Math.max(least, most / (others + 1));
    }

    private boolean isFree(Claim claim, long amount) {
        return claim.held + amount <= least && reservedTaken + amount <= reserved;
    }

    /// Takes what was granted just now.
    void take(Claim claim, Part part, long amount) {
        part.amount = amount;
        part.isReserve = isFree(claim, amount);
        claim.held += amount;
        if (part.isReserve) {
            reservedTaken += amount;
        } else {
            taken += amount;
            claim.heldBeyondReserve += amount;
            noteOrder(claim);
        }
        leave(claim);
    }

    private void noteOrder(Claim claim) {
        if (turn != claim) {
            overtaken += line.isEmpty() ? 0 : 1;
        } else if (!claim.overtook) {
            overtaken = 0;
        }
    }

    /// Gives back what was taken; nothing if that has been done.
    void giveBack(Claim claim, Part part) {
        claim.held -= part.amount;
        if (part.isReserve) {
            reservedTaken -= part.amount;
        } else {
            taken -= part.amount;
            claim.heldBeyondReserve -= part.amount;
        }
        part.amount = 0;
        note(claim);
    }

    /// A connection does not wait any more.
    void leave(Claim claim) {
        if (claim.waits) {
            claim.waits = false;
            line.remove(claim);
        }
        note(claim);
    }

    /// True if somebody waits whose turn may have come.
    boolean isDue() {
        return !line.isEmpty() && (taken == 0 || taken < most);
    }

    /// Lets those go on that wait in line, each once at most, until there is too little for the
    /// next.
    void serve() {
        for (int left = line.size(); left > 0 && isDue(); left--) {
            Claim first = line.getFirst();
            leave(first);
            long before = first.held;
            turn = first;
            first.claimant.hasTurn = true;
            first.claimant.retry.run();
            first.claimant.hasTurn = false;
            turn = null;
            first.overtook &= first.held == before;
            if (first.held == before && first.waits) {
                line.addFirst(first);
                return;
            }
        }
    }

    private void note(Claim claim) {
        boolean contends = claim.heldBeyondReserve > 0 || claim.waits;
        if (contends != claim.contends) {
            claim.contends = contends;
            contenders += contends ? 1 : -1;
        }
    }
}

package dev.lockstep.testkit.simulator;

import dev.lockstep.core.ProtocolMessage;
import dev.lockstep.core.ReplicaId;
import dev.lockstep.testkit.simulator.Exercised.Deed;
import dev.lockstep.testkit.simulator.Happening.Sign;
import dev.lockstep.testkit.simulator.Script.Topic;

import org.jspecify.annotations.Nullable;

import java.util.ArrayList;
import java.util.List;

/// The best entry is cut off from the other replicas, but from no client: it goes on as if nothing
/// were, while the others find another. What it tells its clients then had better be true.
///
/// It comes about in one of three [Way]s, one exile at a time. Clients that each ask one replica
/// only look on ([Neighbours]).
final class Exile implements Lookout {

    private static final long MS = 1_000_000L;

    /// Apart from those of ambushes and sieges.
    private static final int FIRST_SORT = 3_000;

    private static final int MOST_HEARD = 8;

    /// Whoever is not heard so often is cut off then.
    private static final long MOST_WAIT_NANOS = 300 * MS;

    /// How long a word that is seldom heard is waited for.
    private static final long WORD_NANOS = 4_000 * MS;

    /// No cut lasts longer.
    private static final long LONGEST_NANOS = 1_000 * MS;

    /// What comes in late does so by this much: about as long as it takes the others to find
    /// another best entry, and not so long that nothing is relied on any more.
    private static final long LEAST_LATE_NANOS = 250 * MS;

    private static final long MOST_LATE_NANOS = 350 * MS;

    /// What goes before and what passes still.
    private enum Way {
        /// Its disk hangs, or it is asked to stop. When another has heard something of it that is
        /// seldom heard, such as that it hands over, nothing passes any more.
        SELDOM_WORD,
        /// What others say to it is late. Soon nothing goes out any more, and what they said before
        /// goes on coming in.
        LATE_ANSWERS,
        /// Nothing goes out any more, and when it has heard what the others say to what did,
        /// nothing comes in.
        SUDDEN
    }

    /// How far it has come with one exile.
    private enum Phase {
        /// Nothing is cut yet.
        AWAITED,
        /// It is cut off, and as far as anybody knows nobody has replaced it.
        CUT_OFF,
        /// The others have another best entry.
        REPLACED,
        /// It is over, or has never come to it.
        ENDED
    }

    /// One best entry from the moment at which it is chosen until nothing is cut any more.
    final class Banishment {
        private final SimNode node;
        private final List<SimNode> side;
        private final Way way;
        private Phase phase = Phase.AWAITED;

        /// How many frames others are yet to hear of it before it is cut off.
        private int heardLeft;

        /// When all has come in that was late when it was cut off.
        private long allHeardAt;

        private Banishment(SimNode node, List<SimNode> side, Way way) {
            this.node = node;
            this.side = new ArrayList<>(side);
            this.way = way;
        }

        boolean isOver() {
            return phase == Phase.ENDED || world.isHealed();
        }

        /// True if a replica is cut off, or is about to be.
        boolean holds(SimNode other) {
            return side.contains(other);
        }

        /// How long clients pause between two questions, on average: the more is at stake, the
        /// less.
        ///
        /// @param reads true for those who only look on
        long pauseNanos(boolean reads) {
            boolean isPatient = way == Way.SELDOM_WORD;
            return switch (phase) {
                // What an exile has begun to ask the others before it is cut off, they answer.
                case AWAITED -> reads ? (isPatient ? 20 : 2) * MS : 60 * MS;
                case CUT_OFF, ENDED -> (reads ? 10 : 20) * MS;
                case REPLACED -> (reads ? 1 : 5) * MS;
            };
        }

        /// Whoever was told something is with the others, and one of those in its stead.
        private void exchange(SimNode told) {
            if (side.remove(told)) {
                for (SimNode other : world.nodes) {
                    if (other != told && !side.contains(other)) {
                        side.add(other);
                        return;
                    }
                }
            }
        }

        private boolean isBestEntry() {
            return node.isUp() && node.id().equals(node.entry());
        }
    }

    private final World world;
    private final Chance chance;
    private final Nemesis nemesis;
    private final PeerNetwork peers;

    /// Of what was received.
    private final Rarity rarity = new Rarity();

    /// The present one; null if there is none.
    private @Nullable Banishment current;

    /// True if the next best entry is to go soon, because there was none when it was time.
    private boolean isNextWanted;

    Exile(World world, Chance chance, Nemesis nemesis, PeerNetwork peers) {
        this.world = world;
        this.chance = chance;
        this.nemesis = nemesis;
        this.peers = peers;
    }

    /// Whoever is the best entry is to go.
    void begin() {
        boolean isAtRest = world.isHealed() || nemesis.isTired();
        if (isAtRest || current != null || world.nodes.size() < 3) {
            return;
        }
        SimNode entry = bestEntry();
        isNextWanted = entry == null;
        if (entry == null) {
            return;
        }
        chance.about(Topic.EXILE, 0);
        Banishment begun = choose(entry);
        current = begun;
        boolean isPatient = begun.way == Way.SELDOM_WORD;
        long waits = isPatient ? WORD_NANOS : MOST_WAIT_NANOS;
        nemesis.besiege(waits + LONGEST_NANOS);
        world.lookout().onExile(begun);
        prepare(begun);
        world.timeline.after(waits, () -> cutOff(begun));
    }

    private @Nullable SimNode bestEntry() {
        for (SimNode node : world.nodes) {
            if (node.isUp() && node.id().equals(node.entry())) {
                return node;
            }
        }
        return null;
    }

    private Banishment choose(SimNode entry) {
        Way way = Way.values()[chance.below(Way.values().length)];
        boolean isLonely = way != Way.SELDOM_WORD && chance.oneIn(2);
        List<SimNode> side = isLonely ? List.of(entry) : nemesis.company(entry, chance);
        if (way == Way.SELDOM_WORD && !mayLeave(side) && world.weather.disk().blocks()) {
            way = Way.SUDDEN;
        }
        return new Banishment(entry, side, way);
    }

    /// Who is stopping answers others, but no clients.
    private static boolean mayLeave(List<SimNode> side) {
        return side.size() > 1;
    }

    private void prepare(Banishment begun) {
        SimNode node = begun.node;
        if (begun.way == Way.SUDDEN || chance.oneIn(2)) {
            nemesis.setRates(node);
        }
        begun.heardLeft = 1 + chance.below(MOST_HEARD);
        switch (begun.way) {
            case SELDOM_WORD -> {
                // Who waits for its disk says nothing while that hangs.
                boolean mayHang = !world.weather.disk().blocks();
                if (mayLeave(begun.side) && (!mayHang || chance.oneIn(2))) {
                    nemesis.leave(node);
                } else {
                    nemesis.hangDisk(node);
                }
            }
            case LATE_ANSWERS -> {
                long lateNanos = chance.between(LEAST_LATE_NANOS, MOST_LATE_NANOS);
                begun.allHeardAt = world.nowNanos() + lateNanos;
                world.nodes.forEach(other -> peers.slow(other, node, lateNanos));
            }
            case SUDDEN -> {}
        }
    }

    @Override
    public void onHeard(SimNode from) {
        Banishment begun = current;
        if (begun != null
                && begun.way != Way.SELDOM_WORD
                && begun.node == from
                && begun.heardLeft > 0
                && --begun.heardLeft == 0) {
            cutOff(begun);
        }
    }

    @Override
    public void onReceived(SimNode by, ReplicaId from, ProtocolMessage message) {
        boolean isSeldom = rarity.isSeldom(message);
        Banishment begun = current;
        if (begun != null
                && begun.way == Way.SELDOM_WORD
                && begun.node.id().equals(from)
                && isSeldom) {
            begun.exchange(by);
            cutOff(begun);
        }
    }

    private void cutOff(Banishment begun) {
        if (begun.phase != Phase.AWAITED) {
            return;
        }
        int index = begun.node.index();
        if (world.isHealed() || !begun.isBestEntry() || !world.script.strikes(FIRST_SORT + index)) {
            end(begun);
            return;
        }
        chance.about(Topic.EXILE, 1 + index);
        world.exercised.note(Deed.EXILES);
        world.trace.sign(index, Sign.FAULT, () -> "exiled");
        begun.phase = Phase.CUT_OFF;
        switch (begun.way) {
            case SELDOM_WORD -> nemesis.cutOff(begun.side);
            case LATE_ANSWERS -> nemesis.silence(begun.side);
            case SUDDEN -> {
                nemesis.silence(begun.side);
                long hearsFor = chance.anywhere(MS, 20 * MS);
                world.timeline.after(
                        hearsFor,
                        () -> {
                            if (!begun.isOver()) {
                                nemesis.cutOff(begun.side);
                            }
                        });
            }
        }
        world.timeline.after(LONGEST_NANOS, () -> end(begun));
    }

    @Override
    public void onNewEntry(SimNode node) {
        if (isNextWanted) {
            isNextWanted = false;
            world.timeline.after(20 * MS, this::begin);
        }
        Banishment begun = current;
        if (begun == null || begun.holds(node)) {
            return;
        }
        if (begun.phase == Phase.AWAITED) {
            end(begun);
        } else if (begun.phase == Phase.CUT_OFF) {
            begun.phase = Phase.REPLACED;
            chance.about(Topic.EXILE, 1 + node.index());
            long hears = Math.max(0, begun.allHeardAt - world.nowNanos());
            long most = hears + chance.between(30 * MS, 80 * MS);
            world.timeline.after(most, () -> end(begun));
        }
    }

    @Override
    public void onSent(int fromIndex, ReplicaId to, ProtocolMessage message) {}

    private void end(Banishment begun) {
        if (current != begun) {
            return;
        }
        current = null;
        begun.phase = Phase.ENDED;
        if (!world.isHealed()) {
            nemesis.endSiege();
            if (begun.way == Way.SELDOM_WORD) {
                begun.node.slowDisk(1);
            }
        }
    }
}

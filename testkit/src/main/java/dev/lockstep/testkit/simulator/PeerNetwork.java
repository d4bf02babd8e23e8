package dev.lockstep.testkit.simulator;

import dev.lockstep.core.Member;
import dev.lockstep.core.wire.Bytes;
import dev.lockstep.core.wire.BytesWriter;
import dev.lockstep.testkit.simulator.Exercised.Deed;
import dev.lockstep.testkit.simulator.Happening.Sign;
import dev.lockstep.testkit.simulator.Script.Topic;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/// The connections between replicas: one for every pair, made again whenever it ends.
///
/// With streams, a frame is lost only together with its connection, and nothing overtakes. Without,
/// any frame may be lost, repeated or late, and outlive the process that it was sent to: less than
/// the node's transport gives, and all that protocols may rely on.
final class PeerNetwork {

    private static final long MS = 1_000_000L;

    /// How many frames of a connection may come again in the next.
    private static final int MOST_RECENT = 8;

    /// How long a process is not noticed to be unreachable, at most.
    private static final long NOTICE_NANOS = 500 * MS;

    /// The connection of one pair.
    private static final class Link {
        private final SimNode one;
        private final SimNode other;
        private boolean isUp;

        /// Goes up with every connection.
        private int generation;

        /// True if frames to one end are lost and nobody has noticed; those of the other way
        /// arrive.
        private boolean stallsToOne;

        private boolean stallsToOther;

        /// After the death of one end: until when frames that it had sent still arrive.
        private long drainUntil = Long.MAX_VALUE;

        /// Without streams, the last frames of each direction, the newest last.
        private final ArrayDeque<Sent> recent = new ArrayDeque<>();

        private long lastToOne;
        private long lastToOther;

        Link(SimNode one, SimNode other) {
            this.one = one;
            this.other = other;
        }

        boolean stallsFrom(SimNode end) {
            return end == one ? stallsToOther : stallsToOne;
        }

        SimNode farEnd(SimNode end) {
            return end == one ? other : one;
        }
    }

    /// @param number the trace's
    private record Sent(SimNode from, Member as, Bytes frame, long number) {}

    private final World world;
    private final List<Link> links = new ArrayList<>();
    private final boolean[][] cuts;

    /// How much later than others frames of a direction arrive.
    private final long[][] lateNanos;
    /// What stays cut whatever [#mendAll] mends.
    private final boolean[][] keptCuts;

    PeerNetwork(World world, int replicas) {
        this.world = world;
        this.cuts = new boolean[replicas][replicas];
        this.lateNanos = new long[replicas][replicas];
        this.keptCuts = new boolean[replicas][replicas];
    }

    /// Says who is to be connected, before the first of them starts.
    void join(List<SimNode> nodes) {
        for (SimNode one : nodes) {
            for (SimNode other : nodes) {
                if (one.index() < other.index()) {
                    links.add(new Link(one, other));
                }
            }
        }
    }

    private Link link(SimNode one, SimNode other) {
        for (Link link : links) {
            if ((link.one == one && link.other == other)
                    || (link.one == other && link.other == one)) {
                return link;
            }
        }
        throw new IllegalArgumentException(one + " to " + other);
    }

    boolean isCut(SimNode from, SimNode to) {
        return cuts[from.index()][to.index()] || keptCuts[from.index()][to.index()];
    }

    /// Until [#releaseCuts] nothing from one reaches the other.
    void keepCut(SimNode from, SimNode to) {
        keptCuts[from.index()][to.index()] = true;
        world.trace.cut(from.index(), to.index());
    }

    void releaseCuts() {
        for (boolean[] row : keptCuts) {
            Arrays.fill(row, false);
        }
        mended();
    }

    /// For the diagram, in which all is mended at once.
    private void mended() {
        world.trace.mended();
        for (SimNode from : world.nodes) {
            for (SimNode to : world.nodes) {
                if (isCut(from, to)) {
                    world.trace.cut(from.index(), to.index());
                }
            }
        }
    }

    /// From now on nothing from one reaches the other.
    void cut(SimNode from, SimNode to) {
        cuts[from.index()][to.index()] = true;
        world.trace.cut(from.index(), to.index());
    }

    /// From now on what one sends the other takes so much longer.
    void slow(SimNode from, SimNode to, long nanos) {
        lateNanos[from.index()][to.index()] = nanos;
    }

    /// Nothing takes longer any more.
    void hasten() {
        for (long[] row : lateNanos) {
            Arrays.fill(row, 0);
        }
    }

    void mendAll() {
        for (boolean[] row : cuts) {
            Arrays.fill(row, false);
        }
        mended();
    }

    /// See `PeerPort.send`.
    boolean send(SimNode from, SimNode to, Bytes head, Bytes body) {
        Link link = link(from, to);
        if (!link.isUp) {
            world.trace.notSent();
            return false;
        }
        long number = world.trace.sent(from.index(), to.index());
        Bytes frame = new BytesWriter(head.size() + body.size()).put(head).put(body).toBytes();
        Weather.Net net = world.weather.net();
        world.chance.about(Topic.FRAME, from.index(), to.index());
        boolean isLost =
                link.stallsFrom(from)
                        || isCut(from, to)
                        || (!world.isHealed() && world.chance.happens(net.loss()));
        if (isLost) {
            world.exercised.note(Deed.FRAMES_LOST);
            world.trace.lost(number);
            if (net.streams() || isCut(from, to)) {
                stall(link, from);
            }
            return true;
        }
        boolean twice =
                !net.streams() && !world.isHealed() && world.chance.happens(net.duplication());
        Sent sent = new Sent(from, from.member(), frame, number);
        carry(link, sent, world.delay());
        if (twice) {
            world.exercised.note(Deed.FRAMES_REPEATED);
            carry(link, sent, world.delay());
        }
        if (net.duplication() > 0) {
            if (link.recent.size() == MOST_RECENT) {
                link.recent.remove();
            }
            link.recent.add(sent);
        }
        return true;
    }

    private void about(Link link) {
        world.chance.about(Topic.LINK, link.one.index(), link.other.index());
    }

    /// What was sent in the last connection comes again, late.
    private void repeatRecent(Link link) {
        Weather.Net net = world.weather.net();
        about(link);
        for (Sent sent : link.recent) {
            if (!world.isHealed() && world.chance.happens(2 * net.duplication())) {
                world.exercised.note(Deed.FRAMES_REPEATED);
                carry(link, sent, world.chance.anywhere(MS, 500 * MS));
            }
        }
        link.recent.clear();
    }

    private void carry(Link link, Sent sent, long delayNanos) {
        SimNode from = sent.from();
        Bytes frame = sent.frame();
        boolean streams = world.weather.net().streams();
        SimNode receiver = link.farEnd(from);
        long at = world.nowNanos() + delayNanos + lateNanos[from.index()][receiver.index()];
        if (streams) {
            at = Math.max(at, (from == link.one ? link.lastToOther : link.lastToOne) + 1);
            if (from == link.one) {
                link.lastToOther = at;
            } else {
                link.lastToOne = at;
            }
        }
        int generation = link.generation;
        SimNode to = receiver;
        int boot = to.boot();
        Runnable arrive =
                () -> {
                    boolean isSame =
                            link.generation == generation
                                    && to.boot() == boot
                                    && world.nowNanos() <= link.drainUntil;
                    if ((isSame || !streams) && !isCut(from, to) && to.isReachable()) {
                        world.exercised.note(Deed.FRAMES);
                        if (link.isUp && link.generation != generation) {
                            world.exercised.note(Deed.FRAMES_OUTDATED);
                        }
                        world.timeline.fold(frame.crc32c() * 31L + to.index());
                        world.trace.arrived(sent.number());
                        to.onPeerFrame(sent.as(), frame);
                        world.lookout().onHeard(from);
                    } else {
                        world.trace.lost(sent.number());
                    }
                };
        if (streams) {
            world.timeline.at(at, arrive);
        } else {
            world.timeline.after(at - world.nowNanos(), arrive);
        }
    }

    /// Nothing that one end sends gets through any more; both notice after a while.
    private void stall(Link link, SimNode from) {
        if (link.stallsFrom(from)) {
            return;
        }
        boolean isNews = !link.stallsToOne && !link.stallsToOther;
        link.stallsToOther |= from == link.one;
        link.stallsToOne |= from == link.other;
        if (!isNews) {
            return;
        }
        int generation = link.generation;
        about(link);
        long notice = world.isHealed() ? 20 * MS : world.chance.below(NOTICE_NANOS);
        world.timeline.after(
                notice,
                () -> {
                    if (link.generation == generation && link.isUp) {
                        end(link);
                    }
                });
    }

    /// A connection ends although both processes live.
    void reset(SimNode one, SimNode other) {
        Link link = link(one, other);
        if (link.isUp) {
            world.exercised.note(Deed.CONNECTIONS_RESET);
            world.trace.note(() -> "the connection of " + one + " and " + other + " ends");
            world.trace.sign(
                    one.index(), Sign.DISCONNECT, () -> "connection to " + other + " ends");
            end(link);
        }
    }

    private void end(Link link) {
        link.isUp = false;
        link.generation++;
        tellLost(link.one, link.other);
        tellLost(link.other, link.one);
        connectLater(link);
    }

    private void tellLost(SimNode node, SimNode peer) {
        int boot = node.boot();
        Member lost = peer.member();
        world.chance.about(Topic.LOSS, node.index(), peer.index());
        world.timeline.after(
                world.delay(),
                () -> {
                    if (node.isReachable() && node.boot() == boot) {
                        node.onPeerLost(lost);
                    }
                });
    }

    /// A process has died: the others hear of it when what it had sent has arrived, or a part.
    void onDown(SimNode node) {
        for (Link link : links) {
            if ((link.one == node || link.other == node) && link.isUp) {
                link.isUp = false;
                about(link);
                long drained = world.chance.oneIn(2) ? 0 : world.chance.below(2 * world.delay());
                link.drainUntil = world.nowNanos() + drained;
                int generation = link.generation;
                SimNode far = link.farEnd(node);
                world.timeline.after(
                        drained + 1,
                        () -> {
                            if (link.generation == generation) {
                                link.generation++;
                            }
                        });
                if (!isCut(node, far)) {
                    tellLost(far, node);
                }
            }
        }
    }

    /// A process has started.
    void onUp(SimNode node) {
        for (Link link : links) {
            if (link.one == node || link.other == node) {
                connectLater(link);
            }
        }
    }

    private void connectLater(Link link) {
        about(link);
        long pause = world.isHealed() ? 5 * MS : MS + world.chance.below(60 * MS);
        int generation = link.generation;
        world.timeline.after(
                pause,
                () -> {
                    if (!link.isUp && link.generation == generation) {
                        connect(link);
                    } else if (!link.isUp && link.one.isReachable() && link.other.isReachable()) {
                        connectLater(link);
                    }
                });
    }

    private void connect(Link link) {
        SimNode one = link.one;
        SimNode other = link.other;
        if (!one.isReachable() || !other.isReachable()) {
            // Whoever comes up dials.
            return;
        }
        if (isCut(one, other) || isCut(other, one)) {
            about(link);
            if (world.chance.oneIn(4)) {
                tellLost(one, other);
            }
            connectLater(link);
            return;
        }
        link.isUp = true;
        link.stallsToOne = false;
        link.stallsToOther = false;
        repeatRecent(link);
        link.generation++;
        link.drainUntil = Long.MAX_VALUE;
        tellConnected(link, one, other);
        tellConnected(link, other, one);
    }

    private void tellConnected(Link link, SimNode node, SimNode peer) {
        int generation = link.generation;
        int boot = node.boot();
        Member connected = peer.member();
        long at = Math.max(world.nowNanos(), node == link.one ? link.lastToOne : link.lastToOther);
        world.timeline.at(
                at,
                () -> {
                    if (link.generation == generation
                            && node.isReachable()
                            && node.boot() == boot) {
                        node.onPeerConnected(connected);
                    }
                });
    }
}

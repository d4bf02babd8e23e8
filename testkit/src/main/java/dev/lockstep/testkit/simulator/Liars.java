package dev.lockstep.testkit.simulator;

import dev.lockstep.core.OrderingProvider;
import dev.lockstep.core.port.ClientPort;
import dev.lockstep.core.port.PeerPort;
import dev.lockstep.core.wire.Bytes;

import java.util.ArrayList;
import java.util.Collections;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.TreeMap;

/// Who lies in one run, and how; to its end. Drawn apart, by the seed alone.
///
/// A liar's process runs the product's replica. What it says and hears is changed on its way: the
/// simulator's own view of the cluster, and every promise, is that of the others.
final class Liars {

    private static final long SALT = 0x11_a7_11_a7L;

    /// A liar has so many lies at most.
    private static final int MOST_LIES = 3;

    /// The kind of a frame in which a host passes on requests.
    private static final byte REQUESTS = 18;

    /// Of so many clients one is not heard.
    private static final int CENSORED = 3;

    private final World world;

    /// By index.
    private final TreeMap<Integer, EnumSet<Lie>> lies = new TreeMap<>();

    Liars(World world) {
        this.world = world;
    }

    /// Chooses them, before any replica starts.
    ///
    /// @param number how many of `members`
    /// @param choice their lies; never empty unless nobody lies
    void choose(int number, int members, Set<Lie> choice) {
        SplittableRandom random = new SplittableRandom(world.seed ^ SALT);
        List<Integer> indexes = new ArrayList<>();
        for (int i = 0; i < members; i++) {
            indexes.add(i);
        }
        List<Lie> all = new ArrayList<>(choice);
        for (int i = 0; i < number && !all.isEmpty(); i++) {
            Integer index = indexes.remove(random.nextInt(indexes.size()));
            Collections.shuffle(all, new java.util.Random(random.nextLong()));
            int count = 1 + random.nextInt(Math.min(MOST_LIES, all.size()));
            lies.put(index, EnumSet.copyOf(all.subList(0, count)));
        }
    }

    int count() {
        return lies.size();
    }

    boolean isLiar(int index) {
        return lies.containsKey(index);
    }

    /// True if a replica is known to lie in this way.
    boolean does(int index, Lie lie) {
        EnumSet<Lie> its = lies.get(index);
        return its != null && its.contains(lie);
    }

    /// True if a replica does not take what another passes on to it.
    boolean censors(int index, Bytes frame) {
        boolean isPassedOn = does(index, Lie.CENSORSHIP) && frame.getByte(0) == REQUESTS;
        if (isPassedOn) {
            world.exercised.noteMalice("lied:" + Lie.CENSORSHIP.word());
        }
        return isPassedOn;
    }

    /// True if a replica does not take what this client asks.
    boolean censors(int index, SimClient.Life client) {
        return does(index, Lie.CENSORSHIP) && client.index() % CENSORED == 0;
    }

    /// True if a replica's state is to change now of the replica's own accord.
    boolean corrupts(int index) {
        boolean isTime = does(index, Lie.CORRUPT_STATE);
        if (isTime) {
            world.exercised.noteMalice("lied:" + Lie.CORRUPT_STATE.word());
        }
        return isTime;
    }

    private Liar liar(int index) {
        return new Liar(world, index, EnumSet.copyOf(lies.getOrDefault(index, none())));
    }

    private static EnumSet<Lie> none() {
        return EnumSet.noneOf(Lie.class);
    }

    PeerPort peers(int index, PeerPort honest) {
        return isLiar(index) ? new LyingPeers(liar(index), honest) : honest;
    }

    ClientPort clients(int index, ClientPort honest) {
        return isLiar(index) ? new LyingReplies(liar(index), honest) : honest;
    }

    OrderingProvider<?, ?> order(int index, OrderingProvider<?, ?> honest) {
        return isLiar(index) ? LyingOrder.of(liar(index), honest) : honest;
    }

    @Override
    public String toString() {
        StringBuilder text = new StringBuilder();
        lies.forEach(
                (index, its) ->
                        text.append("replica ").append(index + 1).append(" lies: ").append(its));
        return text.toString();
    }
}

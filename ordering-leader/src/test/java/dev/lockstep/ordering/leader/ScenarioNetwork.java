package dev.lockstep.ordering.leader;

import dev.lockstep.core.ReplicaId;
import dev.lockstep.core.wire.Bytes;
import dev.lockstep.core.wire.BytesWriter;

import org.jspecify.annotations.Nullable;

import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.function.Predicate;

/// What is under way between members. Each link keeps its order; what is delayed may arrive at any
/// time after.
final class ScenarioNetwork {

    private static final LeaderCodec CODEC = new LeaderCodec();

    /// One message under way, as its bytes.
    record Letter(ReplicaId from, ReplicaId to, Bytes frame) {
        LeaderMessage message() {
            return CODEC.decodeMessage(frame);
        }

        boolean isOn(ReplicaId sender, ReplicaId receiver) {
            return from.equals(sender) && to.equals(receiver);
        }

        @Override
        public String toString() {
            return from + " -> " + to + " " + ScenarioWords.of(message());
        }
    }

    private record Link(ReplicaId from, ReplicaId to) implements Comparable<Link> {
        @Override
        public int compareTo(Link other) {
            int byFrom = from.compareTo(other.from);
            return byFrom != 0 ? byFrom : to.compareTo(other.to);
        }
    }

    /// In the order in which they were sent.
    private final List<Letter> underWay = new ArrayList<>();

    /// Those that were overtaken.
    private final List<Letter> late = new ArrayList<>();

    private final SortedSet<Link> cut = new TreeSet<>();
    private final SortedSet<Link> unconnected = new TreeSet<>();

    /// Sends; the reason if it is lost at once, or nothing.
    String send(ReplicaId from, ReplicaId to, LeaderMessage message, boolean isUp) {
        Link link = new Link(from, to);
        if (!isUp) {
            return " (down)";
        }
        if (cut.contains(link)) {
            return " (cut off)";
        }
        if (unconnected.contains(link)) {
            return " (not connected)";
        }
        BytesWriter out = new BytesWriter(64);
        CODEC.encodeMessage(message, out);
        underWay.add(new Letter(from, to, out.toBytes()));
        return "";
    }

    List<Letter> underWay() {
        return List.copyOf(underWay);
    }

    List<Letter> late() {
        return List.copyOf(late);
    }

    /// Takes the oldest one of a link off the way; null if there is none.
    @Nullable Letter takeNext(ReplicaId from, ReplicaId to) {
        return takeFirst(underWay, letter -> letter.isOn(from, to));
    }

    @Nullable Letter takeLate(ReplicaId from, ReplicaId to) {
        return takeFirst(late, letter -> letter.isOn(from, to));
    }

    /// Takes the oldest of all; null if nothing is under way.
    @Nullable Letter takeOldest() {
        return takeFirst(underWay, _ -> true);
    }

    private static @Nullable Letter takeFirst(List<Letter> letters, Predicate<Letter> wanted) {
        Iterator<Letter> all = letters.iterator();
        while (all.hasNext()) {
            Letter letter = all.next();
            if (wanted.test(letter)) {
                all.remove();
                return letter;
            }
        }
        return null;
    }

    /// Takes all of those, oldest first.
    List<Letter> takeAll(Predicate<Letter> wanted) {
        List<Letter> taken = underWay.stream().filter(wanted).toList();
        underWay.removeIf(wanted);
        return taken;
    }

    void delay(Letter letter) {
        late.add(letter);
    }

    /// Cuts both ways; what is under way is lost.
    List<Letter> cut(ReplicaId one, ReplicaId other) {
        cut.add(new Link(one, other));
        cut.add(new Link(other, one));
        return takeAll(letter -> letter.isOn(one, other) || letter.isOn(other, one));
    }

    void mend(ReplicaId one, ReplicaId other) {
        cut.remove(new Link(one, other));
        cut.remove(new Link(other, one));
    }

    /// Ends the connection; what is under way on it is lost, what was delayed is not.
    List<Letter> disconnect(ReplicaId one, ReplicaId other) {
        unconnected.add(new Link(one, other));
        unconnected.add(new Link(other, one));
        return takeAll(letter -> letter.isOn(one, other) || letter.isOn(other, one));
    }

    void connect(ReplicaId one, ReplicaId other) {
        unconnected.remove(new Link(one, other));
        unconnected.remove(new Link(other, one));
    }

    boolean isConnected(ReplicaId one, ReplicaId other) {
        return !unconnected.contains(new Link(one, other));
    }
}

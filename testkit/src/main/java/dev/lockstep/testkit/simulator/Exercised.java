package dev.lockstep.testkit.simulator;

import java.util.Collection;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;

/// What a run, or many, came to do: a fault that never happens tests nothing.
///
/// Threading: one thread; [#plus] makes sums of finished runs.
public final class Exercised {

    /// What is counted.
    public enum Deed {
        /// Commands that clients know to be executed.
        COMMANDS_ACKNOWLEDGED,
        /// Linearizable queries that were answered.
        LINEARIZABLE_READS,
        /// Queries answered from what the client had seen.
        SESSION_READS,
        /// Queries answered from whatever was there.
        LOCAL_READS,
        /// Outcomes that the client never learnt.
        UNKNOWN_OUTCOMES,
        /// Outcomes that are known to be without effect.
        REFUSED_OUTCOMES,
        /// Commands on which the service threw.
        SERVICE_FAILURES,
        /// Changes of state that no client asked for, in their time.
        DEADLINES_FIRED,
        /// Sessions that the cluster ended.
        SESSIONS_EXPIRED,
        /// Clients that went away without a word.
        CLIENTS_ABANDONED,
        /// Sessions closed in good order.
        SESSIONS_CLOSED,
        /// Requests that clients sent more than once.
        REQUESTS_RESENT,
        /// Batches that were delivered at a second position, and skipped there.
        BATCHES_REPEATED,
        /// Batches that the protocol refused.
        BATCHES_REFUSED,
        /// Positions that were agreed on.
        POSITIONS,
        /// Times at which a replica's best entry changed, to another replica or to none.
        ENTRY_CHANGES,
        /// Times at which a replica came to lead: to be its own best entry.
        LEADERSHIPS,
        /// Replicas that led and did so no more, though they lived.
        STEP_DOWNS,
        /// Frames between replicas that arrived.
        FRAMES,
        /// Frames between replicas that were lost.
        FRAMES_LOST,
        /// Frames between replicas that arrived twice.
        FRAMES_REPEATED,
        /// Frames between replicas that arrived after their connection had ended and another had
        /// been made.
        FRAMES_OUTDATED,
        /// Connections between replicas that ended while both lived.
        CONNECTIONS_RESET,
        /// Connections of clients that ended.
        CLIENT_CONNECTIONS_LOST,
        /// Clients that left their replies unread for a while.
        READERS_SLOW,
        /// Connections that a node closed because their client left too much unread.
        READERS_DROPPED,
        /// Partitions, of one link or many, one way or both.
        PARTITIONS,
        /// Faults at the moments when they hurt most.
        AMBUSHES,
        /// Replicas that were cut off or killed soon after they had become the best entry, one
        /// after the other, each when the one before was back.
        SIEGES,
        /// Replicas that were cut off from the others while clients went on asking them.
        EXILES,
        /// Times at which clocks began to run at other rates: one slow, all others fast.
        CLOCK_RATES,
        /// Disks that became slow.
        SLOW_DISKS,
        /// Times at which clients asked much in a short time.
        RUSHES,
        /// Links on which one direction became slow.
        SLOW_LINKS,
        /// Processes that died.
        CRASHES,
        /// Machines that lost what was not synced.
        POWER_FAILURES,
        /// Crashes of all replicas at once.
        TOTAL_FAILURES,
        /// Processes that died between a write and its sync.
        CRASHES_IN_SYNC,
        /// Journals that were cut at a torn tail.
        TORN_TAILS,
        /// Processes that stood still.
        PAUSES,
        /// Processes stopped in good order.
        ORDERLY_STOPS,
        /// Disks that were full when something was to be written.
        DISKS_FULL,
        /// Syncs and writes that failed.
        DISK_ERRORS,
        /// Bits of a disk that flipped.
        BITS_FLIPPED,
        /// Replicas that did not start because their disk was damaged, before it was brought back
        /// as it was or given up.
        DAMAGE_REFUSED,
        /// Wall clocks that jumped or stood still.
        CLOCK_FAULTS,
        /// Replicas that stayed away until the others had gone on for long.
        ABSENCES,
        /// Snapshots that became durable.
        SNAPSHOTS_TAKEN,
        /// Snapshots for which there was no room.
        SNAPSHOTS_FAILED,
        /// Times at which a replica executed nothing while it wrote a snapshot of a state that
        /// cannot be frozen.
        EXECUTION_PAUSES,
        /// Batches that were delivered meanwhile, and executed after it.
        BATCHES_DELAYED,
        /// Starts from a snapshot.
        STARTS_FROM_SNAPSHOTS,
        /// Snapshots that were found damaged and passed over.
        SNAPSHOTS_PASSED_OVER,
        /// Machines that lost all their snapshots and nothing else.
        SNAPSHOTS_LOST,
        /// Replicas that died when a snapshot had just become durable.
        SNAPSHOT_AMBUSHES,
        /// Chunks of snapshots that were sent to members behind.
        CHUNKS_SERVED,
        /// Snapshots that were fetched from a member and begun with.
        SNAPSHOTS_INSTALLED,
        /// Times at which records were dropped because a snapshot stands for them.
        JOURNALS_SHORTENED,
        /// Changes of members that operators asked for and that were begun.
        CHANGES_BEGUN,
        /// Changes of members that were refused.
        CHANGES_REFUSED,
        /// Epochs that began after the first.
        EPOCHS,
        /// Replicas that became members.
        MEMBERS_TAKEN_IN,
        /// Replicas that were members and are no more.
        MEMBERS_GONE,
        /// Disks that were lost with all that was on them.
        DISKS_LOST,
        /// Replicas that began another life because their disk was damaged.
        DAMAGED_DISKS_GIVEN_UP,
        /// Journals that were as they had been before they were damaged.
        JOURNALS_MENDED,
        /// Damaged records that came back from another replica.
        RECORDS_REPAIRED,
        /// Damaged journals that could not be mended.
        REPAIRS_GIVEN_UP,
        /// Times at which the journals of a majority were damaged at once.
        MAJORITIES_DAMAGED,
        /// Clients that were told of other replicas than they knew.
        CLIENTS_LED_ON,
        /// States that changed of their own accord.
        MEMORY_FLIPS,
        /// Whole states that were digested to be compared.
        STATES_DIGESTED,
        /// Replicas that were found to differ from the majority.
        QUARANTINES,
        /// Members of which others said that they differ.
        DIVERGED_PEERS
    }

    private final long[] counts = new long[Deed.values().length];

    /// How often each kind of messages of the protocol that clusters begin with was received, and
    /// each kind of its records persisted. With one of them come all others that the protocol has,
    /// so that it shows which never were.
    private final Map<Class<?>, long[]> received = new HashMap<>();

    private final Map<Class<?>, long[]> persisted = new HashMap<>();

    /// How often clusters went from one order to another, by [#switchOf]. All that could have come
    /// about are in it.
    private final TreeMap<String, Long> switches = new TreeMap<>();

    /// What liars did, and what was held against them, by name.
    private final TreeMap<String, Long> malice = new TreeMap<>();

    /// Nothing yet.
    public Exercised() {}

    /// A replica lied, or was found out.
    void noteMalice(String what) {
        malice.merge(what, 1L, Long::sum);
    }

    /// How often that was noted: `lied:wrong-results` for one, or `held:evidence`, which is what
    /// honest replicas hold against those that lie.
    public long malice(String what) {
        return malice.getOrDefault(what, 0L);
    }

    void note(Deed deed) {
        counts[deed.ordinal()]++;
    }

    void note(Deed deed, long times) {
        counts[deed.ordinal()] += times;
    }

    void noteReceived(Class<?> kind) {
        count(received, kind, 1);
    }

    void notePersisted(Class<?> kind) {
        count(persisted, kind, 1);
    }

    private static void count(Map<Class<?>, long[]> counts, Class<?> kind, long times) {
        long[] count = counts.get(kind);
        if (count == null) {
            for (Class<?> sort : kind.getInterfaces()) {
                addAll(counts, sort);
            }
            count = counts.computeIfAbsent(kind, _ -> new long[1]);
        }
        count[0] += times;
    }

    private static void addAll(Map<Class<?>, long[]> counts, Class<?> sort) {
        if (sort.isSealed()) {
            for (Class<?> kind : sort.getPermittedSubclasses()) {
                addAll(counts, kind);
            }
        } else if (!sort.isInterface()) {
            counts.putIfAbsent(sort, new long[1]);
        }
    }

    /// How often.
    public long count(Deed deed) {
        return counts[deed.ordinal()];
    }

    /// What never happened, of what must: only another epoch brings a batch to a second
    /// position, and only narrow bounds make a protocol refuse one.
    public Set<Deed> missing() {
        Set<Deed> missing = EnumSet.noneOf(Deed.class);
        for (Deed deed : Deed.values()) {
            if (count(deed) == 0 && deed != Deed.BATCHES_REPEATED && deed != Deed.BATCHES_REFUSED) {
                missing.add(deed);
            }
        }
        return missing;
    }

    /// From now on it shows which of these orders no cluster has gone from or to.
    void expectSwitches(Collection<String> orders) {
        for (String from : orders) {
            for (String to : orders) {
                if (!from.equals(to)) {
                    switches.putIfAbsent(switchOf(from, to), 0L);
                }
            }
        }
    }

    /// A cluster goes from one order to another.
    void noteSwitch(String from, String to) {
        switches.merge(switchOf(from, to), 1L, Long::sum);
    }

    private static String switchOf(String from, String to) {
        return "switched:" + from + ">" + to;
    }

    /// The switches that operators would have come to ask for and that never came about, as
    /// [#byName] calls them; none if there is one order only.
    public SortedSet<String> unswitched() {
        TreeSet<String> never = new TreeSet<>(switches.keySet());
        never.removeIf(name -> switches.getOrDefault(name, 0L) > 0);
        return never;
    }

    /// The sum of this and `other`, which both stay as they are.
    public Exercised plus(Exercised other) {
        Exercised sum = new Exercised();
        for (int i = 0; i < counts.length; i++) {
            sum.counts[i] = counts[i] + other.counts[i];
        }
        for (Exercised part : List.of(this, other)) {
            part.received.forEach((kind, count) -> count(sum.received, kind, count[0]));
            part.persisted.forEach((kind, count) -> count(sum.persisted, kind, count[0]));
            part.switches.forEach((name, count) -> sum.switches.merge(name, count, Long::sum));
            part.malice.forEach((name, count) -> sum.malice.merge(name, count, Long::sum));
        }
        return sum;
    }

    /// The kinds of messages that nobody received and of records that nobody persisted, as
    /// [#byName] calls them; none if the protocol does not say which kinds there are.
    public SortedSet<String> unheard() {
        TreeSet<String> unheard = new TreeSet<>();
        kinds().forEach(
                        (name, count) -> {
                            if (count == 0) {
                                unheard.add(name);
                            }
                        });
        return unheard;
    }

    private SortedMap<String, Long> kinds() {
        TreeMap<String, Long> kinds = new TreeMap<>();
        received.forEach((kind, count) -> kinds.put("received:" + kind.getSimpleName(), count[0]));
        persisted.forEach(
                (kind, count) -> kinds.put("persisted:" + kind.getSimpleName(), count[0]));
        return kinds;
    }

    /// All counts by name, such as `torn-tails`; the protocol's messages as `received:Append`, its
    /// records as `persisted:Entry`, changes of order as `switched:leader>logical-clock`.
    public SortedMap<String, Long> byName() {
        TreeMap<String, Long> named = new TreeMap<>();
        for (Deed deed : Deed.values()) {
            named.put(nameOf(deed), counts[deed.ordinal()]);
        }
        named.putAll(kinds());
        named.putAll(switches);
        named.putAll(malice);
        return named;
    }

    /// Such as `torn-tails`.
    public static String nameOf(Deed deed) {
        return deed.name().toLowerCase(Locale.ROOT).replace('_', '-');
    }
}

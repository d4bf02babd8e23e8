package dev.lockstep.ordering.leader;

import dev.lockstep.core.ReplicaId;
import dev.lockstep.core.wire.Bytes;
import dev.lockstep.core.wire.BytesWriter;

import org.jspecify.annotations.Nullable;

import java.util.ArrayList;
import java.util.List;
import java.util.NavigableMap;
import java.util.TreeMap;

/// One member's journal in memory: records as their bytes, some of them not durable yet.
final class ScenarioJournal {

    private static final LeaderCodec CODEC = new LeaderCodec();

    /// By sequence.
    private final NavigableMap<Long, Bytes> records = new TreeMap<>();

    private long last;
    private long durable;

    /// An entry of the log that the records tell of.
    record Kept(LogEntry entry, boolean isDurable) {}

    long append(LeaderRecord record) {
        BytesWriter out = new BytesWriter(64);
        CODEC.encodeRecord(record, out);
        records.put(++last, out.toBytes());
        return last;
    }

    long durable() {
        return durable;
    }

    boolean isDurable() {
        return durable == last;
    }

    /// Everything is on disk from now on; how many records that concerned.
    int sync() {
        int count = (int) (last - durable);
        durable = last;
        return count;
    }

    /// Loses what is not durable; tells what that was.
    List<LeaderRecord> losePower() {
        NavigableMap<Long, Bytes> lost = records.tailMap(durable, false);
        List<LeaderRecord> told = lost.values().stream().map(ScenarioJournal::decode).toList();
        lost.clear();
        last = durable;
        return told;
    }

    /// Drops what is needed no more.
    void release(long through) {
        records.headMap(through, true).clear();
    }

    NavigableMap<Long, LeaderRecord> all() {
        NavigableMap<Long, LeaderRecord> all = new TreeMap<>();
        records.forEach((sequence, bytes) -> all.put(sequence, decode(bytes)));
        return all;
    }

    /// The log as the records tell it, those of replaced entries left out.
    List<Kept> log() {
        NavigableMap<Long, Kept> log = new TreeMap<>();
        all().forEach(
                        (sequence, record) -> {
                            switch (record) {
                                case LeaderRecord.Entry entry -> {
                                    long index = entry.entry().index();
                                    log.tailMap(index, true).clear();
                                    log.put(index, new Kept(entry.entry(), sequence <= durable));
                                }
                                case LeaderRecord.Truncated truncated ->
                                        log.tailMap(truncated.fromIndex(), true).clear();
                                case LeaderRecord.Term _, LeaderRecord.Committed _ -> {}
                            }
                        });
        return new ArrayList<>(log.values());
    }

    /// The last record of term and vote; null if there is none.
    LeaderRecord.@Nullable Term term() {
        LeaderRecord.Term latest = null;
        for (LeaderRecord record : all().values()) {
            if (record instanceof LeaderRecord.Term term) {
                latest = term;
            }
        }
        return latest;
    }

    @Nullable ReplicaId vote() {
        LeaderRecord.Term term = term();
        return term == null ? null : term.votedFor();
    }

    private static LeaderRecord decode(Bytes bytes) {
        return CODEC.decodeRecord(bytes);
    }
}

package dev.lockstep.node;

import java.util.ArrayList;
import java.util.List;

/// What has befallen a replica's data since its process began.
///
/// Threading: the node's thread.
final class Mishaps {

    /// Why the replica began new lives, one sentence each.
    private final List<String> reborn = new ArrayList<>();

    private int journalsMended;
    private long recordsRepaired;
    private int snapshotsDamaged;
    private int quarantines;
    private int statesHealed;

    List<String> reborn() {
        return reborn;
    }

    /// How often the journal was damaged and is again as it was.
    int journalsMended() {
        return journalsMended;
    }

    /// How many damaged records came back from other replicas.
    long recordsRepaired() {
        return recordsRepaired;
    }

    /// How many snapshots were found damaged: at a start, or when somebody wanted a part of them.
    int snapshotsDamaged() {
        return snapshotsDamaged;
    }

    /// How often the replica was found to differ from the majority.
    int quarantines() {
        return quarantines;
    }

    /// How often it has taken the majority's state in place of its own for that.
    int statesHealed() {
        return statesHealed;
    }

    void quarantined() {
        quarantines++;
    }

    void stateHealed() {
        statesHealed++;
    }

    void snapshotDamaged() {
        snapshotsDamaged++;
    }

    void bornAgain(String why) {
        reborn.add(why);
    }

    void mended(int records) {
        journalsMended++;
        recordsRepaired += records;
    }
}

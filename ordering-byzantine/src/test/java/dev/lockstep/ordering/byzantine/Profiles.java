package dev.lockstep.ordering.byzantine;

import java.util.ArrayList;
import java.util.List;

/// The rows of the table of runs: what the fault model promises to survive.
final class Profiles {

    static final List<Profile> ALL =
            List.of(
                    Profile.partialSync(4, 1),
                    Profile.partialSync(4, 1).crashing(3),
                    Profile.partialSync(4, 1).withTwins(),
                    Profile.partialSync(4, 1).stopping(),
                    Profile.partialSync(7, 2),
                    Profile.syncBound(3, 1),
                    Profile.syncBound(3, 1).withTwins(),
                    Profile.syncBound(3, 1).stopping(),
                    Profile.syncBound(5, 2),
                    Profile.syncBound(5, 1).crashing(1),
                    Profile.syncBound(3, 0).crashing(3).breakingDelta(),
                    Profile.syncBound(5, 0).crashing(5).breakingDelta(),
                    Profile.syncBound(5, 1).slow(1),
                    Profile.syncBound(7, 2).slow(1));

    private Profiles() {}

    /// What runs of a row must have come to, or they show nothing.
    static List<String> expected(Profile profile) {
        List<String> expected = new ArrayList<>(List.of("commits", "view changes"));
        if (profile.byzantine() > 0) {
            expected.add("evidence");
            if (!profile.twins()) {
                expected.add("equivocating proposals");
            }
        }
        if (profile.crashes() > 0) {
            expected.add("restarts");
        }
        if (profile.stops()) {
            expected.add("epochs ended");
        }
        if (profile.isPrompt() && profile.byzantine() > 0 && !profile.twins()) {
            expected.add("runs with conflicting QC1");
        }
        return expected;
    }
}

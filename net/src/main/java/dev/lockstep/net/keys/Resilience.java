package dev.lockstep.net.keys;

/// How many members of a cluster may do anything at all, and what that rests on.
public enum Resilience {
    /// t of 3t+1, whatever the delays.
    THIRD("3t+1", 'A'),
    /// t of 2t+1, while no message between members that work exceeds a known bound.
    HALF("2t+1", 'B');

    private final String word;
    private final int setting;

    Resilience(String word, int setting) {
        this.word = word;
        this.setting = setting;
    }

    /// How the configuration writes it.
    public String word() {
        return word;
    }

    /// The byte that stands for it in everything that is signed.
    public int setting() {
        return setting;
    }

    /// t of so many members.
    public int tolerated(int members) {
        return (members - 1) / (this == THIRD ? 3 : 2);
    }

    /// The one that the configuration writes so.
    ///
    /// @throws IllegalArgumentException if there is none
    public static Resilience parse(String word) {
        for (Resilience each : values()) {
            if (each.word.equals(word)) {
                return each;
            }
        }
        throw new IllegalArgumentException("resilience is " + word + "; choose 3t+1 or 2t+1");
    }
}

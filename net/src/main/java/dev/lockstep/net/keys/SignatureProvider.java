package dev.lockstep.net.keys;

/// A library that makes and checks Ed25519 signatures. A cluster pins one: all members have it, or
/// do not take part.
public enum SignatureProvider {
    /// AmazonCorrettoCryptoProvider: native, for Linux on x86_64 and aarch64. The default.
    ACCP("accp"),
    /// BouncyCastle: Java, for everything else.
    BOUNCY_CASTLE("bouncy-castle"),
    /// What the JDK has. A hundred times slower, so it is for tests, and no cluster can pin it.
    JDK("jdk");

    /// What a cluster uses that says nothing.
    public static final SignatureProvider DEFAULT = ACCP;

    private final String word;

    SignatureProvider(String word) {
        this.word = word;
    }

    /// How cluster.yaml writes it.
    public String word() {
        return word;
    }

    /// Reads what a cluster can pin.
    ///
    /// @throws IllegalArgumentException with what may stand there, if `word` is none of it
    public static SignatureProvider parse(String word) {
        for (SignatureProvider provider : values()) {
            if (provider.word.equals(word) && provider != JDK) {
                return provider;
            }
        }
        throw new IllegalArgumentException(
                word.equals(JDK.word)
                        ? "the JDK's own signatures are a hundred times slower: choose accp or bouncy-castle"
                        : "choose accp or bouncy-castle");
    }

    /// The fastest that works on this machine: for a cluster that is made and run here.
    public static SignatureProvider best() {
        return ACCP.isAvailable() ? ACCP : BOUNCY_CASTLE;
    }

    /// True if this process can use it.
    public boolean isAvailable() {
        try {
            var _ = SignatureLibrary.open(this);
            return true;
        } catch (KeyRefusedException _) {
            return false;
        }
    }
}

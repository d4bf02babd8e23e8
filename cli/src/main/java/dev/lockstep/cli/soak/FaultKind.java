package dev.lockstep.cli.soak;

import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

import java.util.Arrays;
import java.util.stream.Collectors;

/// What may be done to a cluster.
enum FaultKind {
    /// `kill -9` of one replica, the leader, or all at once.
    KILL("kill"),

    /// A replica is stopped by SIGSTOP and goes on later, unaware of the time that has passed.
    PAUSE("pause"),

    /// A replica is cut off from all, or from one other in one direction or both.
    PARTITION("partition"),

    /// A byte of a stopped replica's journal is flipped, or its end is missing.
    DAMAGE("damage"),

    /// There is no more room on a replica's disk.
    FULL_DISK("full-disk"),

    /// A replica's wall clock is wrong, and jumps.
    CLOCK("clock");

    private final String word;

    FaultKind(String word) {
        this.word = word;
    }

    @Override
    public String toString() {
        return word;
    }

    static String all() {
        return Arrays.stream(values()).map(FaultKind::toString).collect(Collectors.joining(","));
    }

    /// Reads the word of the command line.
    static final class Reader implements ITypeConverter<FaultKind> {

        @Override
        public FaultKind convert(String word) {
            return Arrays.stream(values())
                    .filter(kind -> kind.word.equals(word))
                    .findFirst()
                    .orElseThrow(
                            () ->
                                    new TypeConversionException(
                                            "there is no fault '"
                                                    + word
                                                    + "'; choose from "
                                                    + all().replace(",", ", ")));
        }
    }
}

package dev.lockstep.services.kv;

import dev.lockstep.node.Amounts;

import java.util.SortedMap;

/// The options of the key-value service.
///
/// All take part in execution: they must be the same on every replica of a cluster.
///
/// @param maxValueBytes the largest value a key may have (`max-value-bytes`)
public record KvOptions(int maxValueBytes) {

    private static final String MAX_VALUE_BYTES = "max-value-bytes";
    private static final int MOST_VALUE_BYTES = (32 << 20) - (1 << 10);

    /// What holds unless configured otherwise: with its framing, the largest value fits the largest
    /// reply that replicas give by default.
    public static final KvOptions DEFAULT = new KvOptions((8 << 20) - (1 << 10));

    /// Refuses what cannot be.
    public KvOptions {
        if (maxValueBytes < 1 || maxValueBytes > MOST_VALUE_BYTES) {
            throw new IllegalArgumentException(
                    "%s is %d; choose from 1 to %d"
                            .formatted(MAX_VALUE_BYTES, maxValueBytes, MOST_VALUE_BYTES));
        }
    }

    /// Reads `service-options:`.
    ///
    /// @throws IllegalArgumentException with a sentence that names the option, what it was, and
    /// what
    ///     it may be
    public static KvOptions of(SortedMap<String, String> options) {
        KvOptions result = DEFAULT;
        for (var option : options.entrySet()) {
            if (!option.getKey().equals(MAX_VALUE_BYTES)) {
                throw new IllegalArgumentException(
                        "service kv has no option %s; it has %s"
                                .formatted(option.getKey(), MAX_VALUE_BYTES));
            }
            Long bytes = Amounts.sizeBytes(option.getValue());
            if (bytes == null || bytes < 1 || bytes > MOST_VALUE_BYTES) {
                throw new IllegalArgumentException(
                        "%s is %s; choose a size such as 64KiB or 8MiB, at most %s"
                                .formatted(
                                        MAX_VALUE_BYTES,
                                        option.getValue(),
                                        Amounts.ofSize(MOST_VALUE_BYTES)));
            }
            result = new KvOptions(bytes.intValue());
        }
        return result;
    }
}

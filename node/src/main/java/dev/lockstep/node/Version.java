package dev.lockstep.node;

import org.jspecify.annotations.Nullable;

/// Which build this is.
final class Version {

    private Version() {}

    /// From the jar's manifest; `development` outside of one.
    static String text() {
        @Nullable String version = Version.class.getPackage().getImplementationVersion();
        return version == null ? "development" : version;
    }
}

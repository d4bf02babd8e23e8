package dev.lockstep.cli;

import java.nio.file.Path;

final class Tour {
    Tour(Console console, Path directory) {}

    int run() {
        throw new OperatorException("not built yet");
    }
}

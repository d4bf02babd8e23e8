package dev.lockstep.testkit.scenario;

/// A transcript whose commands have another outcome than it says, or that cannot be run. The
/// message names the file and the line.
public final class TranscriptFailure extends AssertionError {

    private static final long serialVersionUID = 1;

    TranscriptFailure(String message) {
        super(message);
    }

    TranscriptFailure(String message, Throwable cause) {
        super(message, cause);
    }
}

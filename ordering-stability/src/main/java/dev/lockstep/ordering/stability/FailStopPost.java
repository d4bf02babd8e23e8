package dev.lockstep.ordering.stability;

/// Sends with a header.
final class FailStopPost {

    private final FailStopSetup setup;
    private final FailStopStep step;
    private final Progress progress;

    /// Nothing is said before this record is durable.
    private long silentUntil;

    private boolean isWedged;

    FailStopPost(FailStopSetup setup, FailStopStep step, Progress progress) {
        this.setup = setup;
        this.step = step;
        this.progress = progress;
    }

    /// This member takes no part any more. A header of its own would be taken for an
    /// acknowledgement.
    void wedge() {
        isWedged = true;
    }

    void silentUntil(long sequence) {
        silentUntil = sequence;
    }

    void send(int rank, FailStopMessage.Body body) {
        sendAfter(rank, body, 0);
    }

    void sendAfter(int rank, FailStopMessage.Body body, long sequence) {
        step.send(
                setup.idAt(rank),
                new FailStopMessage(progress.header(isWedged), body),
                Math.max(sequence, silentUntil));
    }

    void sendAll(FailStopMessage.Body body) {
        for (int rank = 0; rank < setup.size(); rank++) {
            if (rank != setup.rank()) {
                send(rank, body);
            }
        }
    }
}

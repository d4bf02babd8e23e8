package dev.lockstep.client;

import dev.lockstep.client.CommandWindow.State;
import dev.lockstep.core.wire.ClientReply.Status;
import dev.lockstep.core.wire.ClientRequest;

import org.jspecify.annotations.Nullable;

import java.nio.charset.StandardCharsets;

/// Numbers a session's commands, sends them, and pursues each number until the cluster has answered
/// it, whether or not the caller still waits.
final class CommandLane {

    private final CommandWindow window;
    private final ClientTransport transport;
    private final Backoff backoff;

    /// For the answer to the lowest number: those behind it cannot have one before.
    private final Patience patience;

    /// All numbers below have been sent or answered.
    private long unsentFrom = 1;

    /// How many slots are PAUSED.
    private int paused;

    /// No deadline of an untold command is earlier.
    private long earliestDeadline = Long.MAX_VALUE;

    private long resends;

    /// What the cluster last said when it did not admit a command.
    private String lastRefusal = "";

    CommandLane(EngineOptions options, ClientTransport transport) {
        this.window = new CommandWindow(options.window());
        this.transport = transport;
        this.backoff = new Backoff(options.overloadedPauseNanos());
        this.patience = new Patience(options.retryNanos());
    }

    boolean isFull() {
        return window.isFull();
    }

    long resends() {
        return resends;
    }

    /// Every number up to this has been answered.
    long acknowledged() {
        return window.base() - 1;
    }

    /// When one of the callers is to be told at the latest.
    long earliestDeadline() {
        return earliestDeadline;
    }

    /// True if something is to be sent.
    boolean hasUnsent() {
        return paused > 0 || Math.max(unsentFrom, window.base()) < window.next();
    }

    /// Nothing is sent before.
    long pausedUntil() {
        return backoff.until();
    }

    /// True while the oldest command without an outcome is with a replica, which owes an answer.
    boolean isAwaited() {
        return !window.isEmpty() && window.state[window.slot(window.base())] == State.SENT;
    }

    /// When the entry has been silent for too long; never if nothing is awaited of it.
    long impatientAt() {
        return isAwaited() ? patience.until() : Long.MAX_VALUE;
    }

    /// The replica whose silence that is.
    int awaitedFrom() {
        return window.sentTo[window.slot(window.base())];
    }

    void onImpatient(long now) {
        patience.onExhausted(now);
    }

    /// What a replica said when it did not open the session.
    void onNotOpened(byte[] bytes, int offset, int length) {
        lastRefusal = new String(bytes, offset, length, StandardCharsets.UTF_8);
    }

    void add(byte[] command, long deadlineNanos, Completion whenKnown) {
        window.add(command, deadlineNanos, whenKnown);
        earliestDeadline = Math.min(earliestDeadline, deadlineNanos);
    }

    /// Sends what was not sent yet, in order, as far as the transport has room.
    ///
    /// @return how many were sent
    int send(long now, int entry, long session) {
        if (!backoff.isOver(now)) {
            return 0;
        }
        if (paused > 0) {
            resume();
        }
        int sent = 0;
        long sequence = Math.max(unsentFrom, window.base());
        for (; sequence < window.next(); sequence++) {
            int slot = window.slot(sequence);
            if (window.state[slot] != State.WAITING) {
                continue;
            }
            if (!transport.hasRoom(entry, window.command[slot].length)) {
                break;
            }
            sendOne(now, entry, session, sequence, slot);
            sent++;
        }
        unsentFrom = sequence;
        return sent;
    }

    private void sendOne(long now, int entry, long session, long sequence, int slot) {
        long acknowledged = acknowledged();
        if (window.skip[slot]) {
            transport.send(entry, new ClientRequest.Skip(session, sequence, acknowledged));
        } else {
            transport.command(entry, session, sequence, acknowledged, window.command[slot]);
        }
        if (window.sentTo[slot] != 0) {
            resends++;
        }
        window.state[slot] = State.SENT;
        window.sentTo[slot] = entry;
        window.copies[slot] += transport.copies();
        if (sequence == window.base()) {
            patience.begin(now);
        }
    }

    /// A reply to a number of this session. `SESSION_EXPIRED` only notes that this copy was not
    /// executed; the caller ends the session with [#failAll].
    void onReply(
            long now,
            int from,
            Status status,
            long sequence,
            long position,
            byte[] bytes,
            int offset,
            int length) {
        if (!window.isOpen(sequence)) {
            return;
        }
        int slot = window.slot(sequence);
        switch (status) {
            case OK -> settle(now, sequence, Outcome.OK, position, bytes, offset, length);
            case SERVICE_FAILURE ->
                    settle(now, sequence, Outcome.SERVICE_FAILURE, position, bytes, offset, length);
            case UNKNOWN -> settle(now, sequence, Outcome.UNKNOWN, position, bytes, offset, length);
            case FORGOTTEN -> {
                byte[] sentence =
                        utf8("the command was pursued for so long that its reply is lost");
                settle(now, sequence, Outcome.UNKNOWN, position, sentence, 0, sentence.length);
            }
            case SESSION_EXPIRED -> window.copies[slot]--;
            case OVERLOADED, OUT_OF_ORDER -> {
                window.copies[slot]--;
                lastRefusal = new String(bytes, offset, length, StandardCharsets.UTF_8);
                pause(now, from, sequence, slot);
            }
            // The replica may have admitted this copy and now be unable to follow it up: its fate
            // stays open.
            case UNAVAILABLE -> {
                lastRefusal = new String(bytes, offset, length, StandardCharsets.UTF_8);
                pause(now, from, sequence, slot);
            }
            case REFUSED -> onRefused(now, from, sequence, bytes, offset, length);
        }
    }

    private void onRefused(
            long now, int from, long sequence, byte[] bytes, int offset, int length) {
        int slot = window.slot(sequence);
        window.copies[slot]--;
        if (window.skip[slot]) {
            pause(now, from, sequence, slot);
            return;
        }
        Completion whenKnown = window.takeCompletion(slot);
        boolean certain = window.copies[slot] == 0;
        window.skip(slot);
        if (window.state[slot] == State.SENT && window.sentTo[slot] == from) {
            waitAgain(sequence, slot);
        }
        if (whenKnown == null) {
            return;
        }
        if (certain) {
            whenKnown.onOutcome(Outcome.REFUSED, 0, bytes, offset, length);
        } else {
            tell(
                    whenKnown,
                    Outcome.UNKNOWN,
                    "a replica refused the command when another may have executed it already: "
                            + new String(bytes, offset, length, StandardCharsets.UTF_8));
        }
    }

    /// What was sent to `replica` and not answered is to be sent again.
    void sendAgainWhatWentTo(int replica) {
        for (long sequence = window.base(); sequence < window.next(); sequence++) {
            int slot = window.slot(sequence);
            if (window.state[slot] == State.SENT && window.sentTo[slot] == replica) {
                waitAgain(sequence, slot);
            }
        }
    }

    /// How many pauses were made in a row because a replica took nothing.
    int pauses() {
        return backoff.pauses();
    }

    /// What was refused goes to another replica.
    void onElsewhere() {
        backoff.onElsewhere();
    }

    /// The lowest number is to be sent again: for an entry that is silent while there is no other,
    /// and that would only be buried under copies of the rest.
    void sendAgainOldest() {
        int slot = window.slot(window.base());
        if (!window.isEmpty() && window.state[slot] == State.SENT) {
            waitAgain(window.base(), slot);
        }
    }

    /// Tells those whose deadline has come.
    void giveUpOverdue(long now) {
        if (now < earliestDeadline) {
            return;
        }
        // Whoever is told may issue another command, which lowers this again.
        earliestDeadline = Long.MAX_VALUE;
        for (long sequence = window.base(); sequence < window.next(); sequence++) {
            int slot = window.slot(sequence);
            if (window.completion[slot] == null) {
                continue;
            }
            if (window.deadline[slot] > now) {
                earliestDeadline = Math.min(earliestDeadline, window.deadline[slot]);
            } else {
                giveUp(slot);
            }
        }
    }

    private void giveUp(int slot) {
        Completion whenKnown = window.takeCompletion(slot);
        if (whenKnown == null) {
            return;
        }
        if (window.copies[slot] > 0) {
            tell(
                    whenKnown,
                    Outcome.UNKNOWN,
                    "no reply came before the deadline; the command may have been executed, or may yet be, at most once");
            return;
        }
        boolean wasSent = window.sentTo[slot] != 0;
        window.skip(slot);
        if (wasSent) {
            tell(
                    whenKnown,
                    Outcome.OVERLOADED,
                    "no replica took the command before its deadline, it is not executed; try again later"
                            + (lastRefusal.isEmpty() ? "" : " (" + lastRefusal + ")"));
        } else {
            tell(
                    whenKnown,
                    Outcome.UNAVAILABLE,
                    "the command could not be sent before its deadline, it is not executed; see whether a majority of the cluster runs"
                            + (lastRefusal.isEmpty() ? "" : " (" + lastRefusal + ")"));
        }
    }

    /// The session has no future: tells everybody. A number of which no copy can have been admitted
    /// was not executed and never will be, nor was any behind it; of those before it nothing is
    /// known.
    void failAll(Outcome notExecuted, String sentence) {
        boolean gap = false;
        paused = 0;
        for (long sequence = window.base(); sequence < window.next(); sequence++) {
            if (!window.isOpen(sequence)) {
                continue;
            }
            int slot = window.slot(sequence);
            gap |= window.copies[slot] == 0;
            Completion whenKnown = window.takeCompletion(slot);
            window.close(sequence);
            if (whenKnown == null) {
                continue;
            }
            if (gap) {
                tell(whenKnown, notExecuted, sentence + "; the command is not executed");
            } else {
                tell(
                        whenKnown,
                        Outcome.UNKNOWN,
                        sentence + "; the command may or may not have been executed, at most once");
            }
        }
    }

    private void settle(
            long now,
            long sequence,
            Outcome outcome,
            long position,
            byte[] bytes,
            int offset,
            int length) {
        int slot = window.slot(sequence);
        if (window.state[slot] == State.PAUSED) {
            paused--;
        }
        Completion whenKnown = window.takeCompletion(slot);
        window.close(sequence);
        backoff.onSuccess();
        patience.onAnswer(now);
        if (whenKnown != null) {
            whenKnown.onOutcome(outcome, position, bytes, offset, length);
        }
    }

    /// A copy was not admitted: if it was the last, try again after a pause.
    private void pause(long now, int from, long sequence, int slot) {
        if (window.state[slot] != State.SENT || window.sentTo[slot] != from) {
            return;
        }
        window.state[slot] = State.PAUSED;
        paused++;
        backoff.onRefused(now);
        if (sequence == window.base()) {
            patience.onAnswer(now);
        }
    }

    /// The pause is over.
    private void resume() {
        for (long sequence = window.base(); sequence < window.next(); sequence++) {
            int slot = window.slot(sequence);
            if (window.state[slot] == State.PAUSED) {
                waitAgain(sequence, slot);
            }
        }
        paused = 0;
    }

    private void waitAgain(long sequence, int slot) {
        window.state[slot] = State.WAITING;
        unsentFrom = Math.min(unsentFrom, sequence);
    }

    private static void tell(@Nullable Completion whenKnown, Outcome outcome, String sentence) {
        if (whenKnown != null) {
            byte[] bytes = utf8(sentence);
            whenKnown.onOutcome(outcome, 0, bytes, 0, bytes.length);
        }
    }

    private static byte[] utf8(String sentence) {
        return sentence.getBytes(StandardCharsets.UTF_8);
    }
}

package dev.lockstep.replica;

import dev.lockstep.core.Now;
import dev.lockstep.core.port.SignatureChecks;

import java.util.TreeMap;
import java.util.function.BooleanSupplier;

/// Checks of signatures that are under way, and what is done when they are answered.
final class PendingChecks {

    /// What is done with the answer.
    @FunctionalInterface
    interface Then {
        void accept(Now now, boolean isGenuine);
    }

    private final SignatureChecks port;

    /// By ticket.
    private final TreeMap<Long, Then> waiting = new TreeMap<>();

    private long tickets;

    PendingChecks(SignatureChecks port) {
        this.port = port;
    }

    /// Begins a check, whose answer may come before this returns.
    void check(Now now, BooleanSupplier isGenuine, Then then) {
        long ticket = ++tickets;
        switch (port.check(ticket, isGenuine)) {
            case GENUINE -> then.accept(now, true);
            case FORGED -> then.accept(now, false);
            case LATER -> waiting.put(ticket, then);
        }
    }

    /// An answer that came later. Nothing happens if nobody waits for it.
    void onChecked(Now now, long ticket, boolean isGenuine) {
        Then then = waiting.remove(ticket);
        if (then != null) {
            then.accept(now, isGenuine);
        }
    }
}

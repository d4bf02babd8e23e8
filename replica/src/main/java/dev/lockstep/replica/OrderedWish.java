package dev.lockstep.replica;

import dev.lockstep.core.StopSign;
import dev.lockstep.core.wire.Bytes;
import dev.lockstep.core.wire.MalformedException;

import org.jspecify.annotations.Nullable;

/// The last wish that counts: the first of its epoch that was executed. Replicated state, the same
/// at every replica that has executed as much.
///
/// While its epoch goes on, it is why this replica wants the stop sign; afterwards, it proves to
/// others how the next epoch began.
final class OrderedWish {

    private @Nullable Wish last;

    /// A wish is executed. Who voted for it has seen that it is good, and of which epoch.
    void onOrdered(Bytes body) {
        Wish wish;
        try {
            wish = Wish.decode(body);
        } catch (MalformedException _) {
            // No honest member has voted for it.
            return;
        }
        Wish before = last;
        // Another epoch's, which a cluster that was restored from a backup has too, is past.
        if (before == null || wish.endsEpoch() != before.endsEpoch()) {
            last = wish;
        }
    }

    /// The stop sign with which this epoch is to end; null if none is wished for.
    @Nullable StopSign endOf(long epoch) {
        Wish wish = last;
        return wish != null && wish.endsEpoch() == epoch ? wish.sign() : null;
    }

    /// The wish by which this epoch began, as bytes; empty if it is not that of any.
    Bytes beginningOf(long epoch) {
        Wish wish = last;
        return wish != null && wish.sign().next().value() == epoch ? wish.encode() : Bytes.EMPTY;
    }

    boolean isNone() {
        return last == null;
    }

    /// As bytes; empty if there was none.
    Bytes encode() {
        return last == null ? Bytes.EMPTY : last.encode();
    }

    /// Goes on with what [#encode] wrote.
    ///
    /// @throws MalformedException if it is none
    void restore(Bytes written) {
        last = written.isEmpty() ? null : Wish.decode(written);
    }
}

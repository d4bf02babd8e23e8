package dev.lockstep.replica;

import dev.lockstep.core.wire.Bytes;
import dev.lockstep.core.wire.BytesReader;
import dev.lockstep.core.wire.BytesWriter;
import dev.lockstep.core.wire.MalformedException;

/// What members say to each other so that one at a time stops executing ([PauseTurns]).
///
/// | kind | content |
/// |---|---|
/// | PAUSE_TURN | u8: 1 wanted, 2 given, 3 returned, 4 held, 5 unsure, 6 none · i64 number |
final class PauseFrames {

    static final int PAUSE_TURN = 14;

    /// What is said. Codes are on the wire: add, never renumber.
    enum Word {
        /// The sender wants the receiver's consent.
        WANTED,
        /// The sender consents.
        GIVEN,
        /// The sender has no turn, and needs the receiver's consent no more.
        RETURNED,
        /// The sender has a turn, and still needs the receiver's consent.
        HELD,
        /// The sender does not know to whom it has consented, and wants to hear from all members
        /// whether they have a turn.
        UNSURE,
        /// To the unsure: the sender has no turn, and counts nothing that it was given before it
        /// heard the question.
        NONE
    }

    /// @param number the sender's; of an answer, given or none, the question's
    record Turn(Word word, long number) {}

    private static final Word[] WORDS = Word.values();

    private PauseFrames() {}

    static Bytes turn(long epoch, Turn turn) {
        BytesWriter out = new BytesWriter(PeerFrames.HEADER_BYTES + 1 + Long.BYTES);
        PeerFrames.begin(PAUSE_TURN, epoch, out);
        return out.putByte(turn.word().ordinal() + 1).putLong(turn.number()).toBytes();
    }

    static Turn decode(Bytes content) {
        BytesReader in = new BytesReader(content);
        int code = in.getByte();
        long number = in.getLong();
        in.requireEnd();
        if (code < 1 || code > WORDS.length) {
            throw new MalformedException("no word about a turn has code " + code);
        }
        return new Turn(WORDS[code - 1], number);
    }
}

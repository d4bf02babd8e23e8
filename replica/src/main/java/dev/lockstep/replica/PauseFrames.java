package dev.lockstep.replica;

import dev.lockstep.core.wire.Bytes;
import dev.lockstep.core.wire.BytesReader;
import dev.lockstep.core.wire.BytesWriter;
import dev.lockstep.core.wire.MalformedException;

/// What members say to each other so that one at a time stops executing ([PauseTurns]).
///
/// | kind | content |
/// |---|---|
/// | PAUSE_TURN | u8: 1 wanted, 2 given, 3 returned |
final class PauseFrames {

    static final int PAUSE_TURN = 14;

    /// What is said. Codes are on the wire: add, never renumber.
    enum Word {
        /// The sender wants the receiver's consent, or still needs it.
        WANTED,
        /// The sender consents.
        GIVEN,
        /// The sender needs the receiver's consent no more.
        RETURNED
    }

    private static final Word[] WORDS = Word.values();

    private PauseFrames() {}

    static Bytes turn(long epoch, Word word) {
        BytesWriter out = new BytesWriter(PeerFrames.HEADER_BYTES + 1);
        PeerFrames.begin(PAUSE_TURN, epoch, out);
        return out.putByte(word.ordinal() + 1).toBytes();
    }

    static Word decode(Bytes content) {
        BytesReader in = new BytesReader(content);
        int code = in.getByte();
        in.requireEnd();
        if (code < 1 || code > WORDS.length) {
            throw new MalformedException("no word about a turn has code " + code);
        }
        return WORDS[code - 1];
    }
}

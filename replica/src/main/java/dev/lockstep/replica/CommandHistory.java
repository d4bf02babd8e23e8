package dev.lockstep.replica;

import dev.lockstep.core.Batch;
import dev.lockstep.core.wire.Bytes;

import org.jspecify.annotations.Nullable;

import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;

/// The commands of the last positions in words, read back from the journal.
final class CommandHistory {

    /// So many commands of one position are told.
    static final int MOST_TOLD = 1_000;

    /// So much of a command is shown if its service says nothing about it.
    private static final int SHOWN_BYTES = 32;

    private static final HexFormat HEX = HexFormat.ofDelimiter(" ");

    private final RecentReplies recent;
    private final HistoryServer history;
    private final Service service;

    CommandHistory(RecentReplies recent, HistoryServer history, Service service) {
        this.recent = recent;
        this.history = history;
        this.service = service;
    }

    /// The commands that were executed at a position, the first [#MOST_TOLD] of them; none if they
    /// are not remembered.
    List<ExecutedCommand> at(long position) {
        List<RecentReplies.Replied> replied = recent.range(position, position);
        Batch batch = history.batchAt(position);
        List<ExecutedCommand> told = new ArrayList<>();
        for (RecentReplies.Replied each : replied.subList(0, Math.min(MOST_TOLD, replied.size()))) {
            told.add(inWords(each, batch));
        }
        return told;
    }

    /// One command in words.
    ExecutedCommand inWords(RecentReplies.Replied replied) {
        return inWords(replied, history.batchAt(replied.position()));
    }

    private ExecutedCommand inWords(RecentReplies.Replied replied, @Nullable Batch batch) {
        return new ExecutedCommand(
                replied.position(),
                replied.session(),
                replied.sequence(),
                batch == null
                        ? "a command that is not in the journal any more"
                        : words(replied, batch.payload()),
                replied.chain());
    }

    private String words(RecentReplies.Replied replied, Bytes payload) {
        RequestCursor cursor = new RequestCursor();
        cursor.reset(payload);
        while (cursor.next()) {
            if (cursor.kind() == RequestKind.COMMAND
                    && cursor.session() == replied.session()
                    && cursor.sequence() == replied.sequence()) {
                int from = cursor.bodyOffset() - payload.backingOffset();
                return words(payload.slice(from, cursor.length()));
            }
        }
        return "a command that came before its turn, in an earlier batch";
    }

    private String words(Bytes command) {
        String described = service.describe(command.asByteBuffer());
        if (!described.isEmpty()) {
            return described;
        }
        int shown = Math.min(SHOWN_BYTES, command.size());
        return "%d bytes, %s%s"
                .formatted(
                        command.size(),
                        HEX.formatHex(command.slice(0, shown).toByteArray()),
                        shown < command.size() ? " …" : "");
    }
}

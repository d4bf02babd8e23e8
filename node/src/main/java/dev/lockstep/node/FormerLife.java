package dev.lockstep.node;

import dev.lockstep.core.Incarnation;
import dev.lockstep.core.port.FileStore;

import java.io.IOException;
import java.util.List;

/// The files of a life that has ended, in the directory of the next: renamed to
/// `lost-LIFE-NAME`, where LIFE is the beginning of the new incarnation. Nothing reads them; those
/// of the last life are kept for people, and deleting them does no harm.
final class FormerLife {

    private static final String PREFIX = "lost-";
    private static final int LIFE_DIGITS = 8;

    private FormerLife() {}

    /// True if this is a file that was put aside.
    static boolean isAside(String name) {
        return name.startsWith(PREFIX);
    }

    /// True of what a life leaves: its journal and its snapshots.
    private static boolean isLeft(String name) {
        return !isAside(name)
                && !IdentityFile.isOne(name)
                && !AddressFile.isOne(name)
                && !EvidenceBook.isOne(name);
    }

    /// True if there is anything to be put aside.
    static boolean hasLeft(FileStore store) throws IOException {
        return store.list().stream().anyMatch(FormerLife::isLeft);
    }

    /// Puts aside what is there, for a new life whose identity is written already: if this does not
    /// come to its end, it is called again. What was put aside for other lives is deleted.
    static void putAside(FileStore store, Incarnation fresh) throws IOException {
        String prefix = PREFIX + fresh.toString().substring(0, LIFE_DIGITS) + "-";
        List<String> names = store.list();
        for (String name : names) {
            if (isLeft(name) && names.contains(prefix + name)) {
                // Of a start of the new life that came to nothing: what is aside is older.
                store.delete(name);
            } else if (isLeft(name)) {
                store.rename(name, prefix + name);
            } else if (isAside(name) && !name.startsWith(prefix)) {
                store.delete(name);
            }
        }
        store.syncDirectory();
    }
}

/// Tests of the journal.
@NullMarked
package dev.lockstep.journal;

import org.jspecify.annotations.NullMarked;

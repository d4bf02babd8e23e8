/// The `lockstep` command.
///
/// [Main] is the way in. Every subcommand is a picocli command in a file of its own; modules that
/// this one does not know add theirs by implementing [Subcommand].
@NullMarked
package dev.lockstep.cli;

import org.jspecify.annotations.NullMarked;

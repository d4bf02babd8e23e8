/// Scenario transcripts: text files of commands and of what comes of them, prose in between.
///
/// A test gives an [Interpreter] for its commands and lets [Transcript] run the files. One flag,
/// `-Dscenario.rewrite=true`, writes what comes of the commands into the files instead of comparing
/// it, so that a change of behaviour is reviewed as a difference of texts.
@NullMarked
package dev.lockstep.testkit.scenario;

import org.jspecify.annotations.NullMarked;

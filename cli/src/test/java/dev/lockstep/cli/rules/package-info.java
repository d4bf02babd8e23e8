/// The rules of the house that can be read off the classes, as tests.
@NullMarked
package dev.lockstep.cli.rules;

import org.jspecify.annotations.NullMarked;

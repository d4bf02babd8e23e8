/// A service as somebody else would write it.
@NullMarked
package dev.lockstep.cli.service;

import org.jspecify.annotations.NullMarked;

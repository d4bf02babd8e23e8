/// What a host must provide to a replica: files, a journal, peers and clients.
///
/// Each port has a real adapter and a simulated one, and both pass the same contract tests.
@NullMarked
package dev.lockstep.core.port;

import org.jspecify.annotations.NullMarked;

package dev.lockstep.cli;

import java.util.concurrent.Callable;

/// A subcommand of `lockstep` that another module brings along, found with
/// [java.util.ServiceLoader].
///
/// The class is public, has a public constructor without parameters, and carries picocli's
/// `@Command` with its name, description and options. `call` returns the exit code: 0 done, 1
/// failed, 2 used wrongly. An [OperatorException] becomes one sentence on the error stream and exit
/// code 1; `--help` and the errors of the command line are the host's business.
public interface Subcommand extends Callable<Integer> {}

package dev.lockstep.services.redis;

import dev.lockstep.services.kv.CommandSpec;
import dev.lockstep.services.kv.KvCommand;

import org.jspecify.annotations.Nullable;

import java.util.List;

/// A command as the port knows it: one that the state machine executes, one that the connection
/// itself executes, or a container of such.
final class PortCommand {

    /// What a connection's own command does.
    @FunctionalInterface
    interface Local {

        /// Executes a call whose arity is right and writes one reply.
        void execute(RedisConnection connection, Words words, RespOut out);
    }

    /// What a command does that the connection has to take in hand, because it may have to wait or
    /// is not queued by `MULTI`.
    @FunctionalInterface
    interface Immediate {

        /// Executes a call whose arity is right, and replies or issues it.
        ///
        /// @return false if the request has to wait; it is then tried again
        boolean execute(RedisConnection connection, Words words);
    }

    private final CommandSpec spec;
    private final @Nullable KvCommand replicated;
    private final @Nullable Local local;
    private final @Nullable Immediate immediate;
    private final List<PortCommand> subcommands;

    /// What makes a text of the service's reply; null if the reply is passed on.
    private final @Nullable ReplyShape shape;

    private PortCommand(
            CommandSpec spec,
            @Nullable KvCommand replicated,
            @Nullable Local local,
            @Nullable Immediate immediate,
            @Nullable ReplyShape shape,
            List<PortCommand> subcommands) {
        this.spec = spec;
        this.replicated = replicated;
        this.local = local;
        this.immediate = immediate;
        this.shape = shape;
        this.subcommands = subcommands;
    }

    /// A command of the state machine, whose reply is passed on.
    static PortCommand replicated(KvCommand command) {
        return new PortCommand(command.spec(), command, null, null, null, List.of());
    }

    /// A command of the state machine, whose reply the port makes another of.
    static PortCommand shaped(KvCommand command, ReplyShape shape) {
        return new PortCommand(command.spec(), command, null, null, shape, List.of());
    }

    static PortCommand local(CommandSpec spec, Local local) {
        return new PortCommand(spec, null, local, null, null, List.of());
    }

    static PortCommand immediate(CommandSpec spec, Immediate immediate) {
        return new PortCommand(spec, null, null, immediate, null, List.of());
    }

    /// @param alone what the name without a subcommand does, or null for an error
    static PortCommand container(
            CommandSpec spec, @Nullable Local alone, List<PortCommand> subcommands) {
        CommandSpec whole = spec.subcommands(subcommands.stream().map(PortCommand::spec).toList());
        return new PortCommand(whole, null, alone, null, null, subcommands);
    }

    CommandSpec spec() {
        return spec;
    }

    @Nullable KvCommand replicated() {
        return replicated;
    }

    @Nullable Local local() {
        return local;
    }

    @Nullable Immediate immediate() {
        return immediate;
    }

    @Nullable ReplyShape shape() {
        return shape;
    }

    boolean isContainer() {
        return !subcommands.isEmpty();
    }

    /// The subcommand of this name in whatever case, or null.
    @Nullable PortCommand subcommand(String name) {
        String whole = spec.name() + "|" + name;
        for (PortCommand subcommand : subcommands) {
            if (subcommand.spec.name().equalsIgnoreCase(whole)) {
                return subcommand;
            }
        }
        return null;
    }
}

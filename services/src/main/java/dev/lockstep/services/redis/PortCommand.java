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

    /// Commands that change the state and never reply with a value.
    private static final List<String> WITHOUT_VALUES =
            List.of(
                    "setnx",
                    "setex",
                    "psetex",
                    "mset",
                    "msetnx",
                    "append",
                    "setrange",
                    "incr",
                    "decr",
                    "incrby",
                    "decrby",
                    "incrbyfloat",
                    "del",
                    "unlink",
                    "rename",
                    "renamenx",
                    "copy",
                    "expire",
                    "pexpire",
                    "expireat",
                    "pexpireat",
                    "persist",
                    "flushall",
                    "flushdb");

    /// As many large replies as one reply counts for at most: none is larger than the limit, which
    /// is of that size.
    private static final int MOST_WEIGHT = 8;

    /// What a range may have and not count.
    private static final long SMALL_RANGE_BYTES = 4 << 10;

    /// A call weighs more or less than one.
    @FunctionalInterface
    private interface Weight {
        int of(Words words);
    }

    private final CommandSpec spec;
    private final @Nullable KvCommand replicated;
    private final @Nullable Local local;
    private final @Nullable Immediate immediate;
    private final List<PortCommand> subcommands;

    /// What makes a text of the service's reply; null if the reply is passed on.
    private final @Nullable ReplyShape shape;

    /// A call of so many words or more may bring a large reply.
    private final int valueFromWords;

    private final Weight weight;

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
        this.valueFromWords = valueFromWords(spec.name());
        this.weight =
                switch (spec.name()) {
                    case "mget" -> words -> atMost(words.count() - 1L);
                    case "getrange", "substr" -> PortCommand::weightOfRange;
                    case "set" -> PortCommand::weightOfSet;
                    case "ttl",
                            "pttl",
                            "expiretime",
                            "pexpiretime",
                            "exists",
                            "strlen",
                            "type",
                            "touch",
                            "dbsize" ->
                            _ -> 0;
                    default -> _ -> 1;
                };
    }

    /// For how many large replies the replies of so many parts count, which are one reply.
    static int atMost(long values) {
        return (int) Math.min(values, MOST_WEIGHT);
    }

    private static int weightOfRange(Words words) {
        long from = words.number(2);
        long through = words.number(3);
        return from >= 0 && through >= 0 && through - from < SMALL_RANGE_BYTES ? 0 : 1;
    }

    private static int weightOfSet(Words words) {
        for (int i = 3; i < words.count(); i++) {
            if (words.length(i) == 3 && words.is(i, "GET")) {
                return 1;
            }
        }
        return 0;
    }

    private static int valueFromWords(String name) {
        if (WITHOUT_VALUES.contains(name)) {
            return Integer.MAX_VALUE;
        }
        // SET with an option, which may be GET.
        return name.equals("set") ? 4 : 0;
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

    /// True if a call of so many words may bring a reply as large as a value: what is not known
    /// never to.
    boolean mayBringValue(int words) {
        return words >= valueFromWords;
    }

    /// For how many large replies the reply of this call counts, by what it may bring.
    int weight(Words words) {
        return mayBringValue(words.count()) ? weight.of(words) : 0;
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

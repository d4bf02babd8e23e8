package dev.lockstep.services.kv;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.SortedSet;
import java.util.TreeSet;

/// What Redis's `COMMAND` says about a command: a row of the command table.
///
/// @param name in lower case; of a subcommand `container|name`
/// @param arity how many words a call has, the name counted; at least so many if negative
/// @param group what Redis groups it under, such as `string`
/// @param since the version of Redis that brought it
/// @param summary one sentence without a full stop
/// @param complexity in O notation
/// @param flags such as `write` or `fast`
/// @param moreCategories ACL categories that do not follow from the flags and the group
/// @param tips for clients that spread commands over several servers
/// @param keys where its keys are
/// @param subcommands of a container
public record CommandSpec(
        String name,
        int arity,
        String group,
        String since,
        String summary,
        String complexity,
        List<String> flags,
        List<String> moreCategories,
        List<String> tips,
        List<KeySpec> keys,
        List<CommandSpec> subcommands) {

    /// In the order in which Redis lists them.
    private static final List<String> CATEGORIES =
            List.of(
                    "keyspace",
                    "read",
                    "write",
                    "string",
                    "admin",
                    "fast",
                    "slow",
                    "dangerous",
                    "connection",
                    "transaction");

    /// Where keys are among the words of a call.
    ///
    /// @param first the first key's index; the name has 0
    /// @param last the last key's index relative to the first; negative: counted from the end
    /// @param step from one key to the next
    /// @param flags what happens to them, such as `RW access`
    public record KeySpec(int first, int last, int step, List<String> flags) {}

    /// A row to be filled in.
    public static CommandSpec of(
            String name, int arity, String group, String since, String summary) {
        List<String> none = List.of();
        return new CommandSpec(
                name, arity, group, since, summary, "O(1)", none, none, none, List.of(), List.of());
    }

    /// With these flags.
    public CommandSpec flags(String... words) {
        return new CommandSpec(
                name,
                arity,
                group,
                since,
                summary,
                complexity,
                List.of(words),
                moreCategories,
                tips,
                keys,
                subcommands);
    }

    /// With these ACL categories beside those that follow from the rest.
    public CommandSpec categories(String... words) {
        return new CommandSpec(
                name,
                arity,
                group,
                since,
                summary,
                complexity,
                flags,
                List.of(words),
                tips,
                keys,
                subcommands);
    }

    /// With these tips.
    public CommandSpec tips(String... words) {
        return new CommandSpec(
                name,
                arity,
                group,
                since,
                summary,
                complexity,
                flags,
                moreCategories,
                List.of(words),
                keys,
                subcommands);
    }

    /// With this complexity instead of O(1).
    public CommandSpec cost(String words) {
        return new CommandSpec(
                name,
                arity,
                group,
                since,
                summary,
                words,
                flags,
                moreCategories,
                tips,
                keys,
                subcommands);
    }

    /// With one more place of keys, see [KeySpec].
    public CommandSpec keys(int first, int last, int step, String words) {
        List<KeySpec> more = new ArrayList<>(keys);
        more.add(new KeySpec(first, last, step, List.of(words.split(" "))));
        return new CommandSpec(
                name,
                arity,
                group,
                since,
                summary,
                complexity,
                flags,
                moreCategories,
                tips,
                Collections.unmodifiableList(more),
                subcommands);
    }

    /// With these subcommands.
    public CommandSpec subcommands(List<CommandSpec> specs) {
        return new CommandSpec(
                name,
                arity,
                group,
                since,
                summary,
                complexity,
                flags,
                moreCategories,
                tips,
                keys,
                List.copyOf(specs));
    }

    /// True if a call of so many words, the name counted, is complete.
    public boolean takes(int words) {
        return arity >= 0 ? words == arity : words >= -arity;
    }

    /// The ACL categories, with their `@`.
    public List<String> categories() {
        SortedSet<String> all = new TreeSet<>(moreCategories);
        if (flags.contains("write")) {
            all.add("write");
        }
        if (flags.contains("readonly")) {
            all.add("read");
        }
        if (flags.contains("admin")) {
            all.add("admin");
            all.add("dangerous");
        }
        all.add(flags.contains("fast") ? "fast" : "slow");
        switch (group) {
            case "string" -> all.add("string");
            case "generic" -> all.add("keyspace");
            case "transactions" -> all.add("transaction");
            case "connection" -> {
                if (subcommands.isEmpty()) {
                    all.add("connection");
                }
            }
            default -> {}
        }
        List<String> ordered = new ArrayList<>();
        for (String category : CATEGORIES) {
            if (all.contains(category)) {
                ordered.add("@" + category);
            }
        }
        return ordered;
    }

    /// The first key's index; 0 if there are no keys.
    public int firstKey() {
        return keys.isEmpty() ? 0 : keys.getFirst().first();
    }

    /// The last key's index; negative: counted from the end; 0 if there are no keys.
    public int lastKey() {
        if (keys.isEmpty()) {
            return 0;
        }
        KeySpec spec = keys.getLast();
        return spec.last() < 0 ? spec.last() : spec.first() + spec.last();
    }

    /// From one key to the next; 0 if there are no keys.
    public int keyStep() {
        return keys.isEmpty() ? 0 : keys.getFirst().step();
    }
}

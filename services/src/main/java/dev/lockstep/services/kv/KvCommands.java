package dev.lockstep.services.kv;

import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Locale;

/// The bytes of commands and queries for a [dev.lockstep.api.Client] of a cluster that runs the
/// key-value service; [KvReply] reads the answers.
///
/// ```java
/// client.command(KvCommands.set(key, value));
/// Reply reply = client.query(KvCommands.get(key)).toCompletableFuture().join();
/// byte[] value = KvReply.decode(reply.bytes()).bytes();
/// ```
public final class KvCommands {

    private static final KvCommand GET = CommandTable.require("get");
    private static final KvCommand SET = CommandTable.require("set");
    private static final KvCommand DEL = CommandTable.require("del");
    private static final KvCommand INCRBY = CommandTable.require("incrby");

    private KvCommands() {}

    /// A request and how it has to be sent.
    ///
    /// @param isQuery true for [dev.lockstep.api.Client#query], false for
    ///     [dev.lockstep.api.Client#command]
    /// @param bytes what to send
    @SuppressWarnings("ArrayRecordComponent")
    public record Request(boolean isQuery, byte[] bytes) {}

    /// A query: the value of a key, or null.
    public static byte[] get(byte[] key) {
        return new CommandWriter().command(GET, 1).argument(key, 0, key.length).toByteArray();
    }

    /// A command: gives a key a value; answered `OK`.
    public static byte[] set(byte[] key, byte[] value) {
        return new CommandWriter()
                .command(SET, 2)
                .argument(key, 0, key.length)
                .argument(value, 0, value.length)
                .toByteArray();
    }

    /// A command: deletes a key; answered how many there were, 0 or 1.
    public static byte[] del(byte[] key) {
        return new CommandWriter().command(DEL, 1).argument(key, 0, key.length).toByteArray();
    }

    /// A command: adds to the integer in a key; answered the sum.
    public static byte[] incrBy(byte[] key, long amount) {
        byte[] digits = Digits.of(amount);
        return new CommandWriter()
                .command(INCRBY, 2)
                .argument(key, 0, key.length)
                .argument(digits, 0, digits.length)
                .toByteArray();
    }

    /// Any command or query of the service, as one types it to `redis-cli`.
    ///
    /// @param words the name, in whatever case, and the arguments
    /// @throws IllegalArgumentException with a sentence, if the service has no such command or it
    ///     wants another number of arguments
    public static Request of(List<byte[]> words) {
        if (words.isEmpty()) {
            throw new IllegalArgumentException("no command was given");
        }
        String name = new String(words.getFirst(), StandardCharsets.UTF_8).toLowerCase(Locale.ROOT);
        KvCommand command = CommandTable.find(name);
        if (command == null) {
            throw new IllegalArgumentException(
                    "the key-value service has no command %s; it has %s"
                            .formatted(
                                    name,
                                    String.join(
                                            ", ",
                                            CommandTable.all().stream()
                                                    .map(known -> known.spec().name())
                                                    .sorted()
                                                    .toList())));
        }
        if (!command.spec().takes(words.size())) {
            throw new IllegalArgumentException(
                    "wrong number of arguments for '%s' command".formatted(name));
        }
        CommandWriter writer = new CommandWriter().command(command, words.size() - 1);
        for (byte[] argument : words.subList(1, words.size())) {
            writer.argument(argument, 0, argument.length);
        }
        return new Request(command.access() == KvCommand.Access.READ, writer.toByteArray());
    }

    /// As [#of(List)], with text in UTF-8.
    public static Request of(String... words) {
        return of(
                List.of(words).stream()
                        .map(word -> word.getBytes(StandardCharsets.UTF_8))
                        .toList());
    }
}

package dev.lockstep.services.kv;

import dev.lockstep.api.CommandContext;

import org.jspecify.annotations.Nullable;

import java.util.random.RandomGenerator;

/// One execution of one command: its arguments, the state, what it may know of the world, and its
/// reply. Reused from call to call.
final class Call {

    final Arguments args;
    final ReplyWriter reply;

    /// The largest value a key may have, in bytes.
    final int maxValueBytes;

    private Keyspace keyspace;

    /// Agreed time, Unix milliseconds.
    private long nowMillis;

    /// Null in a query.
    private @Nullable CommandContext context;

    /// What is being executed.
    private KvCommand command = CommandTable.GET;

    Call(Arguments args, ReplyWriter reply, int maxValueBytes, Keyspace keyspace) {
        this.args = args;
        this.reply = reply;
        this.maxValueBytes = maxValueBytes;
        this.keyspace = keyspace;
    }

    void reset(Keyspace current, long now, @Nullable CommandContext nextContext) {
        keyspace = current;
        nowMillis = now;
        context = nextContext;
    }

    void begin(KvCommand next) {
        command = next;
    }

    /// The command's name as errors have it.
    String name() {
        return command.spec().name();
    }

    Keyspace keyspace() {
        return keyspace;
    }

    long nowMillis() {
        return nowMillis;
    }

    RandomGenerator random() {
        CommandContext current = context;
        if (current == null) {
            throw new IllegalStateException("a query wants a random number: " + name());
        }
        return current.random();
    }

    /// The entry of the key that an argument names, or null.
    @Nullable Entry find(int argument) {
        return find(argument, args.hash(argument));
    }

    @Nullable Entry find(int argument, long hash) {
        Entry entry =
                keyspace.find(hash, args.array(), args.start(argument), args.length(argument));
        return entry == null || entry.isExpired(nowMillis) ? null : entry;
    }

    /// The string in `entry`; null if there is no entry.
    ///
    /// @throws RedisError if it holds something else
    byte @Nullable [] string(@Nullable Entry entry) {
        if (entry == null) {
            return null;
        }
        if (entry.value instanceof byte[] string) {
            return string;
        }
        throw RedisError.wrongType();
    }

    /// Gives the key that an argument names a new value.
    ///
    /// @param old the key's entry, or null
    void put(int argument, @Nullable Entry old, byte[] value, long expiresAtMillis) {
        long hash = old == null ? args.hash(argument) : old.hash;
        put(argument, hash, old, value, expiresAtMillis);
    }

    void put(int argument, long hash, @Nullable Entry old, Object value, long expiresAtMillis) {
        if (expiresAtMillis != Entry.NEVER && expiresAtMillis < nowMillis) {
            if (old != null) {
                keyspace.remove(old);
            }
            return;
        }
        byte[] key = old == null ? args.copy(argument) : old.key;
        keyspace.put(old, hash, key, value, expiresAtMillis);
    }

    /// Changes the value of an entry, or its expiry, and nothing else.
    void replace(Entry old, Object value, long expiresAtMillis) {
        keyspace.put(old, old.hash, old.key, value, expiresAtMillis);
    }
}

package dev.lockstep.services.kv;

/// The words after the value in `SET`, and after the key in `GETEX`.
final class SetOptions {

    private static final int NX = 1;
    private static final int XX = 1 << 1;
    private static final int GET = 1 << 2;
    private static final int KEEPTTL = 1 << 3;
    private static final int PERSIST = 1 << 4;
    private static final int EX = 1 << 5;
    private static final int PX = 1 << 6;
    private static final int EXAT = 1 << 7;
    private static final int PXAT = 1 << 8;

    private static final int TIMES = EX | PX | EXAT | PXAT;

    private final int flags;

    /// The argument that says when; 0 if none does.
    private final int time;

    private SetOptions(int flags, int time) {
        this.flags = flags;
        this.time = time;
    }

    static SetOptions ofSet(Call call) {
        return parse(call.args, 3, NX | XX | GET | KEEPTTL | TIMES);
    }

    static SetOptions ofGetex(Call call) {
        return parse(call.args, 2, PERSIST | TIMES);
    }

    boolean returnsOld() {
        return (flags & GET) != 0;
    }

    boolean keepsExpiry() {
        return (flags & KEEPTTL) != 0;
    }

    boolean persists() {
        return (flags & PERSIST) != 0;
    }

    /// True if the time that is named is not counted from now.
    boolean isAbsolute() {
        return (flags & (EXAT | PXAT)) != 0;
    }

    /// True if a key that exists, or does not, may be set.
    boolean allows(boolean exists) {
        return (flags & (exists ? NX : XX)) == 0;
    }

    /// When the key expires, Unix milliseconds; [Entry#NEVER] if no time is named.
    ///
    /// @throws RedisError if what is named is not a time
    long expiresAtMillis(Call call) {
        if (time == 0) {
            return Entry.NEVER;
        }
        long value = call.args.toLong(time);
        int unitMillis = (flags & (EX | EXAT)) != 0 ? 1000 : 1;
        return isAbsolute()
                ? Expiry.absolute(call, value, unitMillis)
                : Expiry.relative(call, value, unitMillis);
    }

    private static SetOptions parse(Arguments args, int from, int allowed) {
        int flags = 0;
        int time = 0;
        for (int i = from; i < args.count(); i++) {
            int flag = flagOf(args, i);
            if ((flag & allowed) == 0 || (flags & excludedBy(flag)) != 0) {
                throw RedisError.syntax();
            }
            if ((flag & TIMES) != 0) {
                i++;
                if (i == args.count()) {
                    throw RedisError.syntax();
                }
                time = i;
            }
            flags |= flag;
        }
        return new SetOptions(flags, time);
    }

    private static int excludedBy(int flag) {
        return switch (flag) {
            case NX -> XX;
            case XX -> NX;
            case KEEPTTL -> PERSIST | TIMES;
            case PERSIST -> KEEPTTL | TIMES;
            case EX, PX, EXAT, PXAT -> KEEPTTL | PERSIST | (TIMES & ~flag);
            default -> 0;
        };
    }

    private static int flagOf(Arguments args, int i) {
        if (args.is(i, "EX")) {
            return EX;
        }
        if (args.is(i, "PX")) {
            return PX;
        }
        if (args.is(i, "NX")) {
            return NX;
        }
        if (args.is(i, "XX")) {
            return XX;
        }
        if (args.is(i, "GET")) {
            return GET;
        }
        if (args.is(i, "KEEPTTL")) {
            return KEEPTTL;
        }
        if (args.is(i, "PERSIST")) {
            return PERSIST;
        }
        if (args.is(i, "EXAT")) {
            return EXAT;
        }
        return args.is(i, "PXAT") ? PXAT : 0;
    }
}

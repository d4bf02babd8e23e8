package dev.lockstep.services.redis;

import java.util.concurrent.TimeUnit;

/// What a connection tells about itself.
final class ConnectionInfo {

    private final long id;
    private final String remote;
    private final String local;
    private final long sinceNanos = System.nanoTime();

    private long lastNanos = sinceNanos;
    private String name = "";
    private String libraryName = "";
    private String libraryVersion = "";
    private String lastCommand = "NULL";

    ConnectionInfo(long id, String remote, String local) {
        this.id = id;
        this.remote = remote;
        this.local = local;
    }

    long id() {
        return id;
    }

    /// The client's address and port.
    String remote() {
        return remote;
    }

    /// The address and port that the client connected to.
    String local() {
        return local;
    }

    String name() {
        return name;
    }

    void name(String given) {
        name = given;
    }

    void libraryName(String given) {
        libraryName = given;
    }

    void libraryVersion(String given) {
        libraryVersion = given;
    }

    /// The client has sent something.
    void touch() {
        lastNanos = System.nanoTime();
    }

    void lastCommand(String command) {
        lastCommand = command;
    }

    /// In the form of Redis's `CLIENT INFO`, with its fields as far as they mean something here.
    String describe(RedisConnection connection) {
        long now = System.nanoTime();
        Transaction transaction = connection.transaction;
        return "id=%d addr=%s laddr=%s fd=-1 name=%s age=%d idle=%d flags=%s db=0 sub=0 psub=0 ssub=0 multi=%d qbuf=%d qbuf-free=0 argv-mem=0 multi-mem=%d rbs=0 rbp=0 obl=0 oll=0 omem=0 tot-mem=0 events=r cmd=%s user=default redir=-1 resp=%d lib-name=%s lib-ver=%s\n"
                .formatted(
                        id,
                        remote,
                        local,
                        name,
                        TimeUnit.NANOSECONDS.toSeconds(now - sinceNanos),
                        TimeUnit.NANOSECONDS.toSeconds(now - lastNanos),
                        transaction.isOpen() ? "x" : "N",
                        transaction.isOpen() ? transaction.queued().size() : -1,
                        connection.queryBytes(),
                        transaction.heldBytes(),
                        lastCommand,
                        connection.replies().isResp3() ? 3 : 2,
                        libraryName,
                        libraryVersion);
    }
}

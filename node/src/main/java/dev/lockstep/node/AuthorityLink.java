package dev.lockstep.node;

import dev.lockstep.api.LockstepException;
import dev.lockstep.api.Reply;
import dev.lockstep.client.LockstepClient;
import dev.lockstep.core.ReplicaId;
import dev.lockstep.core.authority.AuthorityAnswer;
import dev.lockstep.core.authority.AuthorityCodec;
import dev.lockstep.core.authority.AuthorityQuestion;
import dev.lockstep.core.authority.AuthorityView;
import dev.lockstep.core.port.AuthorityPort;
import dev.lockstep.core.wire.Bytes;
import dev.lockstep.core.wire.MalformedException;

import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.CompletionException;
import java.util.concurrent.RejectedExecutionException;
import java.util.function.Consumer;

/// Asks the configuration authority, as any client of its service would, on a thread of its own:
/// nothing that the authority does or omits holds the replica's loop up.
///
/// Of each sort of question the latest waits; an older one is not asked any more. What fails is not
/// tried again: the replica asks again by itself.
///
/// Threading: [#ask] is called by the loop's thread, the sink by this one's.
final class AuthorityLink implements AuthorityPort, AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(Node.class);

    private static final Duration PATIENCE = Duration.ofSeconds(1);
    private static final Duration SESSION = Duration.ofSeconds(10);
    private static final long PAUSE_MILLIS = 100;

    /// Nobody waits longer for the thread to end.
    private static final Duration CLOSE = Duration.ofSeconds(3);

    private final AuthorityConfig config;
    private final ReplicaId self;
    private final Consumer<AuthorityView> sink;
    private final Thread thread;

    /// What waits to be asked, by sort, the oldest first; guarded by itself.
    private final Map<Class<?>, AuthorityQuestion> waiting = new LinkedHashMap<>();

    private boolean isClosed;

    /// What was last said in the log; the thread's.
    private String said = "";

    /// @param sink takes the answers, on another thread than the loop's
    AuthorityLink(AuthorityConfig config, ReplicaId self, Consumer<AuthorityView> sink) {
        this.config = config;
        this.self = self;
        this.sink = sink;
        this.thread =
                Thread.ofPlatform()
                        .daemon()
                        .name("lockstep-" + self + "-authority")
                        .unstarted(this::run);
    }

    void start() {
        thread.start();
    }

    @Override
    public void ask(AuthorityQuestion question) {
        synchronized (waiting) {
            waiting.put(question.word().getClass(), question);
            waiting.notifyAll();
        }
    }

    /// The next question; null once the link is closed.
    private @Nullable AuthorityQuestion next() throws InterruptedException {
        synchronized (waiting) {
            while (waiting.isEmpty() && !isClosed) {
                waiting.wait();
            }
            var first = waiting.entrySet().iterator();
            if (isClosed || !first.hasNext()) {
                return null;
            }
            AuthorityQuestion question = first.next().getValue();
            first.remove();
            return question;
        }
    }

    private void run() {
        LockstepClient client = null;
        try {
            AuthorityQuestion question = next();
            while (question != null) {
                try {
                    client = client == null ? connect() : client;
                    take(question, ask(client, question));
                } catch (LockstepException | MalformedException failed) {
                    say(
                            "replica %s does not reach its configuration authority at %s: %s"
                                    .formatted(self, config.addresses(), failed.getMessage()));
                    if (client != null) {
                        client.close();
                        client = null;
                    }
                    Thread.sleep(PAUSE_MILLIS);
                }
                question = next();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (RuntimeException broken) {
            // The last resort: without answers the replica sends its clients away, or is left out.
            LOG.error("replica {} cannot ask its configuration authority any more", self, broken);
        } finally {
            if (client != null) {
                client.close();
            }
        }
    }

    private LockstepClient connect() {
        var builder = LockstepClient.builder().cluster(config.cluster());
        config.addresses().forEach(builder::addresses);
        return builder.connectTimeout(PATIENCE)
                .deadline(PATIENCE)
                .sessionTimeout(SESSION)
                .connect();
    }

    private static AuthorityAnswer ask(LockstepClient client, AuthorityQuestion question) {
        byte[] command = AuthorityCodec.encode(question).toByteArray();
        try {
            Reply reply = client.command(command).toCompletableFuture().join();
            return AuthorityCodec.decodeAnswer(Bytes.wrap(reply.bytes()));
        } catch (CompletionException e) {
            if (e.getCause() instanceof LockstepException told) {
                throw told;
            }
            throw e;
        }
    }

    private void take(AuthorityQuestion question, AuthorityAnswer answer) {
        switch (answer) {
            case AuthorityAnswer.Stands stands -> {
                if (!said.isEmpty()) {
                    LOG.info("replica {} reaches its configuration authority again", self);
                    said = "";
                }
                try {
                    sink.accept(stands.view());
                } catch (RejectedExecutionException ended) {
                    LOG.debug("replica {} has ended", self, ended);
                }
            }
            case AuthorityAnswer.Refused refused ->
                    say(
                            "the configuration authority of replica %s refuses it: %s"
                                    .formatted(question.by().id(), refused.reason()));
        }
    }

    /// Once, until it is otherwise.
    private void say(String sentence) {
        if (!sentence.equals(said)) {
            said = sentence;
            LOG.warn("{}", sentence);
        }
    }

    @Override
    public void close() {
        synchronized (waiting) {
            isClosed = true;
            waiting.notifyAll();
        }
        try {
            if (thread.isAlive() && !thread.join(CLOSE)) {
                LOG.warn("replica {} leaves its authority's session behind", self);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}

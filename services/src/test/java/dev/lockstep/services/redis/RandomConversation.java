package dev.lockstep.services.redis;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.SplittableRandom;

/// What two connections ask a server, decided by a seed, with nothing in it that two servers could
/// not answer alike.
final class RandomConversation {

    /// Redis counts keys whose time has passed until it meets them.
    private static final String[] MEET_ALL;

    static {
        List<String> words = new ArrayList<>(RandomCommands.KEYS);
        words.addFirst("EXISTS");
        MEET_ALL = words.toArray(new String[0]);
    }

    private final SplittableRandom random;
    private final RandomCommands commands;

    /// For each connection whether it is in a transaction, as far as its commands tell.
    private final boolean[] queueing = new boolean[2];

    private final List<Question> prepared = new ArrayList<>();

    /// @param connection 0 or 1
    @SuppressWarnings("ArrayRecordComponent")
    record Question(int connection, String... words) {}

    RandomConversation(long seed) {
        random = new SplittableRandom(seed);
        commands = new RandomCommands(random);
    }

    Question next() {
        while (prepared.isEmpty()) {
            prepare();
        }
        return prepared.removeFirst();
    }

    private void prepare() {
        String[] words = commands.next();
        int connection = random.nextInt(10) == 0 ? 1 : 0;
        switch (words[0].toUpperCase(Locale.ROOT)) {
            case "MULTI" -> queueing[connection] |= words.length == 1;
            case "EXEC", "DISCARD", "RESET" -> queueing[connection] &= words.length > 1;
            default -> {}
        }
        if (!Comparison.isAskable(words)
                || (queueing[connection] && !Comparison.mayBeQueued(words))) {
            return;
        }
        if (words[0].equalsIgnoreCase("DBSIZE")) {
            prepared.add(new Question(connection, MEET_ALL));
        }
        prepared.add(new Question(connection, words));
    }

    /// Two connections to a server that speak one version of the protocol.
    static final class Pair implements AutoCloseable {

        private final String version;
        private final RespClient[] clients;

        Pair(int port, String version) throws IOException {
            this.version = version;
            this.clients = new RespClient[] {new RespClient(port), new RespClient(port)};
            for (RespClient client : clients) {
                client.ask("HELLO", version);
            }
        }

        String ask(Question question) throws IOException {
            RespClient client = clients[question.connection()];
            String reply = client.ask(question.words());
            String name = question.words()[0];
            if (name.equalsIgnoreCase("RESET") || name.equalsIgnoreCase("HELLO")) {
                client.ask("HELLO", version);
            }
            return reply;
        }

        @Override
        public void close() throws IOException {
            for (RespClient client : clients) {
                client.close();
            }
        }
    }
}

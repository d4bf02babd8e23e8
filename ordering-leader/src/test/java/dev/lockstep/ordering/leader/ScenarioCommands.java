package dev.lockstep.ordering.leader;

import dev.lockstep.core.Epoch;
import dev.lockstep.core.FaultModel;
import dev.lockstep.core.Input;
import dev.lockstep.core.ReplicaId;
import dev.lockstep.core.StopSign;
import dev.lockstep.ordering.leader.ScenarioNetwork.Letter;
import dev.lockstep.testkit.scenario.BadCommandException;
import dev.lockstep.testkit.scenario.Command;
import dev.lockstep.testkit.scenario.Interpreter;

import org.jspecify.annotations.Nullable;

import java.util.ArrayList;
import java.util.List;
import java.util.SortedMap;
import java.util.function.Function;
import java.util.function.Predicate;

/// The commands of scenarios of leader ordering; `docs/scenarios.md` lists them.
final class ScenarioCommands implements Interpreter {

    private static final int MOST_MEMBERS = 9;
    private static final String NO_NEWS = "no news";

    private final Rules rules;
    private @Nullable ScenarioCluster cluster;

    ScenarioCommands(Rules rules) {
        this.rules = rules;
    }

    @Override
    public List<String> run(Command command) {
        return switch (command.name()) {
            case "cluster", "healthy" -> begin(command);
            case "log" -> log(command);
            case "start", "restart", "crash", "power-loss" -> ofLife(command);
            case "timeout", "heartbeat", "timer" -> timer(command);
            case "submit", "read", "leave", "stop", "snapshot", "history" -> ask(command);
            case "deliver", "drop", "delay", "repeat" -> mail(command);
            case "cut", "mend", "disconnect", "reconnect" -> link(command);
            case "sync" -> sync(command);
            case "settle", "live" -> settle(command);
            case "advance" -> advance(command);
            case "logs", "messages", "status" -> show(command);
            default -> throw new BadCommandException("there is no command " + command.name());
        };
    }

    private ScenarioCluster cluster() {
        ScenarioCluster current = cluster;
        if (current == null) {
            throw new BadCommandException("a scenario begins with the command cluster");
        }
        return current;
    }

    private ScenarioMember member(Command command, int index) {
        List<ScenarioMember> members = cluster().members();
        return members.get(command.number(index, "a member", 1, members.size()) - 1);
    }

    /// The members that the words from `index` on name; without words or with `all`, all of those
    /// that are `eligible`.
    private List<ScenarioMember> members(
            Command command, int index, Predicate<ScenarioMember> eligible) {
        if (command.isWord(index, "all")) {
            command.requireAtMost(index + 1);
            return cluster().members().stream().filter(eligible).toList();
        }
        List<ScenarioMember> named = new ArrayList<>();
        named.add(member(command, index));
        for (int next = index + 1; next < command.words().size(); next++) {
            named.add(member(command, next));
        }
        return named;
    }

    private static void require(boolean holds, ScenarioMember member, String otherwise) {
        if (!holds) {
            throw new BadCommandException(member.id + " " + otherwise);
        }
    }

    // --- the cluster and its members' lives ---

    private List<String> begin(Command command) {
        int size = command.number(0, "how many members there are", 1, MOST_MEMBERS);
        SortedMap<String, String> options = command.settings(1);
        try {
            LeaderOptions.parse(options);
        } catch (IllegalArgumentException e) {
            throw new BadCommandException(String.valueOf(e.getMessage()));
        }
        ScenarioCluster begun = new ScenarioCluster(rules, size, options);
        cluster = begun;
        if (command.name().equals("cluster")) {
            return List.of();
        }
        begun.members().forEach(ScenarioMember::start);
        begun.settle();
        return logs();
    }

    private List<String> logs() {
        return cluster().members().stream().map(ScenarioMember::logLine).toList();
    }

    private List<String> log(Command command) {
        ScenarioMember member = member(command, 0);
        require(!member.wasUp(), member, "has been started already");
        require(member.journal.all().isEmpty(), member, "has a log already");
        List<Long> terms = new ArrayList<>();
        int next = 1;
        while (next < command.words().size() && command.words().get(next).indexOf('=') < 0) {
            terms.add((long) command.number(next++, "an entry's term", 1, 1000));
        }
        SortedMap<String, String> settings = command.settings(next);
        String vote = settings.remove("vote");
        String term = settings.remove("term");
        if (!settings.isEmpty()) {
            throw new BadCommandException("log does not know " + settings.firstKey());
        }
        long last = terms.isEmpty() ? 1 : terms.getLast();
        cluster()
                .writeLog(
                        member,
                        terms,
                        term == null ? last : Long.parseLong(term),
                        vote == null ? null : new ReplicaId(Integer.parseInt(vote)));
        return List.of();
    }

    private List<String> ofLife(Command command) {
        boolean begins = command.name().equals("start") || command.name().equals("restart");
        List<String> lines = new ArrayList<>();
        for (ScenarioMember member : members(command, 0, one -> one.isUp() != begins)) {
            require(member.isUp() != begins, member, begins ? "is up" : "is down");
            ScenarioAccount account =
                    switch (command.name()) {
                        case "start" -> {
                            require(!member.wasUp(), member, "was up before: restart it");
                            yield member.start();
                        }
                        case "restart" -> {
                            require(member.wasUp(), member, "was never up: start it");
                            yield member.start();
                        }
                        case "crash" -> member.crash();
                        default -> member.losePower();
                    };
            lines.addAll(account.inFull());
            if (!begins) {
                lines.addAll(lost(cluster().dropTo(member.id)));
            }
        }
        return lines;
    }

    private static List<String> lost(List<Letter> letters) {
        return letters.stream().map(letter -> "lost: " + letter).toList();
    }

    // --- time ---

    private List<String> timer(Command command) {
        ScenarioMember member = member(command, 0);
        require(member.isUp(), member, "is down");
        command.requireAtMost(command.name().equals("timer") ? 2 : 1);
        ScenarioAccount account =
                switch (command.name()) {
                    case "timeout" -> member.timeOut();
                    case "heartbeat" -> member.heartbeat();
                    default -> member.fire(timerNamed(command.word(1, "the timer's name")));
                };
        return account.inFull();
    }

    private static LeaderTimer timerNamed(String name) {
        for (LeaderTimer timer : LeaderTimer.values()) {
            if (ScenarioWords.timer(timer).equals(name)) {
                return timer;
            }
        }
        throw new BadCommandException("there is no timer " + name);
    }

    private List<String> advance(Command command) {
        long nanos = command.nanos(0, "how long");
        command.requireAtMost(1);
        cluster().pass(nanos);
        List<String> due = cluster().due();
        return due.isEmpty() ? List.of() : List.of("due: " + String.join(", ", due));
    }

    private List<String> settle(Command command) {
        boolean lives = command.name().equals("live");
        int after = lives ? 1 : 0;
        boolean inFull = command.isWord(after, "in") && command.isWord(after + 1, "full");
        command.requireAtMost(inFull ? after + 2 : after);
        List<ScenarioAccount> accounts =
                lives ? cluster().live(command.nanos(0, "how long")) : cluster().settle();
        Function<ScenarioAccount, List<String>> words =
                inFull ? ScenarioAccount::inFull : ScenarioAccount::inShort;
        List<String> lines = accounts.stream().map(words).flatMap(List::stream).toList();
        return ScenarioWords.orElse(lines, NO_NEWS);
    }

    // --- what members are asked ---

    private List<String> ask(Command command) {
        ScenarioMember member = member(command, 0);
        require(member.isUp(), member, "is down");
        boolean hasMore = command.name().equals("submit") || command.name().equals("history");
        command.requireAtMost(hasMore ? 2 : 1);
        ScenarioAccount account =
                switch (command.name()) {
                    case "submit" -> member.submit(command.word(1, "a text"));
                    case "read" -> member.read();
                    case "leave" -> member.step("is about to stop", new Input.Leaving<>());
                    case "stop" -> member.step("is asked for a stop sign", stopRequest(member));
                    case "snapshot" -> member.snapshot();
                    default -> member.takeHistory(member(command, 1));
                };
        return account.inFull();
    }

    private Input<LeaderMessage, LeaderRecord> stopRequest(ScenarioMember member) {
        return new Input.StopRequested<>(
                new StopSign(
                        new Epoch(2), cluster().membership, FaultModel.CRASH, "leader", member.id));
    }

    private List<String> sync(Command command) {
        List<String> lines = new ArrayList<>();
        for (ScenarioMember member :
                members(command, 0, one -> one.isUp() && !one.journal.isDurable())) {
            require(member.isUp(), member, "is down");
            require(!member.journal.isDurable(), member, "has nothing to sync");
            lines.addAll(member.sync().inFull());
        }
        return ScenarioWords.orElse(lines, "nobody has anything to sync");
    }

    // --- the network ---

    private List<String> mail(Command command) {
        return switch (command.name()) {
            case "deliver" -> {
                List<String> lines = new ArrayList<>();
                for (Letter letter : chosen(command)) {
                    lines.addAll(cluster().deliver(letter).inFull());
                }
                yield lines;
            }
            case "drop" -> lost(chosen(command));
            case "delay" -> {
                Letter letter = next(command, 0);
                command.requireAtMost(2);
                cluster().network.delay(letter);
                yield List.of("delayed: " + letter);
            }
            default -> {
                Letter letter = first(command, 0);
                command.requireAtMost(2);
                cluster().network.delay(letter);
                yield List.of("a copy is delayed: " + letter);
            }
        };
    }

    /// `all`, `FROM TO`, `FROM TO all`, `from N`, `to N`, `late FROM TO`; taken off the way.
    private List<Letter> chosen(Command command) {
        ScenarioNetwork network = cluster().network;
        List<Letter> letters;
        if (command.isWord(0, "all")) {
            command.requireAtMost(1);
            letters = network.takeAll(_ -> true);
        } else if (command.isWord(0, "from") || command.isWord(0, "to")) {
            command.requireAtMost(2);
            ReplicaId end = member(command, 1).id;
            boolean isSender = command.isWord(0, "from");
            letters =
                    network.takeAll(letter -> (isSender ? letter.from() : letter.to()).equals(end));
        } else if (command.isWord(0, "late")) {
            command.requireAtMost(3);
            Letter letter = network.takeLate(member(command, 1).id, member(command, 2).id);
            letters = letter == null ? List.of() : List.of(letter);
        } else if (command.isWord(2, "all")) {
            command.requireAtMost(3);
            ReplicaId from = member(command, 0).id;
            ReplicaId to = member(command, 1).id;
            letters = network.takeAll(letter -> letter.isOn(from, to));
        } else {
            command.requireAtMost(2);
            letters = List.of(next(command, 0));
        }
        if (letters.isEmpty()) {
            throw new BadCommandException("no such message is under way");
        }
        return letters;
    }

    private Letter next(Command command, int index) {
        ReplicaId from = member(command, index).id;
        ReplicaId to = member(command, index + 1).id;
        Letter letter = cluster().network.takeNext(from, to);
        if (letter == null) {
            throw new BadCommandException("nothing is under way from " + from + " to " + to);
        }
        return letter;
    }

    private Letter first(Command command, int index) {
        ReplicaId from = member(command, index).id;
        ReplicaId to = member(command, index + 1).id;
        return cluster().network.underWay().stream()
                .filter(letter -> letter.isOn(from, to))
                .findFirst()
                .orElseThrow(
                        () ->
                                new BadCommandException(
                                        "nothing is under way from " + from + " to " + to));
    }

    /// One link (`cut 1 2`) or all of a member (`cut 1`).
    private List<String> link(Command command) {
        command.requireAtMost(2);
        ScenarioMember one = member(command, 0);
        List<String> lines = new ArrayList<>();
        if (command.words().size() == 2) {
            lines.addAll(link(command.name(), one, member(command, 1)));
        } else {
            for (ScenarioMember other : cluster().members()) {
                if (other != one) {
                    lines.addAll(link(command.name(), one, other));
                }
            }
        }
        return lines;
    }

    private List<String> link(String what, ScenarioMember one, ScenarioMember other) {
        ScenarioNetwork network = cluster().network;
        List<String> lines = new ArrayList<>();
        switch (what) {
            case "cut" -> lines.addAll(lost(network.cut(one.id, other.id)));
            case "mend" -> network.mend(one.id, other.id);
            case "disconnect" -> lines.addAll(disconnect(one, other));
            default -> {
                if (network.isConnected(one.id, other.id) && one.isUp() && other.isUp()) {
                    lines.addAll(disconnect(one, other));
                }
                network.connect(one.id, other.id);
                lines.addAll(
                        tell(one, "is connected to " + other.id, new Input.PeerBack<>(other.id)));
                lines.addAll(
                        tell(other, "is connected to " + one.id, new Input.PeerBack<>(one.id)));
            }
        }
        return lines;
    }

    private List<String> disconnect(ScenarioMember one, ScenarioMember other) {
        List<String> lines = new ArrayList<>(lost(cluster().network.disconnect(one.id, other.id)));
        lines.addAll(
                tell(one, "loses its connection to " + other.id, new Input.PeerLost<>(other.id)));
        lines.addAll(
                tell(other, "loses its connection to " + one.id, new Input.PeerLost<>(one.id)));
        return lines;
    }

    private static List<String> tell(
            ScenarioMember member, String occasion, Input<LeaderMessage, LeaderRecord> input) {
        return member.isUp() ? member.step(occasion, input).inFull() : List.of();
    }

    // --- looking ---

    private List<String> show(Command command) {
        switch (command.name()) {
            case "logs" -> {
                command.requireAtMost(0);
                return logs();
            }
            case "messages" -> {
                command.requireAtMost(0);
                List<String> lines = new ArrayList<>();
                cluster().network.underWay().forEach(letter -> lines.add(letter.toString()));
                cluster().network.late().forEach(letter -> lines.add(letter + " (delayed)"));
                cluster().members().forEach(member -> lines.addAll(member.waiting()));
                return ScenarioWords.orElse(lines, "nothing is under way");
            }
            default -> {
                command.requireAtMost(1);
                List<String> lines = new ArrayList<>();
                member(command, 0)
                        .details()
                        .forEach((word, value) -> lines.add(word + ": " + value));
                return lines;
            }
        }
    }
}

package dev.lockstep.ordering.stability;

import dev.lockstep.core.OrderTable;
import dev.lockstep.ordering.stability.StabilityMessage.Body;
import dev.lockstep.testkit.scenario.BadCommandException;
import dev.lockstep.testkit.scenario.Command;
import dev.lockstep.testkit.scenario.Interpreter;

import org.jspecify.annotations.Nullable;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.SortedMap;

/// The commands of scenarios of stability ordering.
///
/// | command | what it does |
/// |---|---|
/// | `cluster N order=X option=value …` | begins; `mistake=NAME` builds a [Mutant] in |
/// | `submit M text` | a member has a batch to order |
/// | `sync M…` | what they have written is durable |
/// | `pass A B Kind…` | the oldest messages of these kinds from A to B arrive |
/// | `lose A B Kind` | all of this kind from A to B are lost; without a kind, all |
/// | `wait 100ms`, `tick M` | time passes; a member does what is due |
/// | `settle M…` | all messages among these arrive, and no time passes; to others they are lost |
/// | `live M…` | these talk to each other for some seconds, the others are not there |
/// | `part A B`, `join A B` | what is on its way between these is lost in `settle` and `live` |
/// | `crash M`, `restart M` | a member loses what is not durable; it begins again |
/// | `disks 1s` | so long it takes everybody to make a record durable, from now on |
/// | `clock M ahead 1s`, `behind 1s` or `stop` | its wall clock is wrong |
/// | `read M` | a member is asked for a linearizable read |
/// | `table M` | what it shows of its commands |
final class ScenarioCommands implements Interpreter {

    private static final int MOST_MEMBERS = 9;

    private @Nullable Theatre theatre;
    private long barriers;

    @Override
    public List<String> run(Command command) {
        if (command.name().equals("cluster")) {
            begin(command);
            return List.of();
        }
        return switch (command.name()) {
            case "submit" -> {
                theatre().submit(member(command, 0), command.word(1, "a text"));
                yield news();
            }
            case "sync" -> {
                members(command).forEach(theatre()::sync);
                yield news();
            }
            case "pass" -> pass(command);
            case "lose" -> lose(command);
            case "wait" -> {
                theatre().pass(command.nanos(0, "a duration"));
                yield List.of();
            }
            case "tick" -> {
                theatre().tick(member(command, 0));
                yield news();
            }
            case "settle" -> {
                theatre().settle(members(command).toArray(Integer[]::new));
                yield news();
            }
            case "live" -> live(command);
            case "part" -> {
                theatre().part(member(command, 0), member(command, 1));
                yield List.of();
            }
            case "join" -> {
                theatre().join(member(command, 0), member(command, 1));
                yield List.of();
            }
            case "crash" -> {
                theatre().crash(member(command, 0));
                yield news();
            }
            case "restart" -> {
                theatre().restart(member(command, 0));
                yield news();
            }
            case "clock" -> {
                setClock(command);
                yield List.of();
            }
            case "disks" -> {
                theatre().setDisks(command.nanos(0, "how long they take"));
                yield List.of();
            }
            case "read" -> {
                theatre().read(member(command, 0), ++barriers);
                yield news();
            }
            case "table" -> table(command);
            default -> throw new BadCommandException("there is no command " + command.name());
        };
    }

    private Theatre theatre() {
        Theatre current = theatre;
        if (current == null) {
            throw new BadCommandException("a scenario begins with the command cluster");
        }
        return current;
    }

    private List<String> news() {
        return theatre().takeNews();
    }

    private int member(Command command, int index) {
        return command.number(index, "a member", 1, theatre().size());
    }

    private List<Integer> members(Command command) {
        List<Integer> members = new ArrayList<>();
        for (int i = 0; i < command.words().size(); i++) {
            members.add(member(command, i));
        }
        return members;
    }

    private void begin(Command command) {
        int size = command.number(0, "how many members there are", 1, MOST_MEMBERS);
        SortedMap<String, String> settings = command.settings(1);
        String order = settings.remove("order");
        String mistake = settings.remove("mistake");
        Rules rules = mistake == null ? Rules.CORRECT : Mutant.valueOf(mistake).rules();
        theatre = new Theatre(order == null ? "logical-clock" : order, size, settings, rules);
        barriers = 0;
    }

    private List<String> pass(Command command) {
        int from = member(command, 0);
        int to = member(command, 1);
        for (int i = 2; i < command.words().size(); i++) {
            Class<? extends Body> kind = kind(command.word(i, "a kind"));
            if (!theatre().pass(from, to, kind)) {
                throw new BadCommandException(
                        "no %s has left from %d to %d".formatted(kind.getSimpleName(), from, to));
            }
        }
        return news();
    }

    private List<String> lose(Command command) {
        Class<? extends Body> kind =
                command.words().size() < 3 ? Body.class : kind(command.word(2, "a kind"));
        int lost = theatre().lose(member(command, 0), member(command, 1), kind);
        return List.of(lost + " lost");
    }

    private static Class<? extends Body> kind(String name) {
        for (Class<?> kind : Body.class.getPermittedSubclasses()) {
            if (kind.getSimpleName().equals(name)) {
                return kind.asSubclass(Body.class);
            }
        }
        throw new BadCommandException("there is no message " + name);
    }

    private List<String> live(Command command) {
        List<Integer> members = members(command);
        theatre().live(members.toArray(Integer[]::new));
        return news().stream().filter(line -> line.contains(" executes ")).toList();
    }

    private void setClock(Command command) {
        int id = member(command, 0);
        switch (command.word(1, "ahead, behind or stop")) {
            case "ahead" -> theatre().setClock(id, command.nanos(2, "how far"));
            case "behind" -> theatre().setClock(id, -command.nanos(2, "how far"));
            case "stop" -> theatre().stopClock(id);
            default -> throw new BadCommandException("a clock is ahead, behind or to stop");
        }
    }

    private List<String> table(Command command) {
        OrderTable table = theatre().table(member(command, 0));
        List<String> lines = new ArrayList<>();
        for (List<String> row : table.rows()) {
            lines.add(
                    String.format(
                                    Locale.ROOT,
                                    "%s  CUID %s  UID %s  %s",
                                    row.get(0),
                                    row.get(1),
                                    row.get(2),
                                    row.get(3))
                            .strip());
        }
        return lines.isEmpty() ? List.of("nothing") : lines;
    }
}

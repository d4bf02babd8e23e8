package dev.lockstep.testkit.scenario;

import java.util.ArrayList;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;

/// One command of a transcript, such as `submit 1 "some text" late=true`: a name and words.
///
/// Words are separated by blanks; one in double quotes may contain some. Immutable.
public final class Command {

    private final String name;
    private final List<String> words;

    private Command(String name, List<String> words) {
        this.name = name;
        this.words = List.copyOf(words);
    }

    /// Takes a command apart.
    ///
    /// @throws BadCommandException if it is empty or a quotation does not end
    public static Command parse(String text) {
        List<String> parts = new ArrayList<>();
        int at = 0;
        while (at < text.length()) {
            char first = text.charAt(at);
            if (first == ' ') {
                at++;
                continue;
            }
            boolean isQuoted = first == '"';
            int begin = isQuoted ? at + 1 : at;
            int end = text.indexOf(isQuoted ? '"' : ' ', begin);
            if (end < 0 && isQuoted) {
                throw new BadCommandException("the quotation does not end: " + text);
            }
            end = end < 0 ? text.length() : end;
            parts.add(text.substring(begin, end));
            at = end + 1;
        }
        if (parts.isEmpty()) {
            throw new BadCommandException("a command has a name");
        }
        return new Command(parts.getFirst(), parts.subList(1, parts.size()));
    }

    /// What is to be done.
    public String name() {
        return name;
    }

    /// The words after the name.
    public List<String> words() {
        return words;
    }

    /// True if there is such a word at `index`, from 0.
    public boolean isWord(int index, String word) {
        return index < words.size() && words.get(index).equals(word);
    }

    /// The word at `index`, from 0.
    ///
    /// @param what what it stands for, for the complaint if there is none
    public String word(int index, String what) {
        if (index >= words.size()) {
            throw new BadCommandException(name + " lacks " + what);
        }
        return words.get(index);
    }

    /// The number at `index`, from `least` to `most`.
    ///
    /// @param what what it stands for, for the complaint if there is none
    public int number(int index, String what, int least, int most) {
        String word = word(index, what);
        int value = word.matches("[0-9]{1,9}") ? Integer.parseInt(word) : -1;
        if (value < least || value > most) {
            throw new BadCommandException(
                    "%s: %s is a number from %d to %d, not %s"
                            .formatted(name, what, least, most, word));
        }
        return value;
    }

    /// The duration at `index` in nanoseconds, written `5us`, `100ms` or `2s`.
    public long nanos(int index, String what) {
        String word = word(index, what);
        String unit = word.replaceFirst("^[0-9]{1,6}", "");
        long factor =
                switch (unit) {
                    case "us" -> 1_000L;
                    case "ms" -> 1_000_000L;
                    case "s" -> 1_000_000_000L;
                    default -> 0;
                };
        if (factor == 0 || unit.length() == word.length()) {
            throw new BadCommandException(
                    "%s: %s is a duration such as 100ms or 2s, not %s".formatted(name, what, word));
        }
        return factor * Long.parseLong(word.substring(0, word.length() - unit.length()));
    }

    /// The words from `index` on, each of the form `key=value`.
    public SortedMap<String, String> settings(int index) {
        SortedMap<String, String> settings = new TreeMap<>();
        for (String word : words.subList(Math.min(index, words.size()), words.size())) {
            int equals = word.indexOf('=');
            if (equals < 1) {
                throw new BadCommandException(name + ": not of the form key=value: " + word);
            }
            if (settings.put(word.substring(0, equals), word.substring(equals + 1)) != null) {
                throw new BadCommandException(name + ": said twice: " + word);
            }
        }
        return settings;
    }

    /// Requires that there are no more words than `most`.
    public void requireAtMost(int most) {
        if (words.size() > most) {
            throw new BadCommandException(name + " does not know what this is: " + words.get(most));
        }
    }
}

package dev.lockstep.node;

import org.jspecify.annotations.Nullable;

import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Locale;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;

/// The keys of one mapping in cluster.yaml, taken out by name. What nobody asked for is refused,
/// naming the nearest key that exists.
final class YamlSection {

    private final String file;
    private final YamlValue.Mapping mapping;

    /// The keys asked for so far: those that exist.
    private final SortedSet<String> known = new TreeSet<>();

    YamlSection(String file, YamlValue.Mapping mapping) {
        this.file = file;
        this.mapping = mapping;
    }

    /// The text of a key, or null if the key is absent or has no value.
    @Nullable String text(String key) {
        return switch (value(key)) {
            case null -> null;
            case YamlValue.Nothing _ -> null;
            case YamlValue.Scalar scalar -> scalar.text();
            case YamlValue.Mapping _, YamlValue.Sequence _ ->
                    throw refused(key, "is one value, not several");
        };
    }

    String text(String key, String otherwise) {
        String text = text(key);
        return text == null ? otherwise : text;
    }

    String requiredText(String key) {
        String text = text(key);
        if (text == null || text.isBlank()) {
            throw refused(key, "is missing");
        }
        return text;
    }

    int number(String key, int otherwise, int least, int most) {
        String text = text(key);
        if (text == null) {
            return otherwise;
        }
        Long number = Amounts.number(text);
        if (number == null || number < least || number > most) {
            throw refused(
                    key,
                    "is \"%s\": it must be a number from %d to %d".formatted(text, least, most));
        }
        return number.intValue();
    }

    boolean flag(String key, boolean otherwise) {
        String text = text(key);
        if (text == null) {
            return otherwise;
        }
        return switch (text) {
            case "true" -> true;
            case "false" -> false;
            default ->
                    throw refused(key, "is \"%s\": it must be true or false".formatted(text));
        };
    }

    int requiredNumber(String key, int least, int most) {
        var _ = requiredText(key);
        return number(key, least, least, most);
    }

    long size(String key, long otherwise, long most) {
        String text = text(key);
        if (text == null) {
            return otherwise;
        }
        Long bytes = Amounts.sizeBytes(text);
        if (bytes == null || bytes < 1 || bytes > most) {
            throw refused(
                    key,
                    "is \"%s\": it must be a size such as 64KiB or 8MiB, at most %s"
                            .formatted(text, Amounts.ofSize(most)));
        }
        return bytes;
    }

    long duration(String key, long otherwise) {
        String text = text(key);
        if (text == null) {
            return otherwise;
        }
        Long nanos = Amounts.durationNanos(text);
        if (nanos == null || nanos < 1) {
            throw refused(
                    key, "is \"%s\": it must be a duration such as 150ms or 2s".formatted(text));
        }
        return nanos;
    }

    /// One of an enum's values, written in lower case with hyphens.
    <E extends Enum<E>> E choice(String key, E otherwise, E[] values) {
        String text = text(key);
        if (text == null) {
            return otherwise;
        }
        List<String> names = new ArrayList<>();
        for (E value : values) {
            String name = written(value);
            if (name.equals(text)) {
                return value;
            }
            names.add(name);
        }
        throw refused(key, "is \"%s\": choose %s".formatted(text, orOf(names)));
    }

    /// How an enum's value is written in cluster.yaml.
    static String written(Enum<?> value) {
        return value.name().toLowerCase(Locale.ROOT).replace('_', '-');
    }

    /// A mapping under a key; empty if there is none.
    YamlSection section(String key) {
        return switch (value(key)) {
            case null -> new YamlSection(file, YamlValue.Mapping.EMPTY);
            case YamlValue.Nothing _ -> new YamlSection(file, YamlValue.Mapping.EMPTY);
            case YamlValue.Mapping inner -> new YamlSection(file, inner);
            case YamlValue.Scalar _, YamlValue.Sequence _ ->
                    throw refused(key, "has keys of its own, each on a line and indented");
        };
    }

    /// The mappings in the list under a key; empty if there is none.
    List<YamlSection> sections(String key) {
        List<YamlSection> sections = new ArrayList<>();
        switch (value(key)) {
            case null -> {}
            case YamlValue.Nothing _ -> {}
            case YamlValue.Sequence list -> {
                for (YamlValue item : list.items()) {
                    if (!(item instanceof YamlValue.Mapping inner)) {
                        throw at(item.line(), "each of " + key + " has keys, such as {id: 1}");
                    }
                    sections.add(new YamlSection(file, inner));
                }
            }
            case YamlValue.Scalar _, YamlValue.Mapping _ ->
                    throw refused(key, "is a list: begin each item with a hyphen");
        }
        return sections;
    }

    /// All keys of a mapping under a key with their texts; a mapping within it joins its keys with
    /// a dot.
    SortedMap<String, String> texts(String key) {
        SortedMap<String, String> texts = new TreeMap<>();
        section(key).flatten("", texts);
        return texts;
    }

    private void flatten(String prefix, SortedMap<String, String> texts) {
        mapping.values()
                .forEach(
                        (name, value) -> {
                            switch (value) {
                                case YamlValue.Nothing _ -> texts.put(prefix + name, "");
                                case YamlValue.Scalar scalar ->
                                        texts.put(prefix + name, scalar.text());
                                case YamlValue.Mapping inner ->
                                        new YamlSection(file, inner)
                                                .flatten(prefix + name + ".", texts);
                                case YamlValue.Sequence list ->
                                        throw at(list.line(), name + " is one value, not a list");
                            }
                        });
    }

    /// Keys not asked for yet that end in `suffix`, without it.
    List<String> othersEndingWith(String suffix) {
        List<String> names = new ArrayList<>();
        for (String key : mapping.values().keySet()) {
            if (!known.contains(key) && key.endsWith(suffix) && key.length() > suffix.length()) {
                names.add(key.substring(0, key.length() - suffix.length()));
            }
        }
        return names;
    }

    /// Says that a key exists without asking for it.
    void know(String key) {
        known.add(key);
    }

    /// The key among those asked for that `key` is a slip of the pen for, or null.
    @Nullable String nearest(String key) {
        return Nearest.of(key, known);
    }

    /// Refuses keys that nobody asked for.
    void requireNoOthers() {
        mapping.values()
                .forEach(
                        (key, value) -> {
                            if (!known.contains(key)) {
                                throw at(value.line(), unknown(key, known));
                            }
                        });
    }

    private static String unknown(String key, SortedSet<String> known) {
        String near = Nearest.of(key, known);
        return near == null
                ? "there is no key %s here; there are %s".formatted(key, andOf(known))
                : "there is no key %s; did you mean %s?".formatted(key, near);
    }

    /// What is wrong with a key, with the file and the line.
    ConfigException refused(String key, String what) {
        YamlValue value = mapping.values().get(key);
        return at(value == null ? mapping.line() : value.line(), key + " " + what);
    }

    private ConfigException at(int line, String what) {
        return new ConfigException(file + ", line " + line + ": " + what);
    }

    private @Nullable YamlValue value(String key) {
        known.add(key);
        return mapping.values().get(key);
    }

    static String orOf(Collection<String> names) {
        return joined(names, " or ");
    }

    static String andOf(Collection<String> names) {
        return joined(names, " and ");
    }

    private static String joined(Collection<String> names, String last) {
        List<String> list = List.copyOf(names);
        int size = list.size();
        return size < 2
                ? String.join("", list)
                : String.join(", ", list.subList(0, size - 1)) + last + list.get(size - 1);
    }
}

package dev.lockstep.node;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.dataformat.yaml.YAMLFactory;
import com.fasterxml.jackson.dataformat.yaml.YAMLParser;

import java.io.IOException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/// A piece of a YAML file and the line it stands on. Scalars are kept as they are written, so that
/// `010` and `1e3` mean what whoever reads them says.
sealed interface YamlValue {

    /// Where it begins, from 1.
    int line();

    /// Keys and values, in the order of the file.
    record Mapping(int line, Map<String, YamlValue> values) implements YamlValue {

        static final Mapping EMPTY = new Mapping(1, Collections.emptyMap());
    }

    /// A list.
    record Sequence(int line, List<YamlValue> items) implements YamlValue {}

    /// A text, quoted or not.
    record Scalar(int line, String text) implements YamlValue {}

    /// A key without a value.
    record Nothing(int line) implements YamlValue {}

    /// Reads a file whose outermost value is a mapping.
    ///
    /// @throws ConfigException if it is no YAML, or not what a configuration needs of it
    static Mapping parse(String file, String text) {
        try (YAMLParser parser = new YAMLFactory().createParser(text)) {
            JsonToken first = parser.nextToken();
            if (first == null) {
                throw new ConfigException(file + " is empty");
            }
            if (!(read(file, parser) instanceof Mapping mapping)) {
                throw new ConfigException(
                        file + ", line 1: a configuration consists of keys and values");
            }
            if (parser.nextToken() != null) {
                throw new ConfigException(
                        file + ", line " + lineOf(parser) + ": there is a second document");
            }
            return mapping;
        } catch (JsonProcessingException e) {
            throw new ConfigException(
                    "%s, line %d: this is no YAML: %s"
                            .formatted(file, lineOf(e), firstLine(e.getOriginalMessage())),
                    e);
        } catch (IOException e) {
            throw new IllegalStateException("a string cannot fail to be read", e);
        }
    }

    private static YamlValue read(String file, YAMLParser parser) throws IOException {
        int line = lineOf(parser);
        if (parser.isCurrentAlias()) {
            throw new ConfigException(
                    file + ", line " + line + ": aliases are not taken; write the value out");
        }
        return switch (parser.currentToken()) {
            case START_OBJECT -> readMapping(file, parser, line);
            case START_ARRAY -> {
                List<YamlValue> items = new ArrayList<>();
                while (parser.nextToken() != JsonToken.END_ARRAY) {
                    items.add(read(file, parser));
                }
                yield new Sequence(line, items);
            }
            case VALUE_NULL -> new Nothing(line);
            default -> new Scalar(line, parser.getText());
        };
    }

    private static Mapping readMapping(String file, YAMLParser parser, int line)
            throws IOException {
        Map<String, YamlValue> values = new LinkedHashMap<>();
        while (parser.nextToken() != JsonToken.END_OBJECT) {
            String key = parser.currentName();
            int keyLine = lineOf(parser);
            parser.nextToken();
            if (values.put(key, read(file, parser)) != null) {
                throw new ConfigException(
                        file + ", line " + keyLine + ": the key " + key + " is there twice");
            }
        }
        return new Mapping(line, values);
    }

    private static int lineOf(JsonParser parser) {
        return parser.currentTokenLocation().getLineNr();
    }

    private static int lineOf(JsonProcessingException e) {
        return e.getLocation() == null ? 1 : e.getLocation().getLineNr();
    }

    /// Without the parser's inner life, which some of its messages end in.
    private static String firstLine(String message) {
        int end = message.indexOf('\n');
        String line = end < 0 ? message : message.substring(0, end);
        int inner = line.indexOf(", got this instead: <org.yaml");
        return inner < 0 ? line : line.substring(0, inner);
    }
}

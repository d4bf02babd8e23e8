package dev.lockstep.testkit.simulator;

import java.util.Locale;

/// Writes elements of an SVG document.
final class Svg {

    private final StringBuilder text = new StringBuilder();

    /// Begins an element whose attributes are given as pairs of a name and a value.
    Svg open(String element, Object... attributes) {
        start(element, attributes);
        text.append('>');
        return this;
    }

    Svg close(String element) {
        text.append("</").append(element).append(">\n");
        return this;
    }

    /// An element without content.
    Svg empty(String element, Object... attributes) {
        start(element, attributes);
        text.append("/>\n");
        return this;
    }

    /// An element with text in it.
    Svg text(String element, String content, Object... attributes) {
        open(element, attributes);
        text.append(escape(content));
        return close(element);
    }

    /// What another has written.
    Svg add(Svg other) {
        text.append(other.text);
        return this;
    }

    private void start(String element, Object... attributes) {
        text.append('<').append(element);
        for (int i = 0; i < attributes.length; i += 2) {
            text.append(' ').append(attributes[i]).append("=\"");
            Object value = attributes[i + 1];
            text.append(value instanceof Double number ? number(number) : escape(value.toString()));
            text.append('"');
        }
    }

    private static String number(double value) {
        String shown = String.format(Locale.ROOT, "%.1f", value);
        return shown.endsWith(".0") ? shown.substring(0, shown.length() - 2) : shown;
    }

    /// Text as XML has it; what XML has no room for becomes a question mark.
    static String escape(String raw) {
        StringBuilder safe = new StringBuilder(raw.length() + 16);
        raw.codePoints()
                .forEach(
                        point -> {
                            switch (point) {
                                case '&' -> safe.append("&amp;");
                                case '<' -> safe.append("&lt;");
                                case '>' -> safe.append("&gt;");
                                case '"' -> safe.append("&quot;");
                                default -> safe.appendCodePoint(isOfXml(point) ? point : '?');
                            }
                        });
        return safe.toString();
    }

    private static boolean isOfXml(int point) {
        boolean isControl = point < 0x20 && point != '\n' && point != '\t';
        boolean isHalf = point >= 0xD800 && point <= 0xDFFF;
        return !isControl && !isHalf && point != 0xFFFE && point != 0xFFFF;
    }

    @Override
    public String toString() {
        return text.toString();
    }
}

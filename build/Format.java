import com.google.googlejavaformat.java.Formatter;
import com.google.googlejavaformat.java.JavaFormatterOptions;
import com.google.googlejavaformat.java.RemoveUnusedImports;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayList;
import java.util.List;

/// Checks (`check DIR`) or applies (`apply DIR`) google-java-format, AOSP style, to every Java source.
void main(String[] args) throws Exception {
    boolean apply = args[0].equals("apply");
    Path root = Path.of(args[1]).toAbsolutePath().normalize();
    var formatter =
            new Formatter(
                    JavaFormatterOptions.builder()
                            .style(JavaFormatterOptions.Style.AOSP)
                            .formatJavadoc(false)
                            .build());
    List<Path> files = new ArrayList<>();
    Files.walkFileTree(
            root,
            new SimpleFileVisitor<>() {
                @Override
                public FileVisitResult preVisitDirectory(Path dir, BasicFileAttributes unused) {
                    String name = dir.getFileName().toString();
                    boolean skip = name.equals("target") || name.equals("build") || name.startsWith(".");
                    return skip && !dir.equals(root)
                            ? FileVisitResult.SKIP_SUBTREE
                            : FileVisitResult.CONTINUE;
                }

                @Override
                public FileVisitResult visitFile(Path file, BasicFileAttributes unused) {
                    if (file.toString().endsWith(".java")) {
                        files.add(file);
                    }
                    return FileVisitResult.CONTINUE;
                }
            });
    int wrong = 0;
    for (Path file : files) {
        String text = Files.readString(file);
        String formatted = formatter.formatSource(RemoveUnusedImports.removeUnusedImports(wrapDocComments(text)));
        formatted = com.google.googlejavaformat.java.ImportOrderer.reorderImports(
                formatted, JavaFormatterOptions.Style.AOSP);
        if (!formatted.equals(text)) {
            wrong++;
            if (apply) {
                Files.writeString(file, formatted);
            } else {
                System.err.println("not formatted: " + root.relativize(file));
            }
        }
    }
    if (!apply && wrong > 0) {
        System.err.println(wrong + " of " + files.size() + " files are not formatted; run ./format");
        System.exit(1);
    }
    if (apply) {
        System.out.println("formatted " + wrong + " of " + files.size() + " files");
    }
}

/// The formatter would break a long `///` line into a `///` and a `//` line, which is no comment of
/// the declaration any more: wrap such lines first.
String wrapDocComments(String text) {
    StringBuilder out = new StringBuilder();
    for (String line : text.split("\n", -1)) {
        String rest = line;
        while (rest.length() > 100 && rest.stripLeading().startsWith("/// ")) {
            int start = rest.indexOf("/// ") + 4;
            while (start < rest.length() && rest.charAt(start) == ' ') {
                start++;
            }
            int cut = rest.lastIndexOf(' ', 100);
            if (cut <= start || rest.substring(start).startsWith("|")) {
                break;
            }
            out.append(rest, 0, cut).append('\n');
            rest = rest.substring(0, start) + rest.substring(cut + 1);
        }
        out.append(rest).append('\n');
    }
    out.setLength(out.length() - 1);
    return out.toString();
}

package dev.lockstep.cli.rules;

import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/// Who may depend on whom, class by class: the table in docs/architecture.md. Maven enforces it for
/// whole modules, but what a dependency brings along it lets through.
final class Modules {

    /// By module, the modules it may use. `bench` and `examples` may use anything, and nothing can
    /// use them: no other module depends on theirs.
    static final Map<String, List<String>> MAY_USE =
            new TreeMap<>(
                    Map.of(
                            "api", List.of(),
                            "core", List.of(),
                            "ordering", List.of("core"),
                            "replica", List.of("core", "api"),
                            "journal", List.of("core"),
                            "net", List.of("core"),
                            "client", List.of("core", "api", "net"),
                            // An embedded cluster hands out clients.
                            "node", List.of("core", "api", "replica", "journal", "net", "client"),
                            // A gateway shows its clients the replica's status.
                            "services", List.of("core", "api", "replica", "node", "client"),
                            "testkit", List.of("core", "api", "replica", "journal", "client")));

    /// The command sees every module: it is what is left to use them.
    static final List<String> MODULES_OF_CLI =
            List.of("core", "api", "replica", "node", "client", "services", "testkit", "net");

    private Modules() {}

    /// The rule that `module` uses no module but those, where modules are packages below `root`.
    static Rule onlyUses(String root, String module, List<String> allowed) {
        String own = root + "." + module;
        return Rule.types(
                "modules other than " + allowed,
                "module " + module + " stands below them, or beside",
                type -> {
                    String name = type.getPackageName();
                    return isWithin(name, root)
                            && !isWithin(name, own)
                            && allowed.stream().noneMatch(m -> isWithin(name, root + "." + m));
                });
    }

    private static boolean isWithin(String name, String root) {
        return name.equals(root) || name.startsWith(root + ".");
    }
}

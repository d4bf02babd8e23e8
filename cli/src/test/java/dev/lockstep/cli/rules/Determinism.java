package dev.lockstep.cli.rules;

import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaModifier;

import java.io.IOException;
import java.io.InputStream;
import java.lang.classfile.ClassFile;
import java.lang.classfile.ClassModel;
import java.lang.classfile.instruction.MonitorInstruction;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/// What code must not do if the simulator is to run it twice and see the same twice: the rules of
/// the deterministic modules.
final class Determinism {

    /// The packages of the deterministic modules.
    static final String[] PACKAGES = {
        "dev.lockstep.core..", "dev.lockstep.ordering..", "dev.lockstep.replica.."
    };

    private static final Set<String> SURROUNDINGS_OF_SYSTEM =
            Set.of(
                    "getProperty",
                    "getProperties",
                    "getenv",
                    "in",
                    "out",
                    "err",
                    "identityHashCode",
                    "exit",
                    "getLogger");

    static final Rule HASHED_COLLECTIONS =
            Rule.types(
                    "hashed collections",
                    "HashMap and its kin iterate in an order that depends on hash codes, which differ"
                            + " between processes for enums, records of enums and objects: use arrays,"
                            + " EnumMap, TreeMap or LinkedHashMap",
                    type ->
                            Set.of(
                                            "java.util.HashMap",
                                            "java.util.HashSet",
                                            "java.util.Hashtable",
                                            "java.util.IdentityHashMap",
                                            "java.util.WeakHashMap")
                                    .contains(type.getName()));

    static final Rule SALTED_COLLECTIONS =
            Rule.calls(
                    "Set.of, Map.of and what collects into hashed collections",
                    "immutable sets and maps iterate in an order salted anew in every process, and"
                            + " Collectors.toSet, toMap and groupingBy make a HashMap: use List, EnumSet,"
                            + " TreeSet or TreeMap",
                    (owner, name, _) ->
                            switch (owner) {
                                case "java.util.Set", "java.util.Map" ->
                                        name.equals("of")
                                                || name.equals("copyOf")
                                                || name.equals("ofEntries");
                                case "java.util.stream.Collectors" ->
                                        name.contains("Set")
                                                || name.contains("Map")
                                                || name.startsWith("grouping")
                                                || name.startsWith("partitioning");
                                default -> false;
                            });

    static final Rule CONCURRENCY =
            Rule.types(
                    "java.util.concurrent",
                    "the replica's thread owns all state; work for other threads goes through the"
                            + " ports of core",
                    type ->
                            type.getPackageName().startsWith("java.util.concurrent")
                                    || type.getPackageName().equals("java.lang.ref"));

    static final Rule THREADS =
            Rule.types(
                    "threads and processes",
                    "whoever drives a replica decides on which thread, in a node and in the simulator",
                    type ->
                            Set.of(
                                            "java.lang.Thread",
                                            "java.lang.ThreadLocal",
                                            "java.lang.InheritableThreadLocal",
                                            "java.lang.ScopedValue",
                                            "java.lang.Runtime",
                                            "java.lang.Process",
                                            "java.lang.ProcessBuilder",
                                            "java.lang.ProcessHandle",
                                            "java.util.Timer")
                                    .contains(type.getName()));

    static final Rule PARALLEL_STREAMS =
            Rule.calls(
                    "parallel streams",
                    "they run on threads of their own",
                    (owner, name, _) ->
                            name.equals("parallelStream")
                                    || (name.equals("parallel")
                                            && owner.startsWith("java.util.stream.")));

    static final Rule WAITING =
            Rule.calls(
                    "wait and notify",
                    "there is one thread, and it never waits",
                    (owner, name, _) ->
                            owner.equals("java.lang.Object")
                                    && (name.equals("wait") || name.startsWith("notify")));

    static final Rule SYNCHRONIZED_METHODS =
            Rule.modifier(
                    "synchronized",
                    "there is one thread, so a lock hides a mistake",
                    JavaModifier.SYNCHRONIZED);

    static final Rule SYNCHRONIZED_BLOCKS =
            new Rule(
                    "synchronized blocks",
                    "there is one thread, so a lock hides a mistake",
                    Determinism::synchronizedBlocks);

    static final Rule VOLATILE =
            Rule.modifier(
                    "volatile",
                    "there is one thread, so a field that others see hides a mistake",
                    JavaModifier.VOLATILE);

    static final Rule CLOCKS =
            Rule.calls(
                    "clocks",
                    "time comes with every input, as Now, and from the order, as agreed time",
                    (owner, name, _) ->
                            (owner.equals("java.lang.System")
                                            && (name.equals("nanoTime")
                                                    || name.equals("currentTimeMillis")))
                                    || (owner.startsWith("java.time.") && name.equals("now"))
                                    || owner.equals("java.time.Clock")
                                    || (owner.equals("java.util.Date") && name.equals("<init>")));

    static final Rule SURROUNDINGS =
            Rule.calls(
                    "properties, environment, standard streams and identity hash codes",
                    "what a replica does may depend on its inputs and options alone",
                    (owner, name, _) ->
                            switch (owner) {
                                case "java.lang.System" -> SURROUNDINGS_OF_SYSTEM.contains(name);
                                case "java.lang.Integer" -> name.equals("getInteger");
                                case "java.lang.Long" -> name.equals("getLong");
                                case "java.lang.Boolean" -> name.equals("getBoolean");
                                default -> false;
                            });

    static final Rule FILES_AND_SOCKETS =
            Rule.types(
                    "files and sockets",
                    "they are reached through the ports of core, which the simulator has its own of",
                    type ->
                            type.getPackageName().startsWith("java.nio.file")
                                    || type.getPackageName().startsWith("java.nio.channels")
                                    || type.getPackageName().startsWith("java.net")
                                    || type.getName().startsWith("java.io.File")
                                    || type.getName().startsWith("java.io.RandomAccess")
                                    || type.getName().equals("java.io.PrintStream")
                                    || type.getName().equals("java.io.Console"));

    static final Rule OWN_RANDOMNESS =
            Rule.calls(
                    "randomness of its own",
                    "protocols and state machines get a seeded RandomGenerator from outside; one may"
                            + " be made from a seed, never without",
                    (owner, name, parameters) ->
                            owner.equals("java.util.Random")
                                    || owner.equals("java.security.SecureRandom")
                                    || owner.startsWith("java.util.random.RandomGeneratorFactory")
                                    || (owner.equals("java.util.SplittableRandom")
                                            && name.equals("<init>")
                                            && parameters == 0)
                                    || (owner.startsWith("java.util.random.RandomGenerator")
                                            && (name.equals("of") || name.equals("getDefault")))
                                    || (owner.equals("java.util.UUID") && name.equals("randomUUID"))
                                    || (owner.endsWith("Math") && name.equals("random"))
                                    || (owner.equals("java.util.Collections")
                                            && name.equals("shuffle")
                                            && parameters == 1));

    static final Rule OTHER_LIBRARIES =
            Rule.types(
                    "libraries other than JSpecify",
                    "a protocol, its host and the seam between them need the language alone; a logging"
                            + " backend or a buffer pool would bring clocks and threads along",
                    type ->
                            !type.isPrimitive()
                                    && !type.getPackageName().startsWith("java.")
                                    && !type.getPackageName().startsWith("org.jspecify.")
                                    && !type.getPackageName().startsWith("dev.lockstep."));

    static final List<Rule> RULES =
            List.of(
                    HASHED_COLLECTIONS,
                    SALTED_COLLECTIONS,
                    CONCURRENCY,
                    THREADS,
                    PARALLEL_STREAMS,
                    WAITING,
                    SYNCHRONIZED_METHODS,
                    SYNCHRONIZED_BLOCKS,
                    VOLATILE,
                    CLOCKS,
                    SURROUNDINGS,
                    FILES_AND_SOCKETS,
                    OWN_RANDOMNESS,
                    OTHER_LIBRARIES);

    private Determinism() {}

    /// A block leaves no trace but an instruction, which ArchUnit does not look at.
    private static List<String> synchronizedBlocks(JavaClass type) {
        List<String> found = new ArrayList<>();
        ClassModel model = parse(type);
        for (var method : model.methods()) {
            method.code().stream()
                    .flatMap(code -> code.elementStream())
                    .filter(MonitorInstruction.class::isInstance)
                    .findFirst()
                    .ifPresent(
                            _ ->
                                    found.add(
                                            "%s.%s has a synchronized block"
                                                    .formatted(
                                                            type.getName(),
                                                            method.methodName().stringValue())));
        }
        return found;
    }

    private static ClassModel parse(JavaClass type) {
        String resource = "/" + type.getName().replace('.', '/') + ".class";
        try (InputStream in = Determinism.class.getResourceAsStream(resource)) {
            if (in == null) {
                throw new IllegalStateException(resource + " is not on the class path");
            }
            return ClassFile.of().parse(in.readAllBytes());
        } catch (IOException e) {
            throw new IllegalStateException(resource, e);
        }
    }
}

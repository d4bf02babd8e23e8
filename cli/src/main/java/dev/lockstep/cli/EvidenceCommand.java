package dev.lockstep.cli;

import com.fasterxml.jackson.databind.JsonNode;

import dev.lockstep.core.Accusation;
import dev.lockstep.core.FaultModel;
import dev.lockstep.core.wire.Bytes;
import dev.lockstep.node.EvidenceJudge;
import dev.lockstep.node.NodeConfig;

import org.jspecify.annotations.Nullable;

import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

import java.io.IOException;
import java.util.ArrayList;
import java.util.Base64;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;

/// `lockstep evidence`: which members are proven to have misbehaved.
@Command(
        name = "evidence",
        description = {
            "Shows what proves that members of a Byzantine cluster misbehaved: two blocks in one"
                    + " place under one member's signature, which an honest member never gives.",
            "",
            "Every replica keeps what it has seen, over restarts. Nobody's word is believed: each"
                    + " proof is checked here, against the public keys of cluster.keys.",
            "",
            "Exits with 0 if nothing is proven against anybody, with 1 if something is, with 3 if no"
                    + " replica answers."
        },
        footer = {
            "",
            "Examples:",
            "  lockstep evidence              of the cluster of cluster.yaml, or of the demo",
            "  lockstep evidence --json       with the proofs, to be checked elsewhere"
        })
final class EvidenceCommand implements Callable<Integer> {

    @Spec private @Nullable CommandSpec spec;
    @Mixin private ConfigOption config = new ConfigOption();
    @Mixin private AdminOption admin = new AdminOption();

    @Option(names = "--json", description = "Prints one JSON object.")
    private boolean json;

    /// What is proven, by whom it is known and since when.
    private static final class Finding {
        private final Accusation accusation;
        private final String proof;
        private final TreeSet<Integer> keepers = new TreeSet<>();
        private String since;

        Finding(Accusation accusation, String proof, String since) {
            this.accusation = accusation;
            this.proof = proof;
            this.since = since;
        }
    }

    /// What all have said.
    private static final class Survey {
        private final Map<String, Finding> findings = new TreeMap<>();
        private final List<String> troubles = new ArrayList<>();
        private int answered;

        private void take(EvidenceJudge judge, JsonNode page) {
            answered++;
            int keeper = page.path("replica").asInt();
            for (JsonNode each : page.path("evidence")) {
                String proof = each.path("proof").asText();
                Optional<Accusation> found = judge(judge, proof);
                if (found.isEmpty()) {
                    troubles.add(
                            "Replica %d keeps something against replica %s that proves nothing: see whether its cluster.keys is the same as here ('lockstep keys show')."
                                    .formatted(keeper, each.path("about").asText()));
                    continue;
                }
                String at = each.path("at").asText();
                Finding finding =
                        findings.computeIfAbsent(
                                found.get().toString(), _ -> new Finding(found.get(), proof, at));
                finding.keepers.add(keeper);
                finding.since = finding.since.compareTo(at) <= 0 ? finding.since : at;
            }
        }

        private static Optional<Accusation> judge(EvidenceJudge judge, String proof) {
            try {
                return judge.judge(Bytes.wrap(Base64.getDecoder().decode(proof)));
            } catch (IllegalArgumentException noProof) {
                return Optional.empty();
            }
        }

        private List<Finding> sorted() {
            return findings.values().stream()
                    .sorted(Comparator.comparing((Finding finding) -> finding.since))
                    .toList();
        }
    }

    @Override
    public Integer call() {
        NodeConfig known = ClusterFile.load(config.file());
        if (known.faults() != FaultModel.BYZANTINE) {
            throw new OperatorException(
                    "%s says faults: %s: members sign what they say, and can be proven to lie, with faults: byzantine only"
                            .formatted(known.source(), FaultWords.word(known.faults())));
        }
        EvidenceJudge judge = new EvidenceJudge(known);
        Survey survey = new Survey();
        for (AdminClient replica : admin.clients(config, spec)) {
            try {
                survey.take(judge, replica.get("/evidence"));
            } catch (IOException e) {
                survey.troubles.add(
                        "Replica %s does not answer: %s."
                                .formatted(
                                        AdminClient.nameOf(replica.replica(), replica.address()),
                                        Reason.of(e)));
            }
        }
        tell(survey);
        if (survey.answered == 0) {
            return ExitCode.UNDECIDED;
        }
        return survey.findings.isEmpty() ? ExitCode.DONE : ExitCode.FAILED;
    }

    private void tell(Survey survey) {
        Console console = Console.of(spec);
        if (json) {
            console.json(page(survey));
            return;
        }
        if (survey.answered > 0 && survey.findings.isEmpty()) {
            console.line("Nothing is proven against anybody.");
        } else if (!survey.findings.isEmpty()) {
            Table table = new Table("replica", "epoch", "what it did", "since", "kept by");
            for (Finding finding : survey.sorted()) {
                table.row(
                        finding.accusation.about(),
                        finding.accusation.epoch(),
                        finding.accusation.deed(),
                        finding.since,
                        words(finding));
            }
            table.lines().forEach(line -> console.line("%s", line));
        }
        survey.troubles.stream().distinct().forEach(sentence -> console.line("%s", sentence));
    }

    private static String words(Finding finding) {
        return finding.keepers.stream().map(String::valueOf).collect(Collectors.joining(", "));
    }

    private static Map<String, Object> page(Survey survey) {
        List<Map<String, Object>> proven = new ArrayList<>();
        for (Finding finding : survey.sorted()) {
            Map<String, Object> fields = new LinkedHashMap<>();
            fields.put("replica", finding.accusation.about().value());
            fields.put("epoch", finding.accusation.epoch().value());
            fields.put("deed", finding.accusation.deed());
            fields.put("since", finding.since);
            fields.put("keptBy", List.copyOf(finding.keepers));
            fields.put("proof", finding.proof);
            proven.add(fields);
        }
        Map<String, Object> page = new LinkedHashMap<>();
        page.put("proven", proven);
        page.put("answered", survey.answered);
        page.put("troubles", survey.troubles.stream().distinct().toList());
        return page;
    }
}

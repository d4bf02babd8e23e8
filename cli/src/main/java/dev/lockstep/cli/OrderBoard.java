package dev.lockstep.cli;

import com.fasterxml.jackson.databind.JsonNode;

import org.jspecify.annotations.Nullable;

import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/// What one replica is ordering, as its admin port answered to `/order`, or why it did not.
///
/// @param address of the admin port
/// @param answer the answer, or null
/// @param error why there is none, or null
record OrderBoard(String address, @Nullable JsonNode answer, @Nullable String error) {

    static OrderBoard ask(AdminClient replica) {
        try {
            return new OrderBoard(replica.address(), replica.get("/order"), null);
        } catch (IOException e) {
            return new OrderBoard(replica.address(), null, Reason.of(e));
        }
    }

    boolean isThere() {
        return answer != null && !answer.has("error");
    }

    /// Its number; larger than any if it did not answer.
    int self() {
        return answer == null ? Integer.MAX_VALUE : answer.path("self").asInt();
    }

    /// A heading and the table.
    List<String> lines() {
        List<String> lines = new ArrayList<>();
        JsonNode page = answer;
        if (page == null) {
            lines.add(address + " does not answer (" + error + ").");
            return lines;
        }
        if (page.has("error")) {
            lines.add("Replica " + self() + ": " + page.path("error").asText() + ".");
            return lines;
        }
        lines.add(
                "Replica %d, %s, epoch %d, executed through %d:"
                        .formatted(
                                self(),
                                page.path("order").asText(),
                                page.path("epoch").asLong(),
                                page.path("executedPosition").asLong()));
        List<String> columns = new ArrayList<>();
        page.path("columns").forEach(column -> columns.add(column.asText()));
        if (page.path("rows").isEmpty()) {
            lines.add("  nothing has been ordered");
            return lines;
        }
        Table table = new Table(columns.toArray(String[]::new));
        for (JsonNode row : page.path("rows")) {
            table.row(columns.stream().map(column -> row.path(column).asText()).toArray());
        }
        lines.addAll(table.lines());
        return lines;
    }

    /// What there is to say of it in JSON.
    Map<String, Object> asJson() {
        Map<String, Object> one = new LinkedHashMap<>();
        one.put("address", address);
        if (answer == null) {
            one.put("error", Objects.requireNonNullElse(error, "no answer"));
        } else {
            answer.properties().forEach(entry -> one.put(entry.getKey(), entry.getValue()));
        }
        return one;
    }
}

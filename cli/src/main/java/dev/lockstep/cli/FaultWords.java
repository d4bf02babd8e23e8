package dev.lockstep.cli;

import dev.lockstep.core.FaultModel;

import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

import java.util.List;
import java.util.Locale;

/// What a faulty replica may do, in the words of cluster.yaml: those fault models that there are
/// orders for.
final class FaultWords implements ITypeConverter<FaultModel> {

    private static final List<FaultModel> KNOWN =
            List.of(FaultModel.CRASH, FaultModel.FAIL_STOP, FaultModel.BYZANTINE);

    static String word(FaultModel model) {
        return model.name().toLowerCase(Locale.ROOT).replace('_', '-');
    }

    @Override
    public FaultModel convert(String word) {
        for (FaultModel model : KNOWN) {
            if (word(model).equals(word)) {
                return model;
            }
        }
        throw new TypeConversionException(
                "'%s' is none of %s"
                        .formatted(
                                word,
                                String.join(", ", KNOWN.stream().map(FaultWords::word).toList())));
    }
}

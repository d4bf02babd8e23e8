package dev.lockstep.node;

import dev.lockstep.core.ClusterId;
import dev.lockstep.core.Epoch;
import dev.lockstep.core.FaultModel;
import dev.lockstep.net.keys.KeyOwner;
import dev.lockstep.net.keys.SignatureLibrary;
import dev.lockstep.net.keys.SignatureProvider;

import java.util.ArrayList;
import java.util.List;

/// The first keys of a cluster that is on one machine.
public final class ClusterKeys {

    private ClusterKeys() {}

    /// Who needs a key: all members, and where clients sign, the client and the operator that
    /// commands on this machine are.
    public static List<KeyOwner> owners(NodeConfig config) {
        List<KeyOwner> owners = new ArrayList<>();
        config.members().forEach(member -> owners.add(KeyOwner.replica(member.id())));
        if (config.faults() == FaultModel.BYZANTINE) {
            owners.add(KeyOwner.client(config.signatures().client()));
            owners.add(KeyOwner.operator(config.signatures().operator()));
        }
        return owners;
    }

    /// Makes the keys of all of them that have none, where the configuration says.
    ///
    /// @throws dev.lockstep.net.keys.KeyRefusedException if they cannot be written, or are another
    ///     cluster's
    public static void init(NodeConfig config, ClusterId cluster) {
        SignatureLibrary library = SignatureLibrary.open(SignatureProvider.BOUNCY_CASTLE);
        for (KeyOwner owner : owners(config)) {
            var _ = config.signatures().keys().init(library, cluster, owner, Epoch.FIRST);
        }
    }
}

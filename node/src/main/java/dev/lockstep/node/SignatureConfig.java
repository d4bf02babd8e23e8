package dev.lockstep.node;

import dev.lockstep.net.keys.KeyRefusedException;
import dev.lockstep.net.keys.KeyStore;
import dev.lockstep.net.keys.MemberKeys;
import dev.lockstep.net.keys.SignatureProvider;

import java.nio.file.Path;

/// How the members and clients of a cluster sign, where they do.
///
/// @param provider the library that the cluster has pinned; the same on all members
/// @param keys where public and private keys are
/// @param client the number of the client that commands on this machine are
/// @param operator the number of the operator that commands on this machine are
public record SignatureConfig(SignatureProvider provider, KeyStore keys, int client, int operator) {

    /// The client that a command line is unless the configuration says so.
    static final int DEFAULT_CLIENT = 1;

    /// The operator that a command line is unless the configuration says so.
    static final int DEFAULT_OPERATOR = 1;

    /// What a cluster has that says nothing.
    public static final SignatureConfig DEFAULT =
            new SignatureConfig(
                    SignatureProvider.DEFAULT,
                    new KeyStore(Path.of("cluster.keys"), Path.of(".lockstep", "keys")),
                    DEFAULT_CLIENT,
                    DEFAULT_OPERATOR);

    /// Opens the library and reads the public keys; for a member of a cluster that signs.
    ///
    /// @throws ConfigException if one of them cannot be had
    public MemberKeys load() {
        try {
            return MemberKeys.load(provider, keys);
        } catch (KeyRefusedException refused) {
            throw new ConfigException(String.valueOf(refused.getMessage()), refused);
        }
    }
}

package dev.lockstep.core.authority;

/// What the authority's service answers to a question.
public sealed interface AuthorityAnswer {

    /// How things stand.
    record Stands(AuthorityView view) implements AuthorityAnswer {}

    /// The question is none, or about a cluster that the authority does not have.
    ///
    /// @param reason a sentence for a person, without its end
    record Refused(String reason) implements AuthorityAnswer {}
}

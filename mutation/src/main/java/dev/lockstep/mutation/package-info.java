/// How many random runs the simulator needs to notice mistakes that are built into the product on
/// purpose: [MutationScore] counts. Every protocol has its own [Mistake]s; those that are made
/// outside of protocols stand in `BrokenReplicas` and `BrokenJournals`, in the packages whose rules
/// they break.
@NullMarked
package dev.lockstep.mutation;

import org.jspecify.annotations.NullMarked;

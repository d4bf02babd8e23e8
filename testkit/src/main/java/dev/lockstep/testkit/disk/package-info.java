/// How much of a disk a replica may take up.
@NullMarked
package dev.lockstep.testkit.disk;

import org.jspecify.annotations.NullMarked;

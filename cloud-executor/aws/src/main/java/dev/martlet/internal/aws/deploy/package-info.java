/** The worker as a function of the account: made, found, removed. */
@NullMarked
package dev.martlet.internal.aws.deploy;

import org.jspecify.annotations.NullMarked;

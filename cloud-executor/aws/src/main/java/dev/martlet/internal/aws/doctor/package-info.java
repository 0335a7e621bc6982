/** Finds out what of the account is missing, and says what to do about it. */
@NullMarked
package dev.martlet.internal.aws.doctor;

import org.jspecify.annotations.NullMarked;

/** Invocations of a Lambda function, and what they cost. */
@NullMarked
package dev.martlet.internal.aws.lambda;

import org.jspecify.annotations.NullMarked;

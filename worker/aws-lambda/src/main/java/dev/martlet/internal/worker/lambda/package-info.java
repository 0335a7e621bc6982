/** The generic worker behind the handler of AWS Lambda. */
@NullMarked
package dev.martlet.internal.worker.lambda;

import org.jspecify.annotations.NullMarked;

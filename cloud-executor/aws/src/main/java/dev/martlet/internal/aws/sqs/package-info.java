/** Events of the store, by SQS. */
@NullMarked
package dev.martlet.internal.aws.sqs;

import org.jspecify.annotations.NullMarked;

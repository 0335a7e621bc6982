/** S3 as a store. */
@NullMarked
package dev.martlet.internal.aws.s3;

import org.jspecify.annotations.NullMarked;

/** AWS Lambda as a platform and S3 as its store. */
@NullMarked
package dev.martlet.internal.aws;

import org.jspecify.annotations.NullMarked;

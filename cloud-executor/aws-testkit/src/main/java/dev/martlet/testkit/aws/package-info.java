/** AWS Lambda in front of its real Java runtime, and S3, on this machine, for tests. */
@NullMarked
package dev.martlet.testkit.aws;

import org.jspecify.annotations.NullMarked;

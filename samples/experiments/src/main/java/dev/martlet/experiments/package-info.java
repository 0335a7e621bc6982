/** How thousands of calls spread over a cloud that is far away. */
@NullMarked
package dev.martlet.experiments;

import org.jspecify.annotations.NullMarked;

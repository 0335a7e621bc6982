/** What pools promise, as tests; outside Martlet's own packages, so that its tasks can leave. */
package dev.martlet.contract;

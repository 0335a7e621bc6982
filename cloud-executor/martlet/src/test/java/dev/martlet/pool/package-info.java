/** Martlet's pools with workers that are other processes. */
package dev.martlet.pool;

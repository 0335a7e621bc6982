/** Programs with a {@code main} of their own, run in fresh JVMs. */
package dev.martlet.programs.mains;

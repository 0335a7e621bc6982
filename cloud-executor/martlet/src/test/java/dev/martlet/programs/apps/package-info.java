/** Small applications as users write them, each with its own classes: entry points are programs. */
package dev.martlet.programs.apps;

package dev.martlet;

/** Whether what a task changes in the objects that it shares with the client is brought back. */
public enum Effects {
  /** Changes become visible on the client before the task's future completes. */
  ON,
  /** Tasks work on copies, and only results and exceptions come back. */
  OFF
}

package dev.martlet.programs.apps;

import java.util.Random;

/** A board of cells with two buffers, of which one is read and one written. */
class Grid {
  private final int width;
  private final int height;
  private boolean[][] now;
  private boolean[][] next;
  private int generation;

  Grid(int width, int height, long seed) {
    this.width = width;
    this.height = height;
    now = new boolean[height][width];
    next = new boolean[height][width];
    Random random = new Random(seed);
    for (boolean[] row : now) {
      for (int x = 0; x < width; x++) {
        row[x] = random.nextBoolean();
      }
    }
  }

  int height() {
    return height;
  }

  void advance(int from, int to) {
    for (int y = from; y < to; y++) {
      for (int x = 0; x < width; x++) {
        int n = neighbours(x, y);
        next[y][x] = n == 3 || n == 2 && now[y][x];
      }
    }
  }

  private int neighbours(int x, int y) {
    int n = 0;
    for (int dy = -1; dy <= 1; dy++) {
      for (int dx = -1; dx <= 1; dx++) {
        if ((dx != 0 || dy != 0) && now[(y + dy + height) % height][(x + dx + width) % width]) {
          n++;
        }
      }
    }
    return n;
  }

  void swap() {
    boolean[][] t = now;
    now = next;
    next = t;
    generation++;
  }

  int alive() {
    int n = 0;
    for (boolean[] row : now) {
      for (boolean cell : row) {
        n += cell ? 1 : 0;
      }
    }
    return n;
  }

  @Override
  public String toString() {
    StringBuilder s = new StringBuilder("generation " + generation + "\n");
    for (boolean[] row : now) {
      for (boolean cell : row) {
        s.append(cell ? '#' : '.');
      }
      s.append('\n');
    }
    return s.toString();
  }
}

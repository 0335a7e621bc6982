package dev.martlet.samples;

import java.awt.Color;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Future;
import javax.imageio.ImageIO;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Draws the Mandelbrot set, some rows of the image a task. */
@Command(name = "mandelbrot", description = "Draws the Mandelbrot set and writes it to a PNG file.")
final class Mandelbrot implements Callable<Integer> {
  private static final int ROWS_PER_TASK = 16;

  @Mixin private Comparison comparison = new Comparison();

  @Option(
      names = {"-w", "--width"},
      description = "Width of the image; its height is two thirds (default: ${DEFAULT-VALUE}).")
  private int width = 1200;

  @Option(
      names = {"-i", "--iterations"},
      description = "When a point counts as inside (default: ${DEFAULT-VALUE}).")
  private int iterations = 1000;

  @Option(
      names = {"-o", "--output"},
      description = "The file to write (default: ${DEFAULT-VALUE}).")
  private Path output = Path.of("mandelbrot.png");

  @Override
  public Integer call() throws Exception {
    Path directory = output.toAbsolutePath().getParent();
    if (directory != null) {
      Comparison.makeDirectory(directory);
    }
    int height = Math.max(1, width * 2 / 3);
    String title = String.format("Mandelbrot set, %,d x %,d points", width, height);
    int[] image =
        comparison.run(title, pool -> draw(pool, width, height, iterations), Arrays::equals);
    write(image, width, height, output);
    comparison.line("image", "%s, %s", output, Comparison.bytes(Files.size(output)));
    return 0;
  }

  /** Returns the image's points row by row, as RGB. */
  static int[] draw(ExecutorService pool, int width, int height, int iterations)
      throws ExecutionException, InterruptedException {
    List<Future<int[]>> bands = new ArrayList<>();
    for (int y = 0; y < height; y += ROWS_PER_TASK) {
      int from = y;
      int to = Math.min(height, y + ROWS_PER_TASK);
      bands.add(pool.submit(() -> band(from, to, width, height, iterations)));
    }
    int[] image = new int[width * height];
    int drawn = 0;
    for (Future<int[]> band : bands) {
      int[] points = band.get();
      System.arraycopy(points, 0, image, drawn, points.length);
      drawn += points.length;
    }
    return image;
  }

  static int[] band(int from, int to, int width, int height, int iterations) {
    int[] points = new int[(to - from) * width];
    for (int i = 0; i < points.length; i++) {
      double re = -2.2 + 3.2 * (i % width) / width;
      double im = -1.1 + 2.2 * (from + i / width) / height;
      points[i] = colour(escape(re, im, iterations), iterations);
    }
    return points;
  }

  /** Returns after how many steps the point leaves, or {@code iterations} if it stays. */
  static int escape(double re, double im, int iterations) {
    double x = 0;
    double y = 0;
    int n = 0;
    while (n < iterations && x * x + y * y <= 4) {
      double next = x * x - y * y + re;
      y = 2 * x * y + im;
      x = next;
      n++;
    }
    return n;
  }

  private static int colour(int steps, int iterations) {
    if (steps == iterations) {
      return 0;
    }
    float share = (float) Math.sqrt((double) steps / iterations);
    return Color.HSBtoRGB(0.62f + share, 0.75f, Math.min(1, 0.25f + 3 * share)) & 0xFFFFFF;
  }

  static void write(int[] points, int width, int height, Path file) throws IOException {
    BufferedImage image = new BufferedImage(width, height, BufferedImage.TYPE_INT_RGB);
    image.setRGB(0, 0, width, height, points, 0, width);
    ImageIO.write(image, "png", file.toFile());
  }
}

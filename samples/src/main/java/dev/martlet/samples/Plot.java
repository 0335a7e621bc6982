package dev.martlet.samples;

import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Map;
import javax.imageio.ImageIO;
import org.knowm.xchart.BitmapEncoder;
import org.knowm.xchart.XYChart;
import org.knowm.xchart.XYChartBuilder;

/** Draws lines into a PNG. */
final class Plot {
  private Plot() {}

  /**
   * Saves a plot of seconds over x.
   *
   * @return a sentence that says where it is, or why there is none
   */
  static String save(Path file, String title, String label, double[] x, Map<String, double[]> lines)
      throws IOException {
    System.setProperty("java.awt.headless", "true");
    BufferedImage image;
    try {
      XYChart chart =
          new XYChartBuilder()
              .width(900)
              .height(600)
              .title(title)
              .xAxisTitle(label)
              .yAxisTitle("seconds")
              .build();
      lines.forEach((name, y) -> chart.addSeries(name, x, y));
      image = BitmapEncoder.getBufferedImage(chart);
    } catch (InternalError | LinkageError | RuntimeException e) {
      // A JDK for servers may come without fonts.
      return "no plot, since this JVM cannot draw text: " + e;
    }
    if (!ImageIO.write(image, "png", file.toFile())) {
      throw new IOException("this JVM cannot write PNG files");
    }
    return "plot: " + file;
  }
}

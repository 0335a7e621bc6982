package dev.martlet.experiments;

import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Map;
import javax.imageio.ImageIO;
import org.knowm.xchart.BitmapEncoder;
import org.knowm.xchart.XYChart;
import org.knowm.xchart.XYChartBuilder;
import org.knowm.xchart.style.markers.SeriesMarkers;

/** Draws how many calls run at each moment, as the papers do. */
final class Chart {
  private Chart() {}

  /**
   * Saves a plot.
   *
   * @param runs what was seen, by name
   * @return a sentence that says where it is, or why there is none
   */
  static String save(Path file, String title, double run, Map<String, Lab.Seen> runs)
      throws IOException {
    System.setProperty("java.awt.headless", "true");
    BufferedImage image;
    try {
      XYChart chart =
          new XYChartBuilder()
              .width(900)
              .height(600)
              .title(title)
              .xAxisTitle("seconds")
              .yAxisTitle("calls that run")
              .build();
      runs.forEach(
          (name, seen) -> {
            int n = seen.began().length;
            double[] x = new double[2 * n + 1];
            double[] y = new double[2 * n + 1];
            int i = 0;
            int j = 0;
            for (int k = 1; k < x.length; k++) {
              boolean begins = i < n && seen.began()[i] <= seen.began()[j] + run;
              x[k] = begins ? seen.began()[i++] : seen.began()[j++] + run;
              y[k] = i - j;
            }
            chart.addSeries(name, x, y).setMarker(SeriesMarkers.NONE);
          });
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

package dev.martlet.programs;

import static dev.martlet.programs.Runs.Where.AWAY;
import static dev.martlet.programs.Support.all;
import static dev.martlet.programs.Support.each;

import java.awt.BasicStroke;
import java.awt.Color;
import java.awt.Graphics2D;
import java.awt.Point;
import java.awt.Polygon;
import java.awt.Rectangle;
import java.awt.geom.AffineTransform;
import java.awt.geom.Area;
import java.awt.geom.Ellipse2D;
import java.awt.geom.Line2D;
import java.awt.geom.Path2D;
import java.awt.image.BufferedImage;
import java.awt.image.ConvolveOp;
import java.awt.image.Kernel;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.StringReader;
import java.lang.ref.SoftReference;
import java.lang.ref.WeakReference;
import java.nio.charset.CodingErrorAction;
import java.nio.charset.StandardCharsets;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.MessageDigest;
import java.security.Signature;
import java.text.Collator;
import java.text.RuleBasedCollator;
import java.time.Duration;
import java.time.LocalTime;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.time.temporal.JulianFields;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.Formatter;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.ListResourceBundle;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Scanner;
import java.util.concurrent.ExecutorService;
import java.util.function.Supplier;
import java.util.logging.Level;
import java.util.random.RandomGenerator;
import java.util.random.RandomGeneratorFactory;
import javax.crypto.Cipher;
import javax.crypto.SecretKey;
import javax.crypto.spec.IvParameterSpec;
import javax.crypto.spec.SecretKeySpec;
import javax.imageio.ImageIO;
import javax.xml.parsers.DocumentBuilderFactory;
import org.w3c.dom.Document;
import org.w3c.dom.Element;
import org.xml.sax.InputSource;

/** Objects of the JDK's less common classes, captured, changed and returned. */
final class JdkValues {
  private JdkValues() {}

  private static Object[] constants() {
    return new Object[] {
      Optional.empty(),
      Collections.emptyNavigableMap(),
      Comparator.naturalOrder(),
      StandardCharsets.UTF_8,
      Locale.ROOT,
      ZoneOffset.UTC,
      Duration.ZERO,
      LocalTime.MIDNIGHT,
      DateTimeFormatter.ISO_DATE,
      JulianFields.JULIAN_DAY,
      CodingErrorAction.REPLACE,
      Level.INFO,
      Color.RED
    };
  }

  private static String others(Object[] some, Object[] those) {
    StringBuilder others = new StringBuilder();
    for (int i = 0; i < some.length; i++) {
      if (some[i] != those[i]) {
        others.append(some[i]).append(' ');
      }
    }
    return others.toString();
  }

  @Runs(AWAY)
  static Object constants(ExecutorService pool) throws Exception {
    Object[] here = constants();
    Object[] back = pool.submit(() -> constants()).get();
    return all(others(here, back), pool.submit(() -> others(here, constants())).get());
  }

  @Runs(AWAY)
  static Object imageFilledByRows(ExecutorService pool) throws Exception {
    BufferedImage image = new BufferedImage(32, 24, BufferedImage.TYPE_INT_RGB);
    BufferedImage grey = new BufferedImage(32, 24, BufferedImage.TYPE_BYTE_GRAY);
    each(
        pool,
        6,
        k ->
            () -> {
              for (int y = k * 4; y < k * 4 + 4; y++) {
                for (int x = 0; x < 32; x++) {
                  image.setRGB(x, y, x * 7 << 16 | y * 5);
                  grey.getRaster().setSample(x, y, 0, x * y % 200);
                }
              }
            });
    return all(
        image.getRGB(0, 0, 32, 24, null, 0, 32),
        grey.getRaster().getSamples(0, 0, 32, 24, 0, new int[32 * 24]));
  }

  @Runs(AWAY)
  static Object imageDrawnAndFiltered(ExecutorService pool) throws Exception {
    byte[] png =
        pool.submit(
                () -> {
                  BufferedImage image = new BufferedImage(30, 30, BufferedImage.TYPE_INT_ARGB);
                  Graphics2D g = image.createGraphics();
                  g.setColor(Color.BLUE);
                  g.fill(new Ellipse2D.Double(5, 5, 20, 12));
                  g.setStroke(new BasicStroke(2));
                  g.draw(new Line2D.Float(0, 0, 29, 29));
                  g.dispose();
                  ByteArrayOutputStream out = new ByteArrayOutputStream();
                  boolean written = ImageIO.write(image, "png", out);
                  return written ? out.toByteArray() : new byte[0];
                })
            .get();
    BufferedImage read = ImageIO.read(new ByteArrayInputStream(png));
    ConvolveOp blur = new ConvolveOp(new Kernel(2, 2, new float[] {.1f, .2f, .3f, .4f}));
    BufferedImage blurred = pool.submit(() -> blur.filter(read, null)).get();
    return all(
        blurred.getRGB(0, 0, 30, 30, null, 0, 30),
        blurred.getColorModel().equals(read.getColorModel()));
  }

  @Runs(AWAY)
  static Object shapes(ExecutorService pool) throws Exception {
    Path2D path = new Path2D.Double();
    path.moveTo(0, 0);
    AffineTransform turn = AffineTransform.getRotateInstance(Math.PI / 4);
    Rectangle box = new Rectangle(1, 2, 3, 4);
    Polygon polygon = new Polygon();
    pool.submit(
            () -> {
              path.lineTo(10, 0);
              path.quadTo(10, 10, 0, 10);
              path.closePath();
              turn.translate(5, 5);
              box.add(new Point(9, 9));
              polygon.addPoint(1, 1);
            })
        .get();
    Area area =
        pool.submit(
                () -> {
                  Area a = new Area(path);
                  a.intersect(new Area(new Rectangle(5, 5)));
                  return a;
                })
            .get();
    return all(path.getBounds(), turn, box, polygon.npoints, area.getBounds(), area.contains(1, 1));
  }

  @Runs(AWAY)
  static Object digestsInMidUpdate(ExecutorService pool) throws Exception {
    List<Object> digests = new ArrayList<>();
    for (String name : List.of("MD5", "SHA-1", "SHA-256", "SHA-512", "SHA3-256")) {
      MessageDigest digest = MessageDigest.getInstance(name);
      digest.update("hello ".getBytes(StandardCharsets.UTF_8));
      pool.submit(() -> digest.update("world".getBytes(StandardCharsets.UTF_8))).get();
      digests.add(HexFormat.of().formatHex(digest.digest()));
    }
    return digests;
  }

  @Runs(AWAY)
  static Object keys(ExecutorService pool) throws Exception {
    KeyPairGenerator generator = KeyPairGenerator.getInstance("EC");
    generator.initialize(256);
    KeyPair pair = generator.generateKeyPair();
    byte[] text = {1, 2, 3};
    byte[] signature =
        pool.submit(
                () -> {
                  Signature s = Signature.getInstance("SHA256withECDSA");
                  s.initSign(pair.getPrivate());
                  s.update(text);
                  return s.sign();
                })
            .get();
    boolean verified =
        pool.submit(
                () -> {
                  Signature s = Signature.getInstance("SHA256withECDSA");
                  s.initVerify(pair.getPublic());
                  s.update(text);
                  return s.verify(signature);
                })
            .get();
    SecretKey key = new SecretKeySpec(new byte[16], "AES");
    byte[] encrypted =
        pool.submit(
                () -> {
                  Cipher c = Cipher.getInstance("AES/CBC/PKCS5Padding");
                  c.init(Cipher.ENCRYPT_MODE, key, new IvParameterSpec(new byte[16]));
                  return c.doFinal(text);
                })
            .get();
    KeyPair made = pool.submit(() -> generatorOf("RSA", 1024).generateKeyPair()).get();
    return all(
        verified,
        encrypted,
        made.getPublic().getAlgorithm(),
        made.getPrivate().getFormat(),
        pool.submit(() -> pair.getPrivate()).get() == pair.getPrivate());
  }

  private static KeyPairGenerator generatorOf(String algorithm, int size) throws Exception {
    KeyPairGenerator generator = KeyPairGenerator.getInstance(algorithm);
    generator.initialize(size);
    return generator;
  }

  @Runs(AWAY)
  static Object scannersAndFormatters(ExecutorService pool) throws Exception {
    Scanner scanner = new Scanner("1 2,5 drei 4").useLocale(Locale.GERMANY);
    int first = scanner.nextInt();
    double second = pool.submit(() -> scanner.nextDouble()).get();
    String third = pool.submit(() -> scanner.next()).get();
    StringBuilder text = new StringBuilder();
    Formatter formatter = new Formatter(text, Locale.GERMANY);
    Formatter same = pool.submit(() -> formatter.format("%.2f %,d", 1.5, 12345)).get();
    return all(first, second, third, scanner.nextInt(), scanner.hasNext(), text, same == formatter);
  }

  @Runs(AWAY)
  static Object collatorsAndBundles(ExecutorService pool) throws Exception {
    Collator german = Collator.getInstance(Locale.GERMAN);
    RuleBasedCollator own = new RuleBasedCollator("< c < b < a");
    ListResourceBundle texts =
        new ListResourceBundle() {
          @Override
          protected Object[][] getContents() {
            return new Object[][] {{"hello", "Hallo"}, {"number", 42}};
          }
        };
    Object found = pool.submit(() -> all(german.compare("ä", "z"), own.compare("a", "b"))).get();
    return all(
        found,
        own.compare("b", "c"),
        pool.submit(() -> texts.getString("hello") + texts.getObject("number")).get());
  }

  private static final class Cached extends WeakReference<StringBuilder> {
    final int hits;

    Cached(StringBuilder referent, int hits) {
      super(referent);
      this.hits = hits;
    }
  }

  @Runs(AWAY)
  static Object weakReferences(ExecutorService pool) throws Exception {
    StringBuilder text = new StringBuilder("x");
    Map<String, Cached> cache = new HashMap<>();
    cache.put("a", new Cached(text, 4));
    SoftReference<StringBuilder> soft = new SoftReference<>(text);
    boolean same = pool.submit(() -> cache.get("a").get() == soft.get()).get();
    pool.submit(() -> cache.get("a").get().append(cache.get("a").hits)).get();
    WeakReference<StringBuilder> made = pool.submit(() -> new WeakReference<>(text)).get();
    boolean back = made.get() == text;
    pool.submit(() -> cache.get("a").clear()).get();
    return all(same, text, back, cache.get("a").get() == null, soft.get() == text);
  }

  @Runs(AWAY)
  static Object documents(ExecutorService pool) throws Exception {
    Document document =
        DocumentBuilderFactory.newInstance()
            .newDocumentBuilder()
            .parse(new InputSource(new StringReader("<r><i n='2'>b</i><i n='1'>a</i></r>")));
    int sum =
        pool.submit(
                () -> {
                  Element root = document.getDocumentElement();
                  root.setAttribute("seen", "yes");
                  root.appendChild(document.createElement("new"));
                  int n = 0;
                  for (int i = 0; i < 2; i++) {
                    n +=
                        Integer.parseInt(
                            ((Element) root.getChildNodes().item(i)).getAttribute("n"));
                  }
                  return n;
                })
            .get();
    Element root = document.getDocumentElement();
    return all(sum, root.getAttribute("seen"), root.getLastChild().getNodeName());
  }

  @Runs(AWAY)
  static Object randomGenerators(ExecutorService pool) throws Exception {
    RandomGenerator generator = RandomGeneratorFactory.of("L64X128MixRandom").create(3);
    Supplier<Integer> dice = () -> generator.nextInt(6);
    return all(
        pool.submit(() -> generator.nextGaussian()).get(),
        pool.submit(dice::get).get(),
        generator.nextInt());
  }
}

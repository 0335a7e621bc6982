package dev.martlet.internal.codec;

import java.awt.color.ColorSpace;
import java.io.File;
import java.net.InetAddress;
import java.net.MalformedURLException;
import java.net.URL;
import java.net.UnknownHostException;
import java.nio.charset.Charset;
import java.nio.file.FileSystems;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.Key;
import java.security.KeyFactory;
import java.security.PrivateKey;
import java.security.Provider;
import java.security.PublicKey;
import java.security.Security;
import java.security.spec.PKCS8EncodedKeySpec;
import java.security.spec.X509EncodedKeySpec;
import java.time.ZoneId;
import java.util.Currency;
import java.util.HexFormat;
import java.util.Locale;
import java.util.Objects;
import java.util.regex.Pattern;
import javax.crypto.spec.SecretKeySpec;
import org.jspecify.annotations.Nullable;

/** Types whose instances travel as a string and are made anew by a factory. */
@SuppressWarnings("EnumOrdinal") // both sides have the same version of it
enum Atom {
  PATTERN(Pattern.class) {
    @Override
    String print(Object o) {
      Pattern p = (Pattern) o;
      return p.flags() + " " + p.pattern();
    }

    @Override
    Object parse(String s) {
      int space = s.indexOf(' ');
      return Pattern.compile(s.substring(space + 1), Integer.parseInt(s.substring(0, space)));
    }
  },
  LOCALE(Locale.class) {
    @Override
    String print(Object o) {
      Locale l = (Locale) o;
      boolean plain = !l.hasExtensions() && l.getScript().isEmpty();
      return plain
          ? "-" + l.getLanguage() + "_" + l.getCountry() + "_" + l.getVariant()
          : "+" + l.toLanguageTag();
    }

    @Override
    @SuppressWarnings("deprecation") // the constructor takes what a tag does not, e.g. variants
    Object parse(String s) {
      if (s.startsWith("+")) {
        return Locale.forLanguageTag(s.substring(1));
      }
      String[] p = s.substring(1).split("_", 3);
      return new Locale(p[0], p[1], p[2]);
    }
  },
  CURRENCY(Currency.class) {
    @Override
    String print(Object o) {
      return ((Currency) o).getCurrencyCode();
    }

    @Override
    Object parse(String s) {
      return Currency.getInstance(s);
    }
  },
  CHARSET(Charset.class) {
    @Override
    String print(Object o) {
      return ((Charset) o).name();
    }

    @Override
    Object parse(String s) {
      return Charset.forName(s);
    }
  },
  ZONE(ZoneId.class) {
    @Override
    String print(Object o) {
      return ((ZoneId) o).getId();
    }

    @Override
    Object parse(String s) {
      return ZoneId.of(s);
    }
  },
  FILE(File.class) {
    @Override
    String print(Object o) {
      return ((File) o).getPath();
    }

    @Override
    Object parse(String s) {
      return new File(s);
    }
  },
  PATH(Path.class) {
    @Override
    boolean fits(Class<?> candidate) {
      return candidate == FileSystems.getDefault().getPath("").getClass();
    }

    @Override
    String print(Object o) {
      return o.toString();
    }

    @Override
    Object parse(String s) {
      return Path.of(s);
    }
  },
  URL(URL.class) {
    @Override
    String print(Object o) {
      return ((URL) o).toExternalForm();
    }

    @Override
    @SuppressWarnings("deprecation") // URI.toURL refuses what a URL may be
    Object parse(String s) throws MalformedURLException {
      return new URL(s);
    }
  },
  PROVIDER(Provider.class) {
    @Override
    String print(Object o) {
      String name = ((Provider) o).getName();
      if (Security.getProvider(name) != o) {
        throw new Refusal(o, "is not one that every JVM has");
      }
      return name;
    }

    @Override
    Object parse(String s) {
      return Objects.requireNonNull(Security.getProvider(s));
    }
  },
  ADDRESS(InetAddress.class) {
    @Override
    String print(Object o) {
      InetAddress a = (InetAddress) o;
      String printed = a.toString(); // host/address, without asking a name service
      StringBuilder s = new StringBuilder();
      for (byte b : a.getAddress()) {
        s.append(Character.forDigit((b >> 4) & 15, 16)).append(Character.forDigit(b & 15, 16));
      }
      return s + "/" + printed.substring(0, Math.max(0, printed.indexOf('/')));
    }

    @Override
    Object parse(String s) throws UnknownHostException {
      int slash = s.indexOf('/');
      byte[] b = new byte[slash / 2];
      for (int i = 0; i < b.length; i++) {
        b[i] = (byte) Integer.parseInt(s.substring(2 * i, 2 * i + 2), 16);
      }
      String host = s.substring(slash + 1);
      return InetAddress.getByAddress(host.isEmpty() ? null : host, b);
    }
  },
  KEY(Key.class) {
    @Override
    String print(Object o) {
      Key k = (Key) o;
      byte[] encoded = k.getEncoded();
      boolean known =
          k instanceof PrivateKey || k instanceof PublicKey || k.getClass() == SecretKeySpec.class;
      if (encoded == null || !known) {
        throw new Refusal(o, "is a key that cannot be encoded");
      }
      String kind = k instanceof PrivateKey ? "-" : k instanceof PublicKey ? "+" : "=";
      return kind + k.getAlgorithm() + "/" + HexFormat.of().formatHex(encoded);
    }

    @Override
    Object parse(String s) throws GeneralSecurityException {
      int slash = s.lastIndexOf('/'); // which an algorithm's name may have
      String algorithm = s.substring(1, slash);
      byte[] encoded = HexFormat.of().parseHex(s, slash + 1, s.length());
      return switch (s.charAt(0)) {
        case '-' ->
            KeyFactory.getInstance(algorithm).generatePrivate(new PKCS8EncodedKeySpec(encoded));
        case '+' ->
            KeyFactory.getInstance(algorithm).generatePublic(new X509EncodedKeySpec(encoded));
        default -> new SecretKeySpec(encoded, algorithm);
      };
    }
  },
  COLORS(Object.class) {
    @Override
    boolean fits(Class<?> candidate) {
      return candidate.getName().equals("java.awt.color.ICC_ColorSpace");
    }

    @Override
    String print(Object o) {
      for (int i = 0; i < COLOR_SPACES.length; i++) {
        if (ColorSpace.getInstance(COLOR_SPACES[i]) == o) {
          return String.valueOf(i);
        }
      }
      throw new Refusal(o, "is a colour space of its own");
    }

    @Override
    Object parse(String s) {
      return ColorSpace.getInstance(COLOR_SPACES[Integer.parseInt(s)]);
    }
  };

  private static final int[] COLOR_SPACES = {
    ColorSpace.CS_sRGB,
    ColorSpace.CS_LINEAR_RGB,
    ColorSpace.CS_GRAY,
    ColorSpace.CS_CIEXYZ,
    ColorSpace.CS_PYCC
  };

  private static final Atom[] ALL = values();

  final Class<?> type;
  final int number;

  Atom(Class<?> type) {
    this.type = type;
    this.number = ordinal();
  }

  static @Nullable Atom of(Class<?> type) {
    if (!Jdk.isJdk(type)) {
      return null;
    }
    for (Atom a : ALL) {
      if (a.fits(type)) {
        return a;
      }
    }
    return null;
  }

  static Atom at(int index) {
    if (index < 0 || index >= ALL.length) {
      throw new CodecException("no atom " + index);
    }
    return ALL[index];
  }

  /** Returns whether instances of a class of the JDK travel so. */
  boolean fits(Class<?> candidate) {
    return type.isAssignableFrom(candidate);
  }

  abstract String print(Object o);

  abstract Object parse(String s) throws Exception;

  Object read(String s) {
    try {
      return parse(s);
    } catch (Exception | StackOverflowError e) {
      throw new CodecException("no " + type.getSimpleName() + ": " + s, e);
    }
  }
}

package dev.martlet.programs.apps;

import java.math.BigDecimal;
import java.math.RoundingMode;
import java.time.LocalDate;
import java.time.temporal.ChronoUnit;

/** What a portfolio holds. */
sealed interface Instrument permits Instrument.Bond, Instrument.Option, Instrument.Cash {
  double price(double spot, LocalDate at);

  String id();

  record Bond(String id, BigDecimal face, double rate, LocalDate maturity) implements Instrument {
    public Bond {
      if (face.signum() <= 0) {
        throw new IllegalArgumentException("face " + face);
      }
      face = face.setScale(2, RoundingMode.HALF_EVEN);
    }

    @Override
    public double price(double spot, LocalDate at) {
      double years = ChronoUnit.DAYS.between(at, maturity) / 365.0;
      return face.doubleValue() * Math.exp(-rate * years);
    }
  }

  record Option(String id, boolean call, double strike) implements Instrument {
    @Override
    public double price(double spot, LocalDate at) {
      return Math.max(0, call ? spot - strike : strike - spot);
    }
  }

  record Cash(String id, double amount) implements Instrument {
    @Override
    public double price(double spot, LocalDate at) {
      return amount;
    }
  }
}

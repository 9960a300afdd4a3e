//! The text form in which Prometheus reads figures.

use std::fmt::{Display, Write};

/// The text so far.
#[derive(Debug, Default)]
pub struct Exposition(String);

impl Exposition {
    /// What a figure is: `gauge`, `counter` or `histogram`, and what it means.
    pub fn about(&mut self, name: &str, kind: &str, help: &str) {
        let _ = writeln!(self.0, "# HELP {name} {help}\n# TYPE {name} {kind}");
    }

    /// A figure that goes up and down.
    pub fn gauge(&mut self, name: &str, help: &str, value: impl Display) {
        self.about(name, "gauge", help);
        self.value(name, "", value);
    }

    /// A figure that only grows.
    pub fn counter(&mut self, name: &str, help: &str, value: impl Display) {
        self.about(name, "counter", help);
        self.value(name, "", value);
    }

    /// Figures that only grow, told apart by one label.
    pub fn counters(&mut self, name: &str, help: &str, label: &str, values: &[(&str, u64)]) {
        self.about(name, "counter", help);
        for (of, value) in values {
            self.value(name, &format!("{label}=\"{of}\""), value);
        }
    }

    /// One line.
    pub fn value(&mut self, name: &str, labels: &str, value: impl Display) {
        let _ = match labels {
            "" => writeln!(self.0, "{name} {value}"),
            labels => writeln!(self.0, "{name}{{{labels}}} {value}"),
        };
    }

    /// The lines of one histogram: cumulative buckets by their bounds, the count and the sum.
    pub fn histogram(
        &mut self,
        name: &str,
        labels: &str,
        (bounds, buckets): (&[f64], &[u64]),
        (count, sum): (u64, f64),
    ) {
        let beside = |bound: &str| match labels {
            "" => format!("le=\"{bound}\""),
            labels => format!("{labels},le=\"{bound}\""),
        };
        for (bound, bucket) in bounds.iter().zip(buckets) {
            self.value(&format!("{name}_bucket"), &beside(&bound.to_string()), bucket);
        }
        self.value(&format!("{name}_bucket"), &beside("+Inf"), count);
        self.value(&format!("{name}_sum"), labels, sum);
        self.value(&format!("{name}_count"), labels, count);
    }

    /// All of it.
    pub fn text(self) -> String {
        self.0
    }
}

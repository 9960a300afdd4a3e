//! How a cell of a workbook looks.

/// How a cell looks.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Ink {
    /// Size of the letters in points.
    pub size: u8,
    /// Heavy letters.
    pub bold: bool,
    /// Slanted letters.
    pub italic: bool,
    /// Dates as month and day, as on paper: 12.15.
    pub short_dates: bool,
    /// A grey ground, which a copier keeps.
    pub shaded: bool,
    /// A line around it.
    pub boxed: bool,
    /// Where the text stands in it.
    pub side: Side,
}

/// Where text stands in its cell.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Side {
    /// At the left.
    Left,
    /// In the middle.
    Centre,
    /// At the right.
    Right,
}

impl Ink {
    /// A cell of a form.
    pub const BODY: Ink = Ink {
        size: 11,
        bold: false,
        italic: false,
        short_dates: false,
        shaded: false,
        boxed: true,
        side: Side::Centre,
    };
    /// A heading of a form.
    pub const HEADING: Ink = Ink { bold: true, shaded: true, ..Ink::BODY };
    /// A subtotal, and its label.
    pub const SUBTOTAL: Ink = Ink { bold: true, ..Ink::BODY };
    /// What a signed figure would be now.
    pub const RESTATED: Ink = Ink { italic: true, ..Ink::BODY };
    /// The title over a form.
    pub const TITLE: Ink = Ink { size: 18, bold: true, boxed: false, ..Ink::BODY };
    /// A line over a form.
    pub const LINE: Ink = Ink { boxed: false, side: Side::Left, ..Ink::BODY };
    /// A remark under a form.
    pub const NOTE: Ink = Ink { size: 9, ..Ink::LINE };
}

//! Pictures of several graphs, as SVG.

use std::fmt::Write as _;

use anyhow::Result;
use charts_rs::{Align, Box, ChartBase};

/// The themes of pictures.
pub(super) const THEMES: [&str; 2] = ["light", "dark"];
/// The width of a picture, the height of a graph, and the gap to the next one.
const WIDTH: f32 = 1_224.0;
const HEIGHT: f32 = 230.0;
const GAP: f32 = 12.0;

/// A picture of graphs in rows.
pub(super) struct Picture {
    columns: usize,
    graphs: String,
    count: usize,
    width: f32,
    height: f32,
}

impl Picture {
    /// An empty picture with this number of graphs in a row.
    pub(super) fn new(columns: usize) -> Self {
        Self { columns, graphs: String::new(), count: 0, width: 0.0, height: 0.0 }
    }

    /// Sets the position, the title and the style of the next graph.
    pub(super) fn place(&mut self, base: &mut ChartBase, title: &str) -> Result<()> {
        let column = u16::try_from(self.count % self.columns)?;
        let row = u16::try_from(self.count / self.columns)?;
        self.count += 1;
        let columns = f32::from(u16::try_from(self.columns)?);
        let width = (WIDTH - (columns - 1.0) * GAP) / columns;
        (base.width, base.height) = (width, HEIGHT);
        (base.x, base.y) = (f32::from(column) * (width + GAP), f32::from(row) * (HEIGHT + GAP));
        (self.width, self.height) = (self.width.max(base.x + width), self.height.max(base.y + HEIGHT));
        base.margin = Box { left: 8.0, top: 6.0, right: 12.0, bottom: 2.0 };
        "sans-serif".clone_into(&mut base.font_family);
        title.clone_into(&mut base.title.text);
        base.title.font.size = 15.0;
        base.title.align = Align::Left;
        base.legend.align = Align::Left;
        base.legend.margin = Some(Box { top: 24.0, bottom: 10.0, ..Box::default() });
        Ok(())
    }

    /// Adds the SVG of a graph whose position is set.
    pub(super) fn add(&mut self, svg: &str) {
        self.graphs.push_str(svg);
        self.graphs.push('\n');
    }

    /// The picture.
    pub(super) fn svg(&self) -> String {
        let Self { graphs, width, height, .. } = self;
        let mut svg = String::new();
        // Writing to a string cannot fail.
        let _ = writeln!(
            svg,
            "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {width} {height}\" width=\"{width}\" height=\"{height}\">"
        );
        svg.push_str(graphs);
        svg.push_str("</svg>\n");
        svg
    }
}

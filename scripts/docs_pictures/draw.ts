/* Draws a picture of the guide as SVG. Its colours are readable on a light page and on a dark one, since an image knows nothing of the page around it. */

/** What a box stands for, which is its colour. */
export type Kind = "sender" | "receiver" | "queue" | "yours" | "outside";

/** A box, in the grid: columns and rows are numbered from 0 and may be fractions. */
export interface Box {
  at: readonly [column: number, row: number];
  text: string;
  kind: Kind;
  /** Columns that the box is wide: 1 by default. */
  wide?: number;
  /** A second, smaller line. */
  note?: string;
}

/** An arrow between two boxes, by their names. */
export interface Arrow {
  from: string;
  to: string;
  /** Words beside the arrow. */
  label?: string;
  /** Messages on it, a letter or a short word each. */
  messages?: readonly string[];
  /** Messages that come back on it. */
  answers?: readonly string[];
  /** Something that does not happen, or not always. */
  dashed?: boolean;
  /** A head at both ends. */
  both?: boolean;
  /** Ends in a cross instead of a head. */
  refused?: boolean;
  /** Moves the arrow sideways, in pixels, so that two between the same boxes stand apart. */
  shift?: number;
  /** Moves what is written on the arrow along it: 0 is at the start, 1 at the end, 0.5 the default. */
  place?: number;
}

/** Text that stands alone, in the grid. */
export interface Note {
  at: readonly [column: number, row: number];
  text: string;
  align?: "start" | "middle" | "end";
}

/** A picture as `pictures.ts` describes it. */
export interface Picture {
  /** What it shows, for those who cannot see it. */
  title: string;
  /** Width of a column, and height of a row, in pixels. */
  cell: readonly [width: number, height: number];
  /** How many columns the picture has; as many as its boxes need by default. */
  columns?: number;
  boxes: Readonly<Record<string, Box>>;
  arrows: readonly Arrow[];
  notes?: readonly Note[];
}

const COLOURS: Readonly<Record<Kind, string>> = {
  sender: "#2f6db5",
  receiver: "#1c8066",
  queue: "#8a5a9e",
  yours: "#a8611c",
  outside: "#6b7280",
};
/** A grey with a contrast of more than 4 on white and on VitePress's black. */
const INK = "#7a818c";
const GAP = 26;
const BOX_HEIGHT = 46;
const MARGIN = 14;

interface Point {
  x: number;
  y: number;
}

/** The picture as an SVG document. */
export function draw(
  { title, cell, columns, boxes, arrows, notes = [] }: Picture,
): string {
  const [columnWidth, rowHeight] = cell;
  const centre = ([column, row]: readonly [number, number]): Point => ({
    x: MARGIN + (column + 0.5) * columnWidth,
    y: MARGIN + (row + 0.5) * rowHeight,
  });
  const sizeOf = (box: Box) => ({
    width: (box.wide ?? 1) * columnWidth - GAP,
    height: box.note === undefined ? BOX_HEIGHT : BOX_HEIGHT + 14,
  });

  const parts: string[] = [];
  for (const arrow of arrows) {
    const [from, to] = [arrow.from, arrow.to].map((name) => {
      const box = boxes[name];
      if (box === undefined) {
        throw new Error(`Cannot draw "${title}": no box is called "${name}"`);
      }
      return { ...centre(box.at), ...sizeOf(box) };
    }) as [Point & Size, Point & Size];
    parts.push(drawArrow(arrow, from, to));
  }
  for (const box of Object.values(boxes)) {
    parts.push(drawBox(box, centre(box.at), sizeOf(box)));
  }
  for (const { at, text, align = "middle" } of notes) {
    parts.push(lines(text, centre(at), `class="n" text-anchor="${align}"`, 18));
  }

  const all = [...Object.values(boxes), ...notes].map(({ at }) => at);
  const needed = Object.values(boxes).map(({ at, wide = 1 }) => at[0] + wide / 2 + 0.5);
  const rows = Math.max(...all.map(([, row]) => row + 1));
  const width = Math.round(
    (columns ?? Math.max(...needed)) * columnWidth + 2 * MARGIN,
  );
  const height = Math.round(rows * rowHeight + 2 * MARGIN);
  return `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}" role="img">
<title>${escaped(title)}</title>
<style>
text { font: 15px system-ui, sans-serif; dominant-baseline: central }
.b { fill: #fff; text-anchor: middle; font-weight: 600 }
.s { fill: #fff; text-anchor: middle; font-size: 12px }
.n { fill: ${INK}; font-size: 13px }
.m { fill: #fff; text-anchor: middle; font-size: 12px; font-weight: 600 }
.a { stroke: ${INK}; stroke-width: 2; fill: none }
</style>
${parts.join("\n")}
</svg>
`;
}

interface Size {
  width: number;
  height: number;
}

function drawBox(
  { text, note, kind }: Box,
  { x, y }: Point,
  { width, height }: Size,
): string {
  const rect = `<rect x="${round(x - width / 2)}" y="${round(y - height / 2)}" width="${
    round(width)
  }" height="${height}" rx="8" fill="${COLOURS[kind]}"/>`;
  return note === undefined
    ? rect + lines(text, { x, y }, `class="b"`, 18)
    : rect + lines(text, { x, y: y - 9 }, `class="b"`, 18) +
      lines(note, { x, y: y + 13 }, `class="s"`, 14);
}

function drawArrow(arrow: Arrow, from: Point & Size, to: Point & Size): string {
  const { label, messages = [], answers = [], dashed, both, refused, shift = 0, place = 0.5 } =
    arrow;
  const way = direction(from, to);
  const back = { x: -way.x, y: -way.y };
  const aside = { x: -way.y * shift, y: way.x * shift };
  const start = plus(edge(from, way), aside);
  const end = plus(edge(to, back), aside);
  const dash = dashed ? ` stroke-dasharray="5 5"` : "";
  let svg = `<path class="a" d="M${at(start)}L${at(end)}"${dash}/>`;
  if (refused) svg += cross(end, way);
  else svg += head(end, way);
  if (both) svg += head(start, back);

  const middle = {
    x: start.x + (end.x - start.x) * place,
    y: start.y + (end.y - start.y) * place,
  };
  const chips = [
    ...messages.map((text) => ({ text, width: 12 + text.length * 7.5, colour: COLOURS.yours })),
    ...answers.map((text) => ({ text, width: 12 + text.length * 7.5, colour: COLOURS.receiver })),
  ];
  // Chips lie beside each other from left to right, whichever way the arrow goes.
  let along = -chips.reduce((sum, { width }) => sum + width + 4, -4) / 2;
  const right = way.x < 0 ? back : way;
  for (const { text, width, colour } of chips) {
    const spot = far(middle, right, along + width / 2);
    svg +=
      `<rect x="${round(spot.x - width / 2)}" y="${round(spot.y - 10)}" width="${
        round(width)
      }" height="20" rx="5" fill="${colour}"/>` + lines(text, spot, `class="m"`, 14);
    along += width + 4;
  }
  if (label !== undefined) {
    const isUpright = Math.abs(way.x) < 0.3;
    const distance = chips.length > 0 ? 22 : 13;
    svg += isUpright
      ? lines(
        label,
        { x: middle.x + distance - 1, y: middle.y },
        `class="n" text-anchor="start"`,
        17,
      )
      : lines(label, { x: middle.x, y: middle.y - distance }, `class="n" text-anchor="middle"`, 17);
  }
  return svg;
}

/** From one point towards another, with a length of 1. No sine and no cosine: engines disagree about their last digit. */
function direction(from: Point, to: Point): Point {
  const [x, y] = [to.x - from.x, to.y - from.y];
  const length = Math.sqrt(x * x + y * y);
  return { x: x / length, y: y / length };
}

/** Where a line from the middle of a box leaves it, with a little air. */
function edge(box: Point & Size, way: Point): Point {
  const reach = Math.min(
    way.x === 0 ? Infinity : box.width / 2 / Math.abs(way.x),
    way.y === 0 ? Infinity : box.height / 2 / Math.abs(way.y),
  );
  return far(box, way, reach + 5);
}

function head(point: Point, way: Point): string {
  const foot = far(point, way, -10);
  const wing = (side: number) => ({ x: foot.x - way.y * side, y: foot.y + way.x * side });
  return `<path fill="${INK}" d="M${at(point)}L${at(wing(-4.5))}L${at(wing(4.5))}Z"/>`;
}

function cross(point: Point, way: Point): string {
  const { x, y } = far(point, way, -8);
  return `<path stroke="#d0453e" stroke-width="3" d="M${at({ x: x - 7, y: y - 7 })}L${
    at({ x: x + 7, y: y + 7 })
  }M${at({ x: x - 7, y: y + 7 })}L${at({ x: x + 7, y: y - 7 })}"/>`;
}

function lines(
  text: string,
  { x, y }: Point,
  attributes: string,
  lineHeight: number,
): string {
  const all = text.split("\n");
  const top = y - (all.length - 1) * lineHeight / 2;
  return all.map((line, index) =>
    `<text x="${round(x)}" y="${round(top + index * lineHeight)}" ${attributes}>${
      escaped(line)
    }</text>`
  ).join("");
}

/** So many pixels away from a point. */
function far(point: Point, way: Point, pixels: number): Point {
  return { x: point.x + way.x * pixels, y: point.y + way.y * pixels };
}

function plus(a: Point, b: Point): Point {
  return { x: a.x + b.x, y: a.y + b.y };
}

function at({ x, y }: Point): string {
  return `${round(x)} ${round(y)}`;
}

function round(value: number): number {
  return Math.round(value * 10) / 10;
}

function escaped(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(
    ">",
    "&gt;",
  );
}

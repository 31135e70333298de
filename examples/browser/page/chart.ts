import uPlot from "uplot";
import type { History } from "./history.ts";
import { formatNumber } from "./values.ts";

/** A time in which nothing could come, in seconds; without an end, it still lasts. */
export interface Outage {
  readonly from: number;
  to: number | undefined;
}

/** Lines have these colours, in this order; see style.css. */
const COLOURS = 5;
const HEIGHT = 180;
const FONT = "11px system-ui, sans-serif";

function colour(name: string): string {
  return getComputedStyle(document.documentElement).getPropertyValue(`--${name}`).trim();
}

function element(tag: string, className: string, text = ""): HTMLElement {
  const made = document.createElement(tag);
  made.className = className;
  made.textContent = text;
  return made;
}

/** A card with a history's lines, and a legend with their values: the latest, or those under the pointer. */
export class Chart {
  readonly card: HTMLElement = element("article", "card chart");
  readonly history: History;
  readonly #outages: readonly Outage[];
  readonly #legend: HTMLElement = element("ul", "legend");
  readonly #plot: HTMLElement = element("div", "plot");
  readonly #figures: HTMLElement[] = [];
  #uplot: uPlot | undefined;
  #window = 60;
  #now = 0;

  constructor(history: History, outages: readonly Outage[]) {
    this.history = history;
    this.#outages = outages;
    const head = element("header", "chart-head");
    const title = element("h2", "chart-title", history.group);
    title.id = `chart-${history.group}`;
    head.append(title, this.#legend);
    this.#plot.setAttribute("role", "img");
    this.card.setAttribute("aria-labelledby", title.id);
    this.card.append(head, this.#plot);
    new ResizeObserver(() => {
      this.#uplot?.setSize({ width: this.#plot.clientWidth, height: HEIGHT });
    }).observe(this.#plot);
  }

  /** Builds it again: there is a new line, or the colours have changed. */
  rebuild(): void {
    this.#uplot?.destroy();
    this.#legend.replaceChildren();
    this.#figures.length = 0;
    const { names, group } = this.history;
    for (const [line, name] of names.entries()) {
      const item = element("li", "legend-item");
      const swatch = element("span", "swatch");
      swatch.style.background = `var(--line-${line % COLOURS})`;
      const figure = element("strong", "figure");
      item.append(swatch, ...(name === group ? [] : [element("span", "", name)]), figure);
      this.#figures.push(figure);
      this.#legend.append(item);
    }
    this.#uplot = new uPlot(this.#options(), this.#data(), this.#plot);
  }

  /** Draws everything up to now. */
  draw(now: number, window: number): void {
    this.#now = now;
    this.#window = window;
    this.#uplot?.setData(this.#data(), true);
    if ((this.#uplot?.cursor.idx ?? null) === null) this.#tell(null);
  }

  /** Says in words what it shows, for people who cannot see it. */
  describe(): void {
    const { names, latest, units } = this.history;
    const said = names.map((name, line) => `${name} ${formatNumber(latest[line]!)} ${units[line]}`);
    this.#plot.setAttribute("aria-label", `Line chart. Latest: ${said.join(", ")}`);
  }

  #data(): uPlot.AlignedData {
    return [this.history.times, ...this.history.columns] as uPlot.AlignedData;
  }

  /** Fills in the legend: the latest values, or those at an index. */
  #tell(index: number | null): void {
    const { columns, latest, units } = this.history;
    for (const [line, figure] of this.#figures.entries()) {
      const value = index === null ? latest[line] : columns[line]![index];
      const text = typeof value === "number"
        ? `${formatNumber(value)}${spaced(units[line]!)}`
        : "–";
      if (figure.textContent !== text) figure.textContent = text;
    }
  }

  #options(): uPlot.Options {
    const text = colour("muted");
    const grid = { stroke: colour("grid"), width: 1 };
    const axis = { stroke: text, font: FONT, grid, ticks: { show: false } };
    const { unit } = this.history;
    return {
      width: this.#plot.clientWidth || 400,
      height: HEIGHT,
      padding: [10, 10, 0, 0],
      legend: { show: false },
      cursor: { sync: { key: "time" }, drag: { x: false, y: false }, points: { size: 7 } },
      scales: {
        x: { time: true, range: () => [this.#now - this.#window, this.#now] },
        y: { range: (_plot, min, max) => range(min, max) },
      },
      axes: [
        {
          ...axis,
          space: 76,
          size: 24,
          // Leave out what no longer fits.
          filter: (_plot, splits) =>
            splits.map((at) => at > this.#now - this.#window / 16 ? null : at),
          values: (_plot, splits) => splits.map((at) => at === null ? null : clock(at)),
        },
        {
          ...axis,
          size: 58,
          space: 34,
          values: (_plot, splits) => splits.map((value) => `${formatNumber(value)}${spaced(unit)}`),
        },
      ],
      series: [{}, ...this.history.names.map((_, line) => this.#series(line))],
      hooks: {
        drawClear: [(plot) => this.#shade(plot)],
        setCursor: [(plot) => this.#tell(plot.cursor.idx ?? null)],
      },
    };
  }

  #series(line: number): uPlot.Series {
    const stroke = colour(`line-${line % COLOURS}`);
    const alone = this.history.names.length === 1;
    return {
      stroke,
      width: 1.75,
      points: { show: false },
      ...(alone && { fill: `color-mix(in srgb, ${stroke} 14%, transparent)` }),
    };
  }

  /** Shades the times when no publisher was connected. */
  #shade({ ctx, bbox, valToPos }: uPlot): void {
    ctx.save();
    ctx.fillStyle = colour("outage");
    for (const { from, to } of this.#outages) {
      const left = Math.max(valToPos(from, "x", true), bbox.left);
      const right = Math.min(valToPos(to ?? this.#now, "x", true), bbox.left + bbox.width);
      if (right > left) ctx.fillRect(left, bbox.top, right - left, bbox.height);
    }
    ctx.restore();
  }
}

function spaced(unit: string): string {
  return unit === "" || unit === "%" || unit.startsWith("/") || unit.startsWith("°")
    ? unit
    : ` ${unit}`;
}

function clock(seconds: number): string {
  return new Date(seconds * 1000).toTimeString().slice(0, 8);
}

/** From zero, if that is not far away, to a little above the maximum. */
function range(min: number | null, max: number | null): [number, number] {
  if (min === null || max === null) return [0, 1];
  const far = min > 0 && (max - min) < 0.25 * max;
  const low = far ? min - 0.4 * (max - min || max * 0.1) : Math.min(0, min * 1.1);
  const high = max <= 0 ? 0 : max + 0.15 * (max - low);
  return high > low ? [low, high] : [low, low + 1];
}

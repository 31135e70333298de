import uPlot from "uplot";
import type { History } from "./history.ts";

/** Lines have these colours, in this order; see style.css. */
const COLOURS = 6;
/** Signals that are shown at first. */
const SHOWN = 6;
const HEIGHT = 220;
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

/** A number in a few characters. */
export function format(value: number): string {
  const size = Math.abs(value);
  if (size !== 0 && (size >= 1e6 || size < 1e-3)) return value.toExponential(2);
  return value.toLocaleString("en", { maximumSignificantDigits: 5, useGrouping: false });
}

/** A card with the lines of a path's signals; its legend shows the newest values and switches lines on and off. */
export class Chart {
  readonly card: HTMLElement = element("article", "card chart");
  readonly #title: string;
  readonly #history: History;
  readonly #legend: HTMLElement = element("div", "legend");
  readonly #plot: HTMLElement = element("div", "plot");
  readonly #hidden = new Map<number, boolean>();
  #figures: HTMLElement[] = [];
  #uplot: uPlot | undefined;
  #window = 15;

  constructor(title: string, history: History) {
    this.#title = title;
    this.#history = history;
    this.card.append(element("h2", "chart-title", title), this.#legend, this.#plot);
    this.#plot.setAttribute("role", "img");
    new ResizeObserver(() => {
      this.#uplot?.setSize({ width: this.#plot.clientWidth, height: HEIGHT });
    }).observe(this.#plot);
  }

  #isShown(line: number): boolean {
    return !(this.#hidden.get(line) ?? line >= SHOWN);
  }

  /** Builds it anew: the signals are others, or the colours have changed. */
  rebuild(): void {
    this.#uplot?.destroy();
    this.#figures = [];
    this.#legend.replaceChildren(...this.#history.signals.map(({ name, unit }, line) => {
      const item = element("button", "");
      const swatch = element("span", "swatch");
      swatch.style.background = `var(--line-${line % COLOURS})`;
      const figure = element("span", "figure");
      this.#figures.push(figure);
      item.append(swatch, element("span", "", name + (unit === "" ? "" : ` [${unit}]`)), figure);
      item.setAttribute("aria-pressed", String(this.#isShown(line)));
      item.addEventListener("click", () => {
        this.#hidden.set(line, this.#isShown(line));
        item.setAttribute("aria-pressed", String(this.#isShown(line)));
        this.#uplot?.setSeries(line + 1, { show: this.#isShown(line) });
      });
      return item;
    }));
    this.#uplot = new uPlot(this.#options(), this.#data(), this.#plot);
  }

  /** Draws the newest seconds. */
  draw(window: number): void {
    this.#window = window;
    this.#uplot?.setData(this.#data(), true);
    const said: string[] = [];
    for (const [line, figure] of this.#figures.entries()) {
      const value = this.#history.rows[line]?.at(-1) ?? null;
      const text = value === null ? "–" : format(value);
      if (figure.textContent !== text) figure.textContent = text;
      if (this.#isShown(line)) said.push(`${this.#history.signals[line]!.name} ${text}`);
    }
    this.#plot.setAttribute("aria-label", `${this.#title}. Latest: ${said.join(", ")}`);
  }

  #data(): uPlot.AlignedData {
    return [this.#history.times, ...this.#history.rows] as uPlot.AlignedData;
  }

  #options(): uPlot.Options {
    const grid = { stroke: colour("grid"), width: 1 };
    const axis = { stroke: colour("muted"), font: FONT, grid, ticks: { show: false } };
    return {
      width: this.#plot.clientWidth || 400,
      height: HEIGHT,
      padding: [10, 10, 0, 0],
      legend: { show: false },
      cursor: { sync: { key: "time" }, drag: { x: false, y: false }, points: { size: 7 } },
      scales: {
        x: {
          time: true,
          range: () => {
            const { times } = this.#history;
            const last = times.at(-1) ?? Date.now() / 1000;
            // At the beginning, what there is fills the chart.
            return [Math.max(last - this.#window, Math.min(times[0] ?? 0, last - 1)), last];
          },
        },
        y: { range: (_plot, min, max) => range(min, max) },
      },
      axes: [
        {
          ...axis,
          space: 76,
          size: 24,
          values: (_plot, splits) => splits.map((at) => clock(at, splits[1]! - splits[0]! < 1)),
        },
        { ...axis, size: 58, values: (_plot, splits) => splits.map(format) },
      ],
      series: [
        {},
        ...this.#history.signals.map((_, line): uPlot.Series => ({
          show: this.#isShown(line),
          stroke: colour(`line-${line % COLOURS}`),
          width: 1.5,
          points: { show: false },
        })),
      ],
    };
  }
}

/** A time of day; with tenths of a second where less than one is between two. */
function clock(seconds: number, fine: boolean): string {
  const text = new Date(seconds * 1000).toTimeString().slice(0, 8);
  return fine ? `${text}.${Math.floor(seconds * 10) % 10}` : text;
}

function range(min: number | null, max: number | null): [number, number] {
  if (min === null || max === null) return [0, 1];
  const margin = 0.08 * (max - min) || Math.abs(max) * 0.1 || 1;
  return [min - margin, max + margin];
}

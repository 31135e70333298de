import { Chart, type Outage } from "./chart.ts";
import { explain, Feed } from "./feed.ts";
import { History } from "./history.ts";
import type { Sample } from "./values.ts";
import { byId, log, showFigures, showPublishers, showStatus } from "./view.ts";

/** How often figures are counted, in milliseconds. */
const COUNT_EVERY = 500;
/** How often charts are drawn, in milliseconds: smoothly, or in steps for people who want no motion. */
const DRAW_EVERY = 50;
const DRAW_CALMLY_EVERY = 1000;
/** How long what a publisher said of itself counts, in seconds. */
const STALE = 5;

const calm = matchMedia("(prefers-reduced-motion: reduce)");
const dark = matchMedia("(prefers-color-scheme: dark)");
const charts = new Map<string, Chart>();
/** The times when no publisher was connected. */
const outages: Outage[] = [];
const grid = byId("charts");
const pause = byId<HTMLButtonElement>("pause");
let window_ = 60;
let isPaused = false;
let drawnAt = 0;

const feed: Feed = new Feed({ values: take, changed: onChange, log });

function take(samples: readonly Sample[]): void {
  for (const sample of samples) {
    let chart = charts.get(sample.group);
    if (chart === undefined) {
      chart = new Chart(new History(sample.group), outages);
      charts.set(sample.group, chart);
      byId("empty").hidden = true;
      grid.append(chart.card);
    }
    if (chart.history.add(sample)) chart.rebuild();
  }
}

function onChange(): void {
  const now = Date.now() / 1000;
  const isLive = [...feed.publishers.values()].some(({ state }) => state === "live");
  const last = outages.at(-1);
  const isOut = last !== undefined && last.to === undefined;
  if (!isLive && !isOut && charts.size > 0) {
    outages.push({ from: now, to: undefined });
    for (const { history } of charts.values()) history.break(now);
  } else if (isLive && isOut) last.to = now;
  showStatus(feed, isPaused);
  showPublishers(feed);
}

function draw(): void {
  requestAnimationFrame(draw);
  const time = performance.now();
  if (isPaused || time - drawnAt < (calm.matches ? DRAW_CALMLY_EVERY : DRAW_EVERY)) return;
  drawnAt = time;
  for (const chart of charts.values()) chart.draw(Date.now() / 1000, window_);
}

/** What our publisher says of itself, unless it is old. */
function latest(name: string): number | undefined {
  const history = charts.get("publisher")?.history;
  const line = history?.names.indexOf(name) ?? -1;
  const isOld = history === undefined || Date.now() / 1000 - history.last > STALE;
  return line < 0 || isOld ? undefined : history.latest[line];
}

setInterval(() => {
  feed.count();
  const lines = [...charts.values()].reduce((sum, { history }) => sum + history.names.length, 0);
  showFigures(feed, { peers: latest("peers"), dropped: latest("dropped"), lines });
  showStatus(feed, isPaused);
  showPublishers(feed);
  for (const chart of charts.values()) chart.describe();
}, COUNT_EVERY);

dark.addEventListener("change", () => {
  for (const chart of charts.values()) chart.rebuild();
});

pause.onclick = () => {
  isPaused = !isPaused;
  pause.ariaPressed = String(isPaused);
  pause.textContent = isPaused ? "Resume" : "Pause";
  showStatus(feed, isPaused);
};

for (const radio of document.querySelectorAll<HTMLInputElement>("input[name=window]")) {
  radio.onchange = () => window_ = Number(radio.value);
}

byId<HTMLFormElement>("add").onsubmit = (event) => {
  event.preventDefault();
  const input = byId<HTMLInputElement>("address");
  const problem = byId("problem");
  try {
    feed.add(input.value.trim());
    input.value = problem.textContent = "";
  } catch (error) {
    problem.textContent = explain(error);
  }
};

// This page's own publisher, unless the address names another: /?connect=ws://127.0.0.1:9000
const wanted = new URLSearchParams(location.search).getAll("connect");
const own = `${location.protocol === "https:" ? "wss" : "ws"}://${location.host}/feed`;
for (const address of wanted.length > 0 ? wanted : [own]) {
  try {
    feed.add(address);
  } catch (error) {
    log(explain(error), "bad");
  }
}
draw();

import { Sub } from "../../../browser.ts";
import type { NodeStatus, PathStatus, Report } from "../feed.ts";
import { Chart, format } from "./chart.ts";
import { History } from "./history.ts";

function byId<T extends HTMLElement = HTMLElement>(id: string): T {
  return document.getElementById(id) as T;
}

/** How long nothing may come before the gateway counts as lost, in milliseconds. */
const SILENCE = 2000;
/** The time that rates are counted over, in seconds. */
const SPAN = 2;

const charts = new Map<number, { history: History; chart: Chart }>();
const reports: Report[] = [];
let heardAt = Number.NEGATIVE_INFINITY;
let paused = false;
let dirty = false;

/** A cell of a table. */
function cell(text: string, className = ""): HTMLElement {
  const made = document.createElement("td");
  made.className = className;
  made.textContent = text;
  return made;
}

function count(value: number): HTMLElement {
  return cell(value.toLocaleString("en"), "number");
}

function trouble(value: number): HTMLElement {
  return cell(value.toLocaleString("en"), value > 0 ? "number trouble" : "number");
}

/** How much a count has grown in a second, over the last reports. */
function rate(of: (report: Report) => number | undefined): HTMLElement {
  const [first, last] = [reports[0]!, reports.at(-1)!];
  const seconds = last.time - first.time;
  const grown = (of(last) ?? 0) - (of(first) ?? 0);
  return cell(seconds < 0.3 || grown < 0 ? "–" : format(grown / seconds), "number");
}

function head(title: string, details = ""): HTMLElement {
  const made = document.createElement("th");
  made.scope = "row";
  made.textContent = title;
  if (details !== "") {
    const small = document.createElement("small");
    small.textContent = small.title = details;
    made.append(small);
  }
  return made;
}

function nodeRow({ name, type, details, used, malformed, dropped }: NodeStatus): HTMLElement {
  const row = document.createElement("tr");
  row.dataset["used"] = String(used);
  const of = (report: Report): NodeStatus | undefined =>
    report.nodes.find((node) => node.name === name);
  row.append(
    head(name, used ? details : "not used by any path"),
    cell(type),
    rate((report) => of(report)?.read),
    rate((report) => of(report)?.written),
    trouble(malformed),
    trouble(dropped),
  );
  return row;
}

function pathRow({ title, written }: PathStatus, at: number): HTMLElement {
  const row = document.createElement("tr");
  row.append(
    head(title),
    rate((report) => report.paths[at]?.read),
    rate((report) => report.paths[at]?.written),
    count(written),
  );
  return row;
}

/** Takes a report: values go into the charts, counts into the tables. */
function take(report: Report): void {
  heardAt = performance.now();
  // A gateway that was started anew counts from 0.
  if (report.paths.length !== reports.at(-1)?.paths.length) reports.length = 0;
  reports.push(report);
  while (reports.length > 2 && report.time - reports[0]!.time > SPAN) reports.shift();
  for (const values of report.values) {
    const title = report.paths[values.path]!.title;
    let known = charts.get(values.path);
    if (known === undefined) {
      const history = new History();
      known = { history, chart: new Chart(title, history) };
      charts.set(values.path, known);
      byId("charts").append(known.chart.card);
      byId("empty").hidden = true;
    }
    if (known.history.add(values)) known.chart.rebuild();
  }
  dirty = true;
}

function draw(): void {
  requestAnimationFrame(draw);
  if (!dirty || paused) return;
  dirty = false;
  const window = Number(byId<HTMLSelectElement>("window").value);
  for (const { chart } of charts.values()) chart.draw(window);
}

function tables(): void {
  const isLive = performance.now() - heardAt < SILENCE;
  const status = byId("status");
  const state = isLive ? "live" : heardAt > 0 ? "lost" : "wait";
  const text = { live: "Live", lost: "Gateway lost", wait: "Connecting" }[state];
  status.dataset["state"] = state;
  if (status.textContent !== text) status.textContent = text;
  const report = reports.at(-1);
  if (report === undefined || paused) return;
  byId("nodes").replaceChildren(...report.nodes.map(nodeRow));
  byId("paths").replaceChildren(...report.paths.map(pathRow));
}

byId("pause").addEventListener("click", () => {
  paused = !paused;
  byId("pause").setAttribute("aria-pressed", String(paused));
});
byId("window").addEventListener("change", () => dirty = true);
matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => {
  for (const { chart } of charts.values()) chart.rebuild();
  dirty = true;
});
setInterval(tables, 500);
requestAnimationFrame(draw);

const sub = new Sub({ subscribe: "", reconnectMin: 250, reconnectMax: 2000 });
sub.connect(`${location.protocol.replace("http", "ws")}//${location.host}/feed`);
const decoder = new TextDecoder();
for await (const message of sub) take(JSON.parse(decoder.decode(message)) as Report);

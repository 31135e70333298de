import type { Feed, Publisher } from "./feed.ts";
import { formatBytes, formatNumber } from "./values.ts";

const LOG_LENGTH = 60;

/** An element of the page. */
export function byId<T extends HTMLElement = HTMLElement>(id: string): T {
  return document.getElementById(id) as T;
}

/** Writes only what has changed, which leaves screen readers and selections alone. */
function write(id: string, text: string): void {
  const element = byId(id);
  if (element.textContent !== text) element.textContent = text;
}

function many(count: number, what: string): string {
  return `${formatNumber(count)} ${what}${count === 1 ? "" : "s"}`;
}

/** What the publisher's own values say of it. */
export interface Told {
  readonly peers: number | undefined;
  readonly dropped: number | undefined;
  readonly lines: number;
}

/** Shows the figures. */
export function showFigures({ totals, publishers }: Feed, told: Told): void {
  const all = [...publishers.values()];
  const again = all.reduce((sum, { connections }) => sum + Math.max(0, connections - 1), 0);
  write("rate", totals.rate >= 10 ? formatNumber(Math.round(totals.rate)) : totals.rate.toFixed(1));
  write("messages", `${many(totals.messages, "message")} so far`);
  write("bytes", formatBytes(totals.byteRate));
  write(
    "values",
    totals.wrong > 0 ? many(totals.wrong, "wrong line") : `${many(told.lines, "line")} drawn`,
  );
  write("live", String(all.filter(({ state }) => state === "live").length));
  write("known", String(all.length));
  write("reconnects", again === 0 ? "no reconnects" : many(again, "reconnect"));
  write("peers", told.peers === undefined ? "–" : formatNumber(told.peers));
  write("drops", formatNumber(totals.dropped));
  const there = told.dropped;
  write("drops-there", there === undefined ? "none known there" : `${formatNumber(there)} there`);
}

/** Shows how we are connected, in one word. */
export function showStatus({ publishers }: Feed, isPaused: boolean): void {
  const all = [...publishers.values()];
  const live = all.filter(({ state }) => state === "live").length;
  const state = live > 0
    ? "live"
    : all.some(({ state }) => state === "lost")
    ? "lost"
    : "connecting";
  const retry = Math.min(...all.map(({ retryAt }) => retryAt));
  const seconds = Math.max(0, Math.ceil((retry - performance.now()) / 1000));
  const wait = seconds > 0 ? `next try in ${seconds} s` : "trying again";
  const text = state === "lost"
    ? `Publisher lost, ${wait}`
    : state === "connecting"
    ? all.length === 0 ? "Nobody to listen to" : "Connecting"
    : live < all.length
    ? `Live, ${live} of ${all.length}`
    : isPaused
    ? "Live, charts paused"
    : "Live";
  byId("status").dataset["state"] = state;
  document.body.dataset["state"] = state;
  write("status-text", text);
}

const STATES = { connecting: "Connecting", live: "Live", lost: "Lost" };

/** Shows a row for each publisher; rows keep their elements, and so the focus. */
export function showPublishers(feed: Feed): void {
  const body = byId("publishers");
  for (const row of [...body.children] as HTMLElement[]) {
    if (!feed.publishers.has(row.dataset["address"]!)) row.remove();
  }
  for (const publisher of feed.publishers.values()) {
    const row = ([...body.children] as HTMLElement[])
      .find((one) => one.dataset["address"] === publisher.address) ??
      addRow(body, publisher.address, () => feed.remove(publisher.address));
    fill(row, publisher);
  }
}

function addRow(body: HTMLElement, address: string, remove: () => void): HTMLElement {
  const row = document.createElement("tr");
  row.dataset["address"] = address;
  const name = document.createElement("th");
  name.scope = "row";
  name.textContent = address;
  const state = document.createElement("td");
  state.append(document.createElement("span"));
  state.firstElementChild!.className = "state";
  const [messages, rate, last] = ["td", "td", "td"].map((tag) => document.createElement(tag));
  messages!.className = rate!.className = "number";
  const button = document.createElement("button");
  button.type = "button";
  button.className = "remove";
  button.textContent = "×";
  button.ariaLabel = `Remove ${address}`;
  button.onclick = remove;
  last!.append(button);
  row.append(name, state, messages!, rate!, last!);
  body.append(row);
  return row;
}

function fill(row: HTMLElement, { state, reason, messages, rate }: Publisher): void {
  const [, second, third, fourth] = row.children as HTMLCollectionOf<HTMLElement>;
  const shown = second!.firstElementChild as HTMLElement;
  shown.dataset["state"] = state;
  shown.textContent = STATES[state];
  second!.title = reason;
  third!.textContent = formatNumber(messages);
  fourth!.textContent = `${rate.toFixed(1)}/s`;
}

/** Adds a line to the log, on top. */
export function log(text: string, kind: string): void {
  const item = document.createElement("li");
  const time = document.createElement("time");
  time.textContent = new Date().toTimeString().slice(0, 8);
  const what = document.createElement("span");
  what.textContent = text;
  item.dataset["kind"] = kind;
  item.append(time, what);
  const list = byId("log");
  list.prepend(item);
  while (list.childElementCount > LOG_LENGTH) list.lastElementChild!.remove();
}

// Instead of patterns/in_flight.ts: of the few requests of a page, a Map may leave something behind.

/** Requests in flight, by id. */
export class InFlight<T extends { readonly id: number }> extends Map<number, T> {
  add(item: T): void {
    this.set(item.id, item);
  }

  take(id: number): T | undefined {
    const item = this.get(id);
    this.delete(id);
    return item;
  }

  toArray(): T[] {
    return [...this.values()];
  }
}

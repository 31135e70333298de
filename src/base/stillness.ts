/** For how many looks in a row a figure has been the same as at the look before; for none, where it is `NaN`. */
export class Stillness {
  #last = NaN;
  #looks = 0;

  /** Looks at the figure. */
  look(figure: number): number {
    this.#looks = figure === this.#last ? this.#looks + 1 : 0;
    this.#last = figure;
    return this.#looks;
  }
}

// How long the page stands still: tasks over 50 ms as the browser tells of them, and the gaps between its pictures.

export class Watch {
  readonly #observer: PerformanceObserver;
  readonly #began = performance.now();
  #longest = 0;
  #blocked = 0;
  #over = false;

  constructor() {
    this.#observer = new PerformanceObserver((list) => this.#note(list.getEntries()));
    this.#observer.observe({ type: "longtask" });
    let before = performance.now();
    const picture = (now: number): void => {
      // A picture is due every 16 ms; what is longer is the page's doing, or the machine's.
      this.#longest = Math.max(this.#longest, now - before - 1_000 / 60);
      before = now;
      if (!this.#over) requestAnimationFrame(picture);
    };
    requestAnimationFrame((now) => {
      before = now;
      requestAnimationFrame(picture);
    });
  }

  async end(): Promise<{ longest: number; blocked: number }> {
    await new Promise((resolve) => setTimeout(resolve, 100));
    this.#over = true;
    this.#note(this.#observer.takeRecords());
    this.#observer.disconnect();
    return { longest: this.#longest, blocked: this.#blocked };
  }

  #note(entries: readonly PerformanceEntry[]): void {
    for (const { duration, startTime } of entries) {
      if (startTime < this.#began) continue;
      this.#longest = Math.max(this.#longest, duration);
      this.#blocked += duration;
    }
  }
}
